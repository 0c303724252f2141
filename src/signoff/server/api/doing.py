"""From a request about one task to a command, through the one door, and back to the task."""

from __future__ import annotations

from typing import Any

from signoff.core.commands import Command
from signoff.core.task import Task
from signoff.core.words import TaskId
from signoff.engine.execute import Done
from signoff.engine.ports import KeyKind
from signoff.server import documents as d
from signoff.server import ids, rendering
from signoff.server.api import finding
from signoff.server.api.operation import Call, Reply
from signoff.server.visibility import reads_whole


async def execute(call: Call[Any, Any], command: Command) -> Done:
    return await call.services.door.execute(
        call.caller.workspace, command, idempotency=call.idempotency()
    )


async def done_before(call: Call[Any, Any]) -> Done | None:
    """What this request came to where it had been sent before; it is not done now."""
    idempotency = call.idempotency()
    if idempotency is None:
        return None
    return await call.services.door.repeated(call.caller.workspace, idempotency)


async def seen_task(call: Call[Any, Any]) -> TaskId:
    """The id the path names, for what anybody may do who can see that task.

    :raises NotFound: there is none, or this caller may not see it.
    """
    if call.caller.kind is KeyKind.PERSON:
        return (await finding.task(call)).task.id
    return await finding.own_task(call)


def task_of(done: Done) -> Task:
    if done.task is None:
        raise ids.no_such("task")
    return done.task


def one_task(done: Done) -> Reply:
    """The task as it is right after."""
    shown = rendering.task_of(done.intent, task_of(done))
    return Reply(document=d.OneTask(task=shown), replayed=done.replayed)


def task_and_intent(call: Call[Any, Any], done: Done, *, created: bool = False) -> Reply:
    """The task and what became of its intent."""
    shown = rendering.task_of(done.intent, task_of(done))
    whole = reads_whole(call.caller, done.intent.agent)
    document = d.TaskAndIntent(task=shown, intent=rendering.intent(done.intent, whole=whole))
    return Reply(document=document, created=created, replayed=done.replayed)
