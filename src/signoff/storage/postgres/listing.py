"""Lists of live tasks, by when they are due, by risk or by age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from signoff.core.words import WorkspaceId
from signoff.engine.listing import Order, Place, QueueFilter
from signoff.engine.ports import FoundTask
from signoff.engine.records import RISKS, FoundRecord, read_found
from signoff.storage.postgres.database import Database
from signoff.storage.postgres.reading import LAST

_BEFORE_ALL = (datetime(1, 1, 2, tzinfo=UTC), "")


class Lists:
    """The part of the store that lists live tasks for those they ask."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(
        self,
        workspace: WorkspaceId,
        where: QueueFilter,
        *,
        order: Order,
        limit: int,
        after: Place | None = None,
    ) -> Sequence[FoundTask]:
        narrowed = _narrowed(where)
        if order is Order.NEWEST:
            before = LAST if after is None else after.id
            found = await self._database.rows(
                "queue_by_id", workspace, limit, *narrowed, _risks(where), before
            )
        else:
            starts = _starts(where, order, after)
            found = await self._database.rows(
                "queue_by_due", workspace, limit, *narrowed, *starts, order is Order.RISK
            )
        return [read_found(FoundRecord._make(row)) for row in found]

    async def queue_size(self, workspace: WorkspaceId, where: QueueFilter, *, most: int) -> int:
        found = await self._database.row(
            "queue_size", workspace, most, *_narrowed(where), _risks(where)
        )
        size: int = found[0] if found else 0
        return size


def _narrowed(where: QueueFilter) -> list[object]:
    return [
        list(dict.fromkeys(where.tokens)),
        list(where.types) or None,
        where.agent,
        list(where.words) or None,
        where.apart,
        where.due_before,
    ]


def _risks(where: QueueFilter) -> list[int] | None:
    return [RISKS.index(each) for each in where.risks] or None


def _starts(where: QueueFilter, order: Order, after: Place | None) -> tuple[list[object], ...]:
    """Where each range begins: its risk, a moment and an id, as columns."""
    starts: dict[int, tuple[datetime, str]] = {}
    for risk in where.risks or RISKS:
        start = _BEFORE_ALL
        if after is not None and (order is Order.DUE or risk is after.risk):
            start = (after.due_at, after.id)
        elif after is not None and RISKS.index(risk) > RISKS.index(after.risk):
            continue
        starts[RISKS.index(risk)] = start
    moments, ids = [at for at, _ in starts.values()], [each for _, each in starts.values()]
    return list(starts), moments, ids  # type: ignore[return-value]
