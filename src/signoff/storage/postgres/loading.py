"""What one batch must know, read under its locks.

The intents are locked first, always in the same order; everything else, and the time, is read in
one statement after that, so it is as new as the locks are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from signoff.core.intent import Intent
from signoff.core.routing import Directory, Person
from signoff.core.task import Task
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.ports import Loaded, Lookup, Replay
from signoff.engine.records import (
    EventRecord,
    IntentRecord,
    PersonRecord,
    read_intent,
    read_person,
    read_step,
    read_task,
)
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import QUERIES, Connection, Row

_IntentKey = tuple[WorkspaceId, IntentId]


async def load(
    connection: Connection, lookup: Lookup, *, clock: datetime | None
) -> tuple[Loaded, datetime]:
    """Lock and read what the lookup names, and read the server's time after that.

    Time never goes back behind what has happened to these intents, even where the clock does.

    :param clock: the time to take instead of the server's.
    """
    locked = await _lock(connection, lookup)
    found = await bundle.read(connection, _parts(lookup, locked))
    tasks = _tasks(found)
    intents = {
        (WorkspaceId(row.workspace), IntentId(row.id)): _intent(row, tasks) for row in locked
    }
    now = max([clock or found["now"], *(row.updated_at for row in locked)])
    return Loaded(
        intents=intents,
        parents={(row[0], row[1]): row[2] for row in found.get("load_parents", ())},
        directories=_directories(found.get("load_people", ())),
        replays=_replays(found.get("load_replays", ())),
        steps={
            (WorkspaceId(event[0]), IntentId(event[1]), step.name): step
            for event in found.get("load_steps", ())
            for step in (read_step(EventRecord._make(event)),)
        },
    ), now


async def _lock(connection: Connection, lookup: Lookup) -> Sequence[IntentRecord]:
    if not lookup.intents and not lookup.tasks:
        return ()
    rows = await connection.fetch(
        QUERIES["lock_intents"].sql, *columns(lookup.intents, 2), *columns(lookup.tasks, 2)
    )
    return [IntentRecord._make(row) for row in rows]


def _parts(lookup: Lookup, locked: Sequence[IntentRecord]) -> bundle.Parameters:
    wanted: Mapping[str, tuple[Iterable[tuple[str, ...]], int]] = {
        "load_parents": (lookup.tasks, 2),
        "load_live_tasks": ([(row.workspace, row.id) for row in locked], 2),
        "load_closed_tasks": (lookup.tasks, 2),
        "load_people": (lookup.people, 2),
        "load_replays": (lookup.replays, 3),
        "load_steps": (lookup.steps, 3),
    }
    return {name: columns(rows, width) for name, (rows, width) in wanted.items() if rows}


def columns(rows: Iterable[Sequence[object]], width: int) -> Sequence[Sequence[object]]:
    """Rows as columns, which is how they are sent: one array for each."""
    return list(zip(*rows, strict=True)) or [()] * width


def _tasks(found: Row) -> Mapping[_IntentKey, Mapping[TaskId, Task]]:
    tasks: dict[_IntentKey, dict[TaskId, Task]] = defaultdict(dict)
    for name in ("load_live_tasks", "load_closed_tasks"):
        for workspace, intent_id, task_id, document in found.get(name, ()):
            tasks[workspace, intent_id][task_id] = read_task(document)
    return tasks


def _intent(row: IntentRecord, tasks: Mapping[_IntentKey, Mapping[TaskId, Task]]) -> Intent:
    return read_intent(row, tasks.get((WorkspaceId(row.workspace), IntentId(row.id)), {}))


def _directories(rows: Iterable[Row]) -> Mapping[WorkspaceId, Directory]:
    directories: dict[WorkspaceId, dict[str, Person]] = defaultdict(dict)
    for row in rows:
        known = read_person(PersonRecord._make(row))
        people = directories[known.workspace]
        people[known.person.id] = people[known.person.email] = known.person
    return {workspace: Directory(people=people) for workspace, people in directories.items()}


def _replays(rows: Iterable[Row]) -> Mapping[tuple[WorkspaceId, str, str], Replay]:
    return {
        (workspace, scope, key): Replay(
            workspace=workspace,
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            intent_id=intent_id,
            task_id=task_id,
        )
        for workspace, scope, key, fingerprint, intent_id, task_id in rows
    }
