"""Timers and the outbox: rows that each belong to one caller at a time, by a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from signoff.core.commands import TimerKind
from signoff.core.facts import Fact
from signoff.core.words import IntentId, JSONObject, TaskId, WorkspaceId
from signoff.engine.notices import Notice
from signoff.engine.ports import (
    Depths,
    DueTimer,
    Lane,
    OutboxItem,
)
from signoff.engine.records import decode_json
from signoff.storage.facts import MAX_UNLOGGED, fact_records
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import Database, Row
from signoff.storage.postgres.directories import columns
from signoff.storage.postgres.failures import translated
from signoff.storage.postgres.notices import notice_rows


class Queues:
    """The part of the store that the background loops use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next_timer(self) -> datetime | None:
        row = await self._database.row("next_timer", self._database.given_time())
        due_at: datetime | None = row[0] if row else None
        return due_at

    async def claim_timers(self, *, limit: int, lease_seconds: float) -> Sequence[DueTimer]:
        lease = timedelta(seconds=lease_seconds)
        now = self._database.given_time()
        rows = await self._database.write("claim_timers", now, limit, lease)
        return [_timer(row) for row in rows]

    async def overdue_timers(self, until: datetime) -> int:
        (row,) = await self._database.rows("overdue_timers", until)
        found: int = row[0]
        return found

    async def claim_outbox(
        self, lane: Lane, *, limit: int, lease_seconds: float
    ) -> Sequence[OutboxItem]:
        lease = timedelta(seconds=lease_seconds)
        now = self._database.given_time()
        rows = await self._database.write("claim_outbox", now, limit, lease, lane)
        return [_item(row) for row in rows]

    async def settle_outbox(
        self,
        done: Sequence[str],
        notices: Sequence[Notice],
        *,
        retry_at: Mapping[str, datetime],
        facts: Sequence[Fact] = (),
    ) -> None:
        """All of it in one statement, so all of it or nothing."""
        told = notice_rows(notices)
        parts: dict[str, Sequence[object]] = {}
        if done:
            parts["delete_outbox"] = [[int(each) for each in done]]
        if retry_at:
            parts["retry_outbox"] = [[int(each) for each in retry_at], [*retry_at.values()]]
        if told:
            parts["record_notices"] = columns(told)
        if not parts:
            return
        if facts:
            parts["insert_facts"] = columns(fact_records(facts))
        with translated():
            async with self._database.connection() as connection:
                await bundle.write(connection, parts)

    async def picked_up(
        self, workspace: WorkspaceId, task_ids: Sequence[TaskId], facts: Sequence[Fact] = ()
    ) -> None:
        """One round trip, whatever there is to tell: an agent waits for it."""
        told = columns(fact_records(facts)) if facts else ((),) * _FACT_COLUMNS
        await self._database.write("pick_up", workspace, task_ids, *told)

    async def depths(self) -> Depths:
        row = await self._database.row("depths", self._database.given_time(), MAX_UNLOGGED)
        return Depths(**row) if row else Depths()


_FACT_COLUMNS = 10


def _timer(row: Row) -> DueTimer:
    workspace, intent_id, task_id, kind, due_at = row
    return DueTimer(
        workspace=WorkspaceId(workspace),
        intent_id=IntentId(intent_id),
        task_id=TaskId(task_id) if task_id else None,
        kind=TimerKind(kind),
        due_at=due_at,
    )


def _item(row: Row) -> OutboxItem:
    number, workspace, lane, intent_id, task_id, body, attempts, created_at = row
    return OutboxItem(
        id=str(number),
        workspace=WorkspaceId(workspace),
        lane=Lane(lane),
        intent_id=IntentId(intent_id),
        task_id=TaskId(task_id),
        body=cast(JSONObject, decode_json(body)),
        attempts=attempts,
        created_at=created_at,
    )
