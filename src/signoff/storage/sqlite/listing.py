"""Lists of live tasks, by when they are due, by risk or by age.

Each is the head of one index range for every token, and for every risk where that is sorted by,
merged.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import cast

import apsw

from signoff.core.words import WorkspaceId
from signoff.engine.listing import Order, Place, QueueFilter
from signoff.engine.ports import FoundTask
from signoff.engine.records import RISKS, FoundRecord, encode, read_found
from signoff.storage.sqlite.connection import row, rows
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import LAST_ID, Value, micros, record

_Found = tuple[int, int, str]
"""A task's place: its risk, when it is due, its id."""

_BEFORE_ALL = -(2**62)


class ListHalf(Threaded):
    """The part of the store that lists live tasks for those they ask."""

    async def queue(
        self,
        workspace: WorkspaceId,
        where: QueueFilter,
        *,
        order: Order,
        limit: int,
        after: Place | None = None,
    ) -> list[FoundTask]:
        return await self._readers.run(
            _queue, workspace, where, order=order, limit=limit, after=after
        )

    async def queue_size(self, workspace: WorkspaceId, where: QueueFilter, *, most: int) -> int:
        return await self._readers.run(_size, workspace, where, most=most)


def _queue(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    where: QueueFilter,
    *,
    order: Order,
    limit: int,
    after: Place | None,
) -> list[FoundTask]:
    asked: dict[str, Value] = {"workspace": workspace, "limit": limit, **_narrowed(where)}
    match order:
        case Order.NEWEST:
            places = _by_id(connection, where, asked, after)
            chosen = heapq.nlargest(limit, places, key=lambda place: place[2])
        case Order.DUE:
            every = _by_due(connection, where, asked, after, alike=True)
            chosen = heapq.nsmallest(limit, {*every}, key=lambda place: place[1:])
        case Order.RISK:
            every = _by_due(connection, where, asked, after, alike=False)
            places = {*every}
            chosen = heapq.nsmallest(limit, places, key=lambda place: (-place[0], *place[1:]))
    ids = encode([task_id for _, _, task_id in chosen])
    found = rows(connection, "tasks_by_ids", workspace=workspace, ids=ids)
    return [read_found(record(FoundRecord, row)) for row in found]


def _by_id(
    connection: apsw.Connection, where: QueueFilter, asked: dict[str, Value], after: Place | None
) -> set[_Found]:
    before = LAST_ID if after is None else after.id
    risks = encode([RISKS.index(each) for each in where.risks]) if where.risks else None
    found: set[_Found] = set()
    for token in dict.fromkeys(where.tokens):
        heads = rows(connection, "queue_by_id", token=token, id=before, risks=risks, **asked)
        found.update(cast(list[_Found], heads))
    return found


def _by_due(
    connection: apsw.Connection,
    where: QueueFilter,
    asked: dict[str, Value],
    after: Place | None,
    *,
    alike: bool,
) -> Iterator[_Found]:
    """The heads of every range; ``alike``: risks are not told apart, all begin at one moment."""
    begins = None if after is None else (RISKS.index(after.risk), micros(after.due_at), after.id)
    for risk in {RISKS.index(each) for each in where.risks or RISKS}:
        start = (_BEFORE_ALL, "")
        if begins is not None and (alike or risk == begins[0]):
            start = begins[1:]
        elif begins is not None and risk > begins[0]:
            continue
        for token in dict.fromkeys(where.tokens):
            at: dict[str, Value] = {"token": token, "risk": risk}
            at |= {"due_at": start[0], "id": start[1]}
            yield from cast(list[_Found], rows(connection, "queue_by_due", **at, **asked))


def _size(
    connection: apsw.Connection, workspace: WorkspaceId, where: QueueFilter, *, most: int
) -> int:
    risks = encode([RISKS.index(each) for each in where.risks]) if where.risks else None
    found = row(
        connection,
        "queue_size",
        workspace=workspace,
        tokens=encode(where.tokens),
        risks=risks,
        most=most,
        **_narrowed(where),
    )
    return cast(tuple[int], found)[0]


def _narrowed(where: QueueFilter) -> dict[str, Value]:
    return {
        "due_before": None if where.due_before is None else micros(where.due_before),
        "types": encode(where.types) if where.types else None,
        "agent": where.agent,
        "words": encode(where.words) if where.words else None,
        "apart": where.apart,
    }
