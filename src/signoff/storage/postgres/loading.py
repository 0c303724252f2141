"""What one batch must know, read under its locks.

The intents are locked first, always in the same order; everything else, and the time, is read in
one statement after that, so it is as new as the locks are. One more is sent where the tasks that
were found name people whom the commands did not, and where somebody is away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from signoff.core.intent import Intent
from signoff.core.task import Task
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.needs import needs_of
from signoff.engine.ports import Loaded, Lookup, Replay
from signoff.engine.records import (
    EventRecord,
    IntentRecord,
    read_intent,
    read_step,
    read_task,
)
from signoff.storage.directories import Directories
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import QUERIES, Connection, Row
from signoff.storage.postgres.directories import Wanted, columns, stand_ins
from signoff.storage.postgres.links import read_link
from signoff.storage.remembered import Remembered

_IntentKey = tuple[WorkspaceId, IntentId]


async def load(
    connection: Connection, remembered: Remembered, lookup: Lookup, *, clock: datetime | None
) -> tuple[Loaded, datetime]:
    """Lock and read what the lookup names, and read the server's time after that.

    Time never goes back behind what has happened to these intents, even where the clock does.

    :param clock: the time to take instead of the server's.
    """
    locked = [read_intent(row, {}) for row in await _lock(connection, lookup)]
    asked = _with_requesters(lookup, locked)
    directories, wanted = Directories(asked), Wanted(asked, remembered)
    found = await bundle.read(connection, {**_parts(lookup, locked), **wanted.parts()})
    wanted.add(found, directories)
    tasks = _tasks(found)
    intents = {
        (intent.workspace, intent.id): replace(
            intent, tasks=tasks.get((intent.workspace, intent.id), {})
        )
        for intent in locked
    }
    now = max([clock or found["now"], *(intent.updated_at for intent in locked)])
    needed = directories.missing(needs_of(intents.values(), lookup.tasks, now=now), asked)
    more = Wanted(needed, remembered)
    if parts := more.parts():
        directories.expect(needed)
        more.add(await bundle.read(connection, parts), directories)
    await stand_ins(connection, directories, since=now, until=now)
    return Loaded(
        intents=intents,
        parents={(row[0], row[1]): row[2] for row in found.get("load_parents", ())},
        directories=directories.built(),
        replays=_replays(found.get("load_replays", ())),
        steps={
            (WorkspaceId(event[0]), IntentId(event[1]), step.name): step
            for event in found.get("load_steps", ())
            for step in (read_step(EventRecord._make(event)),)
        },
        views=_views(found.get("load_views", ())),
        links={link.hash: link for link in map(read_link, found.get("load_links", ()))},
    ), now


async def _lock(connection: Connection, lookup: Lookup) -> Sequence[IntentRecord]:
    if not lookup.intents and not lookup.tasks:
        return ()
    rows = await connection.fetch(
        QUERIES["lock_intents"].sql, *_pairs(lookup.intents), *_pairs(lookup.tasks)
    )
    return [IntentRecord._make(row) for row in rows]


def _pairs(rows: Collection[tuple[str, str]]) -> Sequence[Sequence[str]]:
    return [[first for first, _ in rows], [second for _, second in rows]]


def _with_requesters(lookup: Lookup, locked: Collection[Intent]) -> Lookup:
    """The lookup, and what any command for a task takes: who requested it, and the settings."""
    if not lookup.tasks:
        return lookup
    requesters = ((each.workspace, who) for each in locked for who in each.requesters)
    return replace(
        lookup,
        people=lookup.people.union(requesters),
        settings=lookup.settings.union(workspace for workspace, _ in lookup.tasks),
    )


def _parts(lookup: Lookup, locked: Sequence[Intent]) -> bundle.Parameters:
    wanted: Mapping[str, Collection[tuple[str, ...]]] = {
        "load_parents": lookup.tasks,
        "load_live_tasks": [(row.workspace, row.id) for row in locked],
        "load_closed_tasks": lookup.tasks,
        "load_replays": lookup.replays,
        "load_steps": lookup.steps,
        "load_views": lookup.views,
        "load_links": [(link,) for link in lookup.links],
    }
    return {name: columns(rows) for name, rows in wanted.items() if rows}


def _tasks(found: Row) -> Mapping[_IntentKey, Mapping[TaskId, Task]]:
    tasks: dict[_IntentKey, dict[TaskId, Task]] = defaultdict(dict)
    for name in ("load_live_tasks", "load_closed_tasks"):
        for workspace, intent_id, task_id, document in found.get(name, ()):
            tasks[workspace, intent_id][task_id] = read_task(document)
    return tasks


def _replays(rows: Collection[Row]) -> Mapping[tuple[WorkspaceId, str, str], Replay]:
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


def _views(rows: Collection[Row]) -> Mapping[tuple[WorkspaceId, TaskId, PersonId], datetime]:
    """The first sight of each, whatever form the task had then."""
    first: dict[tuple[WorkspaceId, TaskId, PersonId], datetime] = {}
    for workspace, task_id, person_id, at in rows:
        key = WorkspaceId(workspace), TaskId(task_id), PersonId(person_id)
        first[key] = min(at, first.get(key, at))
    return first
