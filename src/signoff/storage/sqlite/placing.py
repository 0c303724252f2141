"""Places in the log, given with the rows: inside of a transaction nobody else writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

import apsw

from signoff.engine.records import EventRecord, FactRecord
from signoff.storage.sqlite.connection import Row, row, rows, run

_FIRST = -(2**62)
_PLACE = {"event": "place_event", "fact": "place_fact"}


def placed(connection: apsw.Connection, records: Sequence[EventRecord | FactRecord]) -> list[Row]:
    """Each record with its place, the next of its workspace's log; None where it has no leaf.

    Where the log is not open yet that is a number below nought, which keeps the order.
    """
    counts = Counter(record.workspace for record in records if record.leaf)
    places = {
        workspace: iter(_next(connection, workspace, count)) for workspace, count in counts.items()
    }
    return [
        (*record, next(places[record.workspace]) if record.leaf else None) for record in records
    ]


def place_waiting(connection: apsw.Connection, workspace: str) -> None:
    """Give what is older than the log, which was just opened, the first of its places."""
    waiting = rows(connection, "without_place", workspace=workspace)
    places = _next(connection, workspace, len(waiting))
    for (table, rowid), place in zip(cast(list[tuple[str, int]], waiting), places, strict=True):
        run(connection, _PLACE[table], rowid=rowid, place=place)


def _next(connection: apsw.Connection, workspace: str, count: int) -> range:
    taken = row(connection, "take_places", workspace=workspace, count=count)
    if taken is not None:
        (after,) = cast(tuple[int], taken)
        return range(after - count, after)
    found = row(connection, "last_without_place", workspace=workspace)
    (last,) = cast(tuple[int | None], found)
    first = _FIRST if last is None else last + 1
    return range(first, first + count)
