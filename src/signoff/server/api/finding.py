"""Finding what a path names, for whoever asks: there and theirs to see, or the one 404.

Which intent a task belongs to and which agent an intent belongs to never change, so both are
remembered: checking that an agent touches only its own work costs no query most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from signoff.core.events import Event
from signoff.core.intent import Intent
from signoff.core.routing import Person
from signoff.core.task import Task
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.history import history as read_history
from signoff.engine.ports import FoundTask, KeyKind, Page, Store, TaskFilter
from signoff.errors import Forbidden
from signoff.server import ids
from signoff.server.api.operation import Call
from signoff.server.auth import Caller
from signoff.server.visibility import asks_now, may_see, owns, reads_all

HISTORY_PAGES = 20
REMEMBER_AT_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Where a thing belongs, for good."""

    workspace: WorkspaceId
    intent_id: IntentId
    agent: str


class Owners:
    """Remembers where intents and tasks belong; forgets the oldest first."""

    def __init__(self) -> None:
        self._known: dict[str, Owner] = {}

    def get(self, workspace: WorkspaceId, thing: str) -> Owner | None:
        owner = self._known.get(thing)
        return owner if owner is not None and owner.workspace == workspace else None

    def note(self, thing: str, owner: Owner) -> None:
        if len(self._known) >= REMEMBER_AT_MOST:
            del self._known[next(iter(self._known))]
        self._known[thing] = owner

    def note_intent(self, intent: Intent) -> Owner:
        owner = Owner(workspace=intent.workspace, intent_id=intent.id, agent=intent.agent)
        self.note(intent.id, owner)
        return owner

    def note_task(self, found: FoundTask) -> Owner:
        owner = Owner(workspace=found.workspace, intent_id=found.task.intent_id, agent=found.agent)
        self.note(found.task.id, owner)
        return owner


# Reading


async def intent(call: Call[Any, Any]) -> Intent:
    """The intent the path names, with its live tasks.

    :raises NotFound: there is none, or this caller may not see it.
    """
    intent_id = ids.intent_id(call.path["intent_id"])
    caller = call.caller
    found = await call.services.store.intent(caller.workspace, intent_id)
    if found is None or not await _may_read_intent(call.services.store, caller, found):
        raise ids.no_such("intent")
    call.around.owners.note_intent(found)
    return found


async def task(call: Call[Any, Any]) -> FoundTask:
    """The task the path names.

    :raises NotFound: there is none, or this caller may not see it.
    """
    task_id = ids.task_id(call.path["task_id"])
    found = await call.services.store.task(call.caller.workspace, task_id)
    if found is None or not await _may_read_task(call.services.store, call.caller, found):
        raise ids.no_such("task")
    call.around.owners.note_task(found)
    return found


def require_reader(caller: Caller, found: Intent) -> None:
    """Refuse a person the whole history of an intent, of which they were only asked a part.

    :raises Forbidden: they hold no reading role.
    """
    if not (reads_all(caller) or owns(caller, found.agent)):
        raise Forbidden("reading a run's history needs the role administrator or operator")


async def visible_tasks(call: Call[Any, Any], found: Intent) -> list[Task]:
    """The live tasks of an intent that this caller may see."""
    caller = call.caller
    if reads_all(caller) or owns(caller, found.agent) or caller.person is None:
        return list(found.live_tasks)
    past = await _history(call.services.store, caller.workspace, found.id)
    return [
        each for each in found.live_tasks if may_see(found_task(found, each), past, caller.person)
    ]


async def history(call: Call[Any, Any], found: FoundTask) -> Sequence[Event]:
    """The events of a task's intent, once it is sure that this caller may see the task."""
    return await _history(call.services.store, found.workspace, found.task.intent_id)


async def _may_read_task(store: Store, caller: Caller, found: FoundTask) -> bool:
    if reads_all(caller) or owns(caller, found.agent):
        return True
    if caller.person is None:
        return False
    if asks_now(found.task, caller.person):
        return True
    past = await _history(store, caller.workspace, found.task.intent_id)
    return may_see(found, past, caller.person)


async def _may_read_intent(store: Store, caller: Caller, found: Intent) -> bool:
    """A person may read the intent of any task that they may see."""
    if reads_all(caller) or owns(caller, found.agent):
        return True
    if caller.person is None:
        return False
    return await _sees_a_task_of(store, caller.person, found)


async def _sees_a_task_of(store: Store, person: Person, found: Intent) -> bool:
    if any(asks_now(each, person) for each in found.live_tasks):
        return True
    past = await _history(store, found.workspace, found.id)
    where, page = TaskFilter(intent_id=found.id), Page(limit=200)
    tasks = await store.tasks(found.workspace, where, page)
    return any(may_see(each, past, person) for each in tasks)


async def _history(store: Store, workspace: WorkspaceId, intent_id: IntentId) -> Sequence[Event]:
    """The intent's events, which hold who answered and who was asked before."""
    return await read_history(store, workspace, intent_id, pages=HISTORY_PAGES)


def found_task(parent: Intent, task: Task) -> FoundTask:
    """A task of an intent that is at hand, as the store would have found it."""
    return FoundTask(
        workspace=parent.workspace,
        agent=parent.agent,
        on_behalf_of=parent.on_behalf_of,
        intent_title=parent.title,
        intent_status=parent.status,
        task=task,
    )


# Writing: only whether an agent's key touches its own work; the door knows all the rest


async def own_intent(call: Call[Any, Any]) -> IntentId:
    """The id the path names, once it is sure that an agent's key may touch that intent.

    :raises NotFound: there is none, or it belongs to another agent.
    """
    intent_id = ids.intent_id(call.path["intent_id"])
    caller = call.caller
    if caller.kind is not KeyKind.AGENT:
        return intent_id
    owner = call.around.owners.get(caller.workspace, intent_id)
    if owner is None:
        found = await call.services.store.intent(caller.workspace, intent_id)
        owner = call.around.owners.note_intent(found) if found else None
    if owner is None or not owns(caller, owner.agent):
        raise ids.no_such("intent")
    return intent_id


async def own_task(call: Call[Any, Any]) -> TaskId:
    """The id the path names, once it is sure that an agent's key may touch that task."""
    task_id = ids.task_id(call.path["task_id"])
    if call.caller.kind is KeyKind.AGENT:
        owner = await owner_of_task(call, task_id)
        if owner is None or not owns(call.caller, owner.agent):
            raise ids.no_such("task")
    return task_id


async def owner_of_task(call: Call[Any, Any], task_id: TaskId) -> Owner | None:
    owner = call.around.owners.get(call.caller.workspace, task_id)
    if owner is None:
        found = await call.services.store.task(call.caller.workspace, task_id)
        owner = call.around.owners.note_task(found) if found else None
    return owner
