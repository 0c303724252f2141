"""What one batch must know, read within its transaction: one statement per kind of thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, cast

import apsw

from signoff.core.intent import Intent
from signoff.core.task import Task
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.needs import needs_of, together
from signoff.engine.ports import Loaded, Lookup, Replay, Step
from signoff.engine.records import (
    EventRecord,
    IntentRecord,
    encode,
    read_intent,
    read_step,
    read_task,
)
from signoff.storage.directories import Directories
from signoff.storage.remembered import Remembered
from signoff.storage.sqlite.connection import Row, rows
from signoff.storage.sqlite.directories import gather
from signoff.storage.sqlite.links import links_of
from signoff.storage.sqlite.values import moment, record

_IntentKey = tuple[WorkspaceId, IntentId]
_TaskKey = tuple[WorkspaceId, TaskId]
_ViewKey = tuple[WorkspaceId, TaskId, PersonId]


def load(
    connection: apsw.Connection, remembered: Remembered, lookup: Lookup, *, now: datetime
) -> Loaded:
    """Read everything the lookup names, and what judging the tasks that were found takes."""
    parents = _parents(connection, lookup.tasks)
    wanted = lookup.intents | {(workspace, i) for (workspace, _), i in parents.items()}
    intents = _intents(connection, wanted, lookup.tasks)
    asked = lookup
    if lookup.tasks:
        asked = together(lookup, needs_of(intents.values(), lookup.tasks, now=now))
    directories = Directories(asked)
    gather(connection, remembered, directories, asked, since=now, until=now)
    return Loaded(
        intents=intents,
        parents=parents,
        directories=directories.built(),
        replays=_replays(connection, lookup.replays),
        steps=_steps(connection, lookup.steps),
        views=_views(connection, lookup.views),
        links=links_of(connection, lookup.links),
    )


def _parents(connection: apsw.Connection, keys: Collection[_TaskKey]) -> dict[_TaskKey, IntentId]:
    found = _found(connection, "load_parents", keys)
    return {(WorkspaceId(w), TaskId(t)): IntentId(i) for w, t, i in cast(list[_Words], found)}


class _Words(NamedTuple):
    workspace: str
    first: str
    second: str


def _intents(
    connection: apsw.Connection, keys: Collection[_IntentKey], named: Collection[_TaskKey]
) -> dict[_IntentKey, Intent]:
    heads = [record(IntentRecord, row) for row in _found(connection, "load_intents", keys)]
    if not heads:
        return {}
    there = [(head.workspace, head.id) for head in heads]
    tasks: dict[tuple[str, str], dict[TaskId, Task]] = {key: {} for key in there}
    live = _found(connection, "load_live_tasks", there)
    closed = _found(connection, "load_closed_tasks", named)
    for workspace, intent_id, document in cast(list[_Words], [*live, *closed]):
        task = read_task(document)
        tasks[workspace, intent_id][task.id] = task
    return {
        (WorkspaceId(head.workspace), IntentId(head.id)): read_intent(
            head, in_order(tasks[head.workspace, head.id])
        )
        for head in heads
    }


def in_order(tasks: Mapping[TaskId, Task]) -> Mapping[TaskId, Task]:
    """The tasks in the order in which they were opened, which is that of their ids."""
    return tasks if len(tasks) < 2 else {task_id: tasks[task_id] for task_id in sorted(tasks)}


def _replays(
    connection: apsw.Connection, keys: Collection[tuple[WorkspaceId, str, str]]
) -> dict[tuple[WorkspaceId, str, str], Replay]:
    found: dict[tuple[WorkspaceId, str, str], Replay] = {}
    for row in _found(connection, "load_replays", keys):
        workspace, scope, key, fingerprint, intent_id, task_id = cast(
            tuple[str, str, str, str, str, str | None], row
        )
        found[WorkspaceId(workspace), scope, key] = Replay(
            workspace=WorkspaceId(workspace),
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            intent_id=IntentId(intent_id),
            task_id=TaskId(task_id) if task_id is not None else None,
        )
    return found


def _steps(
    connection: apsw.Connection, keys: Collection[tuple[WorkspaceId, IntentId, str]]
) -> dict[tuple[WorkspaceId, IntentId, str], Step]:
    found: dict[tuple[WorkspaceId, IntentId, str], Step] = {}
    for row in _found(connection, "load_steps", keys):
        event = record(EventRecord, row)
        step = read_step(event)
        found[WorkspaceId(event.workspace), step.intent_id, step.name] = step
    return found


def _views(connection: apsw.Connection, keys: Collection[_ViewKey]) -> dict[_ViewKey, datetime]:
    """The first sight of each, whatever form the task had then."""
    found: dict[_ViewKey, datetime] = {}
    for row in _found(connection, "load_views", keys):
        workspace, task_id, person_id, at = cast(tuple[str, str, str, int], row)
        key = WorkspaceId(workspace), TaskId(task_id), PersonId(person_id)
        found[key] = min(moment(at), found.get(key, moment(at)))
    return found


def _found(connection: apsw.Connection, query: str, keys: Iterable[tuple[str, ...]]) -> list[Row]:
    """What the query finds of these keys; there is nothing to ask where there are none."""
    refs = sorted(keys)
    return rows(connection, query, refs=encode(refs)) if refs else []
