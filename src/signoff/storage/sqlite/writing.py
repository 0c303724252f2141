"""The door's transaction: read the time, load, let the engine decide, write what it decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.engine.ports import Clock, Decide, Lookup
from signoff.storage.remembered import Remembered
from signoff.storage.sqlite.connection import row, write
from signoff.storage.sqlite.facts import add_records
from signoff.storage.sqlite.loading import load
from signoff.storage.sqlite.placing import placed
from signoff.storage.sqlite.values import moment
from signoff.storage.writes import WriteConflict, Writes, writes_of


def transact(
    connection: apsw.Connection,
    clock: Clock,
    remembered: Remembered,
    lookup: Lookup,
    decide: Decide,
) -> datetime:
    """Run one batch. The time never goes back behind what is written already."""
    now = _not_before(connection, clock.now())
    commit = decide(load(connection, remembered, lookup, now=now), now)
    _write(connection, writes_of(commit, now))
    return now


def _not_before(connection: apsw.Connection, now: datetime) -> datetime:
    last = cast(tuple[int | None], row(connection, "last_change"))[0]
    return now if last is None else max(now, moment(last))


def _write(connection: apsw.Connection, writes: Writes) -> None:
    write(connection, "insert_intents", writes.new_intents)
    write_all(connection, "update_intents", writes.intents)
    write(connection, "insert_events", placed(connection, writes.events))
    add_records(connection, writes.facts)
    write(connection, "insert_tasks", writes.new_tasks)
    write_all(connection, "update_tasks", writes.tasks)
    write(connection, "delete_audience", writes.asked_no_more)
    write(connection, "insert_audience", writes.asked)
    write(connection, "delete_timers", writes.disarmed)
    write(connection, "set_timers", writes.timers)
    write(connection, "insert_outbox", [(*item, item.created_at) for item in writes.outbox])
    write(connection, "insert_steps", writes.steps)
    write(connection, "insert_replays", writes.replays)
    write_all(connection, "spend_links", writes.spent)


def write_all(connection: apsw.Connection, query: str, records: Sequence[Sequence[object]]) -> None:
    """Run the named statement for all of the rows.

    :raises WriteConflict: it wrote fewer.
    """
    written = write(connection, query, records)
    if written != len(records):
        raise WriteConflict(
            f"{query} wrote {written} of {len(records)} rows: some were not as they were read"
        )
