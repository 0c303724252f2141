"""Ten thousand rungs due in one second, two servers racing: each fires once, none early."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from signoff.engine.timers import AT_ONCE
from tests.postgres import temporary_database
from tests.processes import Server, initialise
from tests.promises.rush import arm, now_of, out_of_place, reminders, until_quiet

RUNGS = 10_000


async def test_ten_thousand_rungs_due_in_one_second_fire_once_each_in_order(
    tmp_path: Path,
) -> None:
    async with temporary_database() as database:
        initialise(database)
        servers = [Server(database=database, log=tmp_path / f"{n}.log") for n in range(2)]
        due_at = await now_of(database) + timedelta(seconds=25)
        ids = await arm(database, RUNGS, due_at=due_at, within=timedelta(seconds=1))
        try:
            for server in servers:
                server.start()
            last = due_at + timedelta(seconds=1)
            await until_quiet(database, last, seconds=90)
            fired = await reminders(database, ids)
        finally:
            for server in servers:
                server.stop()

    assert Counter(each.intent_id for each in fired) == Counter(ids)
    assert min(each.late for each in fired) >= 0
    # Two servers each take the earliest that are left, so one may be as much ahead of the other.
    assert out_of_place(fired) <= 4 * AT_ONCE
