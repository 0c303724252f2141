"""Notices: rows that each belong to one sender at a time, by a lease, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from signoff.core.facts import Fact
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.notices import Notice, NoticeState
from signoff.storage.facts import fact_records
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import Database, Row
from signoff.storage.postgres.directories import columns
from signoff.storage.postgres.failures import translated


class Noticed:
    """The part of the store that knows who is told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def notices(self, workspace: WorkspaceId, task_id: TaskId) -> Sequence[Notice]:
        rows = await self._database.rows("notices_of_task", workspace, task_id)
        return [read_notice(row) for row in rows]

    async def claim_notices(
        self, channel: str, *, limit: int, lease_seconds: float
    ) -> Sequence[Notice]:
        lease, now = timedelta(seconds=lease_seconds), self._database.given_time()
        rows = await self._database.write("claim_notices", now, limit, lease, channel)
        return [read_notice(row) for row in rows]

    async def settle_notices(self, notices: Sequence[Notice], facts: Sequence[Fact] = ()) -> None:
        if not notices:
            return
        parts: dict[str, Sequence[object]] = {"record_notices": columns(notice_rows(notices))}
        if facts:
            parts["insert_facts"] = columns(fact_records(facts))
        with translated():
            async with self._database.connection() as connection:
                await bundle.write(connection, parts)

    async def notice_of(self, provider_id: str) -> Notice | None:
        row = await self._database.row("notice_of_provider", provider_id)
        return None if row is None else read_notice(row)


def notice_rows(notices: Sequence[Notice]) -> Sequence[Sequence[object]]:
    """The rows of notices, each id once: what is said last of one counts."""
    return [*{(notice.workspace, notice.id): _row(notice) for notice in notices}.values()]


def _row(notice: Notice) -> Sequence[object]:
    return (
        *(notice.workspace, notice.id, notice.intent_id, notice.task_id, notice.person_id),
        *(notice.channel, notice.reason, notice.state, notice.detail, notice.at),
        *(notice.due_at, notice.digest, notice.attempts, notice.provider_id, notice.address),
        notice.place,
    )


def read_notice(row: Row) -> Notice:
    workspace, notice_id, intent_id, task_id, person_id, channel, reason, state = row[:8]
    detail, at, due_at, digest, attempts, provider_id, address, place = row[8:]
    return Notice(
        workspace=WorkspaceId(workspace),
        id=notice_id,
        intent_id=IntentId(intent_id),
        task_id=TaskId(task_id),
        person_id=PersonId(person_id) if person_id else None,
        channel=channel,
        reason=reason,
        state=NoticeState(state),
        detail=detail,
        at=at,
        due_at=due_at,
        digest=digest,
        attempts=attempts,
        provider_id=provider_id,
        address=address,
        place=place,
    )
