"""What is refused before it comes to the door, and who reads a history: told to the log.

Only about what is there: that somebody asks for what does not exist is nothing for the log. The
answer to the caller is the same either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signoff.core.facts import Fact
from signoff.core.intent import Intent
from signoff.core.words import IntentId, TaskId
from signoff.engine.noting import Attempt, refusal
from signoff.errors import NotFound, SignoffError
from signoff.server import ids
from signoff.server.auth import Caller
from signoff.server.recording import history_read, reads_the_log

if TYPE_CHECKING:
    from signoff.server.api.operation import Call, Surroundings


async def refused(
    around: Surroundings,
    caller: Caller,
    path: Mapping[str, str],
    error: SignoffError,
    *,
    operation: str,
) -> None:
    """Tell of a request that was refused for who sent it, where its path names what is there.

    :param operation: its name in the table of routes, which is the command's but for the case.
    """
    named = await _named(around, caller, path)
    if named is None:
        return
    intent_id, task_id = named
    attempt = Attempt(
        workspace=caller.workspace,
        actor=caller.reader,
        command=operation[:1].upper() + operation[1:],
        channel="api",
        intent_id=intent_id,
        task_id=task_id,
    )
    fact = refusal(attempt, error, await around.services.store.now())
    if fact is not None:
        await _tell_once(around, fact)


async def reading(call: Call[Any, Any], found: Intent) -> None:
    """Tell that an auditor or administrator reads the history of an intent."""
    if reads_the_log(call.caller):
        now = await call.services.store.now()
        await _tell_once(call.around, history_read(call.caller, found, now))


async def _tell_once(around: Surroundings, fact: Fact) -> None:
    """Write a fact, unless this process has just done so: who asks in a loop costs no writes."""
    if fact.id not in around.told:
        await around.services.store.record([fact])
        around.told.add(fact.id)


async def _named(
    around: Surroundings, caller: Caller, path: Mapping[str, str]
) -> tuple[IntentId, TaskId | None] | None:
    """The intent, and the task, that a path names in the caller's workspace, if they exist."""
    try:
        if "task_id" in path:
            return await _task(around, caller, ids.task_id(path["task_id"]))
        if "intent_id" in path:
            return await _intent(around, caller, ids.intent_id(path["intent_id"]))
    except NotFound:  # it is not even shaped like an id
        pass
    return None


async def _task(
    around: Surroundings, caller: Caller, task_id: TaskId
) -> tuple[IntentId, TaskId] | None:
    owner = around.owners.get(caller.workspace, task_id)
    if owner is None:
        found = await around.services.store.task(caller.workspace, task_id)
        owner = around.owners.note_task(found) if found else None
    return (owner.intent_id, task_id) if owner else None


async def _intent(
    around: Surroundings, caller: Caller, intent_id: IntentId
) -> tuple[IntentId, None] | None:
    owner = around.owners.get(caller.workspace, intent_id)
    if owner is None:
        found = await around.services.store.intent(caller.workspace, intent_id)
        owner = around.owners.note_intent(found) if found else None
    return (owner.intent_id, None) if owner else None
