"""What is read outside the door: one thing by its id, and pages by keyset.

A list that is narrowed by several states or tokens reads the head of one index range for each and
merges them, so that a page costs the same however long the list is.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.events import Event
from signoff.core.intent import Intent
from signoff.core.words import IntentId, IntentStatus, TaskId, TaskState, WorkspaceId
from signoff.engine.ports import FoundTask, IntentFilter, Page, Step, TaskFilter
from signoff.engine.records import (
    EventRecord,
    FoundRecord,
    IntentRecord,
    encode,
    read_event,
    read_found,
    read_intent,
    read_step,
    read_task,
)
from signoff.storage.sqlite.connection import row, rows
from signoff.storage.sqlite.loading import in_order
from signoff.storage.sqlite.values import LAST_ID, Value, micros, record

_STATUSES = tuple(status for status in IntentStatus if status is not IntentStatus.CREATED)


def intent(
    connection: apsw.Connection, workspace: WorkspaceId, intent_id: IntentId
) -> Intent | None:
    """One intent with its live tasks."""
    found = row(connection, "intent_by_id", workspace=workspace, id=intent_id)
    if found is None:
        return None
    documents = rows(connection, "live_tasks_of_intent", workspace=workspace, intent_id=intent_id)
    tasks = [read_task(document) for (document,) in cast(list[tuple[str]], documents)]
    return read_intent(record(IntentRecord, found), in_order({task.id: task for task in tasks}))


def task(connection: apsw.Connection, workspace: WorkspaceId, task_id: TaskId) -> FoundTask | None:
    """One task with what a reader wants of its intent."""
    found = row(connection, "task_by_id", workspace=workspace, id=task_id)
    return None if found is None else read_found(record(FoundRecord, found))


def intents(
    connection: apsw.Connection, workspace: WorkspaceId, where: IntentFilter, page: Page
) -> list[Intent]:
    """A page of intents, newest first, without their tasks."""
    ids = _newest(connection, _intent_ranges(where), workspace, page)
    found = rows(connection, "intents_by_ids", workspace=workspace, ids=encode(ids))
    return [read_intent(record(IntentRecord, row), {}) for row in found]


def tasks(
    connection: apsw.Connection, workspace: WorkspaceId, where: TaskFilter, page: Page
) -> list[FoundTask]:
    """A page of tasks, newest first."""
    ids = _newest(connection, _task_ranges(where), workspace, page)
    found = rows(connection, "tasks_by_ids", workspace=workspace, ids=encode(ids))
    return [read_found(record(FoundRecord, row)) for row in found]


def events(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    intent_id: IntentId,
    *,
    after: int,
    limit: int,
) -> list[Event]:
    """The events of one intent after a number, in order."""
    found = rows(
        connection,
        "page_events",
        workspace=workspace,
        intent_id=intent_id,
        after=after,
        limit=limit,
    )
    return [read_event(record(EventRecord, row)) for row in found]


def steps(connection: apsw.Connection, workspace: WorkspaceId, intent_id: IntentId) -> list[Step]:
    """The steps of one intent in the order in which they were recorded."""
    found = rows(connection, "steps_of_intent", workspace=workspace, intent_id=intent_id)
    recorded = [read_step(record(EventRecord, row)) for row in found]
    return sorted(recorded, key=lambda step: step.seq)


def changed_since(connection: apsw.Connection, since: datetime) -> frozenset[str]:
    """Ids of the intents that were written at or after a moment."""
    found = rows(connection, "changed_since", moment=micros(since))
    return frozenset(intent_id for (intent_id,) in cast(list[tuple[str]], found))


_Range = tuple[str, dict[str, Value]]
"""A query for ids, newest first, and what it is asked with: one stretch of one index."""


def _intent_ranges(where: IntentFilter) -> Iterator[_Range]:
    if not where.statuses and where.agent is None:
        yield "page_intents", {}
        return
    for status in dict.fromkeys(where.statuses or _STATUSES):
        if where.agent is None:
            yield "page_intents_by_status", {"status": status.value}
        else:
            yield "page_intents_by_agent", {"status": status.value, "agent": where.agent}


def _task_ranges(where: TaskFilter) -> Iterator[_Range]:
    if where.audience is not None:
        yield from _audience_ranges(where, where.audience)
    elif where.states or where.agent is not None or where.intent_id is not None:
        for state in dict.fromkeys(where.states or TaskState):
            yield _state_range(where, state)
    else:
        yield "page_tasks", {}


def _audience_ranges(where: TaskFilter, audience: Sequence[str]) -> Iterator[_Range]:
    states = encode(where.states) if where.states else None
    for token in dict.fromkeys(audience):
        asked: dict[str, Value] = {"token": token, "agent": where.agent, "states": states}
        yield "page_tasks_by_token", {**asked, "intent_id": where.intent_id}


def _state_range(where: TaskFilter, state: TaskState) -> _Range:
    if where.intent_id is not None:
        narrowed = {"intent_id": where.intent_id, "agent": where.agent}
        return "page_tasks_by_intent", {"state": state.value, **narrowed}
    if where.agent is not None:
        return "page_tasks_by_agent", {"state": state.value, "agent": where.agent}
    return "page_tasks_by_state", {"state": state.value}


def _newest(
    connection: apsw.Connection, ranges: Iterator[_Range], workspace: WorkspaceId, page: Page
) -> list[str]:
    """The newest ids of all ranges together, each once."""
    before = LAST_ID if page.before is None else page.before
    found: set[str] = set()
    for query, asked in ranges:
        heads = rows(
            connection, query, workspace=workspace, before=before, limit=page.limit, **asked
        )
        found.update(head for (head,) in cast(list[tuple[str]], heads))
    return heapq.nlargest(page.limit, found)
