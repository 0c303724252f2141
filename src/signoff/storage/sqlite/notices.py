"""Notices: leased to one sender at a time, by the store's time, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import Clock
from signoff.engine.records import encode
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import maybe_moment, micros, moment


class NoticeHalf(Threaded):
    """The part of the store that knows who is told."""

    async def notices(self, workspace: WorkspaceId, task_id: TaskId) -> Sequence[Notice]:
        return await self._readers.run(_of_task, workspace, task_id)

    async def claim_notices(
        self, channel: str, *, limit: int, lease_seconds: float
    ) -> Sequence[Notice]:
        return await self._writer.run(
            _claim, self._clock, channel, limit=limit, lease_seconds=lease_seconds
        )

    async def settle_notices(self, notices: Sequence[Notice], facts: Sequence[Fact] = ()) -> None:
        if notices:
            await self._writer.run(_settle, notices, facts)

    async def notice_of(self, provider_id: str) -> Notice | None:
        return await self._readers.run(_of_provider, provider_id)


def record_notices(connection: apsw.Connection, notices: Sequence[Notice]) -> None:
    """Write notices as they are now; one that is there already is written anew."""
    if notices:
        write(connection, "record_notices", [_record(notice) for notice in notices])


def _of_task(connection: apsw.Connection, workspace: WorkspaceId, task_id: TaskId) -> list[Notice]:
    found = rows(connection, "notices_of_task", workspace=workspace, task_id=task_id)
    return [read_notice(each) for each in found]


def _of_provider(connection: apsw.Connection, provider_id: str) -> Notice | None:
    found = row(connection, "notice_of_provider", provider_id=provider_id)
    return None if found is None else read_notice(found)


def _claim(
    connection: apsw.Connection, clock: Clock, channel: str, *, limit: int, lease_seconds: float
) -> list[Notice]:
    now = clock.now()
    found = rows(connection, "due_notices", channel=channel, now=micros(now), limit=limit)
    if not found:
        return []
    until = micros(now + timedelta(seconds=lease_seconds))
    run(connection, "lease_notices", refs=encode([each[:2] for each in found]), until=until)
    due = [read_notice(each) for each in found]
    return [replace(notice, attempts=notice.attempts + 1) for notice in due]


def _settle(connection: apsw.Connection, notices: Sequence[Notice], facts: Sequence[Fact]) -> None:
    record_notices(connection, notices)
    add_facts(connection, facts)


def _record(notice: Notice) -> tuple[object, ...]:
    return (
        *(notice.workspace, notice.id, notice.intent_id, notice.task_id, notice.person_id),
        *(notice.channel, notice.reason, notice.state.value, notice.detail, notice.at),
        *(notice.due_at, notice.digest, notice.attempts, notice.provider_id, notice.address),
        notice.place,
    )


def read_notice(found: Row) -> Notice:
    workspace, notice_id, intent_id, task_id = cast(tuple[str, ...], found[:4])
    person_id, channel, reason, state = cast(tuple[str | None, str, str, str], found[4:8])
    detail, at, due_at, digest = cast(tuple[str | None, int, int | None, int], found[8:12])
    attempts, provider_id, address, place = cast(
        tuple[int, str | None, str | None, str | None], found[12:]
    )
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
        at=moment(at),
        due_at=maybe_moment(due_at),
        digest=bool(digest),
        attempts=attempts,
        provider_id=provider_id,
        address=address,
        place=place,
    )
