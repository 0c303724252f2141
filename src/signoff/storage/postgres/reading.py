"""What is read outside of the door: one intent, one task, and keyset pages of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signoff.core.events import Event
from signoff.core.intent import Intent
from signoff.core.words import IntentId, IntentStatus, TaskId, TaskState, WorkspaceId
from signoff.engine.ports import FoundTask, IntentFilter, Page, Step, TaskFilter
from signoff.engine.records import (
    EventRecord,
    FoundRecord,
    IntentRecord,
    read_event,
    read_found,
    read_intent,
    read_step,
    read_task,
)
from signoff.storage.postgres.database import Database

LAST = "\U0010ffff"
"""Sorts behind every id, so that the first page is like the others."""


class Reading:
    """The half of the store that only looks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def intent(self, workspace: WorkspaceId, intent_id: IntentId) -> Intent | None:
        row = await self._database.row("intent_by_id", workspace, intent_id)
        if row is None:
            return None
        *columns, documents = row
        tasks = [read_task(document) for document in documents]
        return read_intent(IntentRecord._make(columns), {task.id: task for task in tasks})

    async def task(self, workspace: WorkspaceId, task_id: TaskId) -> FoundTask | None:
        row = await self._database.row("task_by_id", workspace, task_id)
        return read_found(FoundRecord._make(row)) if row else None

    async def intents(
        self, workspace: WorkspaceId, where: IntentFilter, page: Page
    ) -> Sequence[Intent]:
        query, *more = "page_intents", *()
        if where.agent is not None:
            query, *more = "page_intents_by_agent", where.statuses or [*IntentStatus], where.agent
        elif where.statuses:
            query, *more = "page_intents_by_status", where.statuses
        rows = await self._database.rows(query, *_keyset(workspace, page), *more)
        return [read_intent(IntentRecord._make(row), {}) for row in rows]

    async def tasks(
        self, workspace: WorkspaceId, where: TaskFilter, page: Page
    ) -> Sequence[FoundTask]:
        query, more = _narrowed(where)
        rows = await self._database.rows(query, *_keyset(workspace, page), *more)
        return [read_found(FoundRecord._make(row)) for row in rows]

    async def events(
        self, workspace: WorkspaceId, intent_id: IntentId, *, after: int, limit: int
    ) -> Sequence[Event]:
        rows = await self._database.rows("page_events", workspace, intent_id, after, limit)
        return [read_event(EventRecord._make(row)) for row in rows]

    async def steps(self, workspace: WorkspaceId, intent_id: IntentId) -> Sequence[Step]:
        rows = await self._database.rows("steps_of_intent", workspace, intent_id)
        return [read_step(EventRecord._make(row)) for row in rows]

    async def changed_since(self, moment: datetime) -> tuple[frozenset[str], datetime]:
        """Ids of intents updated since, and the time from before they were looked for."""
        now = await self._database.now()
        rows = await self._database.rows("changed_since", moment)
        return frozenset(row[0] for row in rows), now


def _keyset(workspace: WorkspaceId, page: Page) -> tuple[str, str, int]:
    return workspace, LAST if page.before is None else page.before, page.limit


def _narrowed(where: TaskFilter) -> tuple[str, Sequence[object]]:
    """The query for a filter, by its most selective part, and what that query takes besides."""
    states = where.states or [*TaskState]
    if where.audience is not None:
        return "page_tasks_by_token", [states, where.audience, where.agent, where.intent_id]
    if where.intent_id is not None:
        return "page_tasks_by_intent", [states, where.intent_id, where.agent]
    if where.agent is not None:
        return "page_tasks_by_agent", [states, where.agent]
    if where.states:
        return "page_tasks_by_state", [states]
    return "page_tasks", []
