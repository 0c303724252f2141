"""Timers and the outbox: leased to one caller at a time, by the store's time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import cast

import apsw

from signoff.core.commands import TimerKind
from signoff.core.facts import Fact
from signoff.core.words import IntentId, JSONObject, TaskId, WorkspaceId
from signoff.engine.notices import Notice
from signoff.engine.ports import (
    Clock,
    Depths,
    DueTimer,
    Lane,
    OutboxItem,
)
from signoff.engine.records import decode_json, encode
from signoff.storage.facts import MAX_UNLOGGED
from signoff.storage.sqlite.connection import Row, row, rows, run
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.notices import record_notices
from signoff.storage.sqlite.values import maybe_moment, micros, moment


def next_timer(connection: apsw.Connection, clock: Clock) -> datetime | None:
    """When the earliest timer that nobody has leased is due."""
    found = cast(tuple[int | None, ...], row(connection, "next_timer", now=micros(clock.now())))
    return min((moment(due_at) for due_at in found if due_at is not None), default=None)


def claim_timers(
    connection: apsw.Connection, clock: Clock, *, limit: int, lease_seconds: float
) -> list[DueTimer]:
    """Lease timers that are due, earliest first."""
    now = clock.now()
    due = rows(connection, "due_timers", now=micros(now), limit=limit)
    lapsed = rows(connection, "lapsed_timers", now=micros(now), limit=limit)
    if lapsed:
        due = sorted([*due, *lapsed], key=itemgetter(4))[:limit]
    if due:
        until = micros(now + timedelta(seconds=lease_seconds))
        run(connection, "lease_timers", refs=encode([key[:4] for key in due]), until=until)
    return [_due_timer(row) for row in due]


def overdue_timers(connection: apsw.Connection, until: datetime) -> int:
    """How many timers due by then are still there, leased ones too."""
    (found,) = cast(tuple[int], row(connection, "overdue_timers", until=micros(until)))
    return found


def claim_outbox(
    connection: apsw.Connection, clock: Clock, lane: Lane, *, limit: int, lease_seconds: float
) -> list[OutboxItem]:
    """Lease items of a lane that are due, oldest first, and count the attempt."""
    now = clock.now()
    due = rows(connection, "due_outbox", lane=lane.value, now=micros(now), limit=limit)
    if due:
        until = micros(now + timedelta(seconds=lease_seconds))
        run(connection, "lease_outbox", ids=encode([row[0] for row in due]), until=until)
    return [_outbox_item(row) for row in due]


def settle_outbox(
    connection: apsw.Connection,
    done: Sequence[str],
    notices: Sequence[Notice],
    *,
    retry_at: Mapping[str, datetime],
    facts: Sequence[Fact],
) -> None:
    """Drop, record and put off, all at once."""
    if notices:
        record_notices(connection, notices)
    if done:
        run(connection, "delete_outbox", ids=encode([int(item) for item in done]))
    if retry_at:
        items = [(int(item), micros(at)) for item, at in retry_at.items()]
        run(connection, "retry_outbox", items=encode(items))
    if notices or done or retry_at:
        add_facts(connection, facts)


def picked_up(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    task_ids: Sequence[TaskId],
    facts: Sequence[Fact],
) -> None:
    """Drop what would tell agents about these tasks."""
    if run(connection, "delete_resumes", workspace=workspace, ids=encode(task_ids)):
        add_facts(connection, facts)


def depths(connection: apsw.Connection, clock: Clock) -> Depths:
    """How much is open or queued by now."""
    found = row(connection, "depths", now=micros(clock.now()), most=MAX_UNLOGGED)
    live, notices_due, resumes_due, oldest, overdue, unlogged, oldest_unlogged = cast(
        tuple[int, int, int, int | None, int, int, int | None], found
    )
    return Depths(
        live_tasks=live,
        notices_due=notices_due,
        resumes_due=resumes_due,
        oldest_resume=maybe_moment(oldest),
        overdue_timers=overdue,
        unlogged=unlogged,
        oldest_unlogged=maybe_moment(oldest_unlogged),
    )


def _due_timer(row: Row) -> DueTimer:
    workspace, intent_id, task_id, kind, due_at = cast(tuple[str, str, str, str, int], row)
    return DueTimer(
        workspace=WorkspaceId(workspace),
        intent_id=IntentId(intent_id),
        task_id=TaskId(task_id) if task_id else None,
        kind=TimerKind(kind),
        due_at=moment(due_at),
    )


def _outbox_item(row: Row) -> OutboxItem:
    item, workspace, lane, intent_id, task_id, body, attempts, created_at = cast(
        tuple[int, str, str, str, str, str, int, int], row
    )
    return OutboxItem(
        id=str(item),
        workspace=WorkspaceId(workspace),
        lane=Lane(lane),
        intent_id=IntentId(intent_id),
        task_id=TaskId(task_id),
        body=cast(JSONObject, decode_json(body)),
        attempts=attempts + 1,
        created_at=moment(created_at),
    )
