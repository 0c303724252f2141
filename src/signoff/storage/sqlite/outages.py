"""When servers were alive and when none was, and what the database is for."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import apsw

from signoff.engine.ports import Clock, DatabaseUse, RecordedOutage
from signoff.storage.dedication import require_same
from signoff.storage.sqlite.connection import row, run
from signoff.storage.sqlite.values import micros, moment


def beat(
    connection: apsw.Connection, clock: Clock, *, threshold_seconds: float
) -> RecordedOutage | None:
    """Say that a server is alive, record the outage before it, return the oldest outage left."""
    now = clock.now()
    last = row(connection, "last_beat")
    run(connection, "beat", now=micros(now))
    if last is not None:
        before = moment(cast(int, last[0]))
        if now - before > timedelta(seconds=threshold_seconds):
            run(connection, "record_outage", start=micros(before), end=micros(now))
    found = row(connection, "outage_to_recover")
    if found is None:
        return None
    outage_id, start, end = cast(tuple[int, int, int], found)
    return RecordedOutage(id=outage_id, start=moment(start), end=moment(end))


def finish_outage(connection: apsw.Connection, clock: Clock, outage_id: int) -> None:
    """Nothing is left to do about an outage; saying so twice is saying it once."""
    run(connection, "finish_outage", id=outage_id, now=micros(clock.now()))


def dedicate(connection: apsw.Connection, use: DatabaseUse) -> None:
    """Say what the database is for.

    :raises Broken: it is for the other use.
    """
    run(connection, "dedicate", use=use.value)
    (found,) = cast(tuple[str], row(connection, "dedicated"))
    require_same(DatabaseUse(found), use)
