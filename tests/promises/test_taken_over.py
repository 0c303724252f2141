"""A server stops in the middle of firing, another takes over, the first wakes: none fires twice."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import asyncpg

from tests.postgres import temporary_database
from tests.processes import Server, initialise
from tests.promises.rush import arm, now_of, reminders, until_quiet

RUNGS = 3_000
LEASE_SECONDS = 2
FROZEN_SECONDS = float(os.environ.get("SIGNOFF_TEST_FROZEN_SECONDS", "6"))


async def test_a_server_that_sleeps_on_claimed_rungs_fires_none_of_them_again(
    tmp_path: Path,
) -> None:
    async with temporary_database() as database:
        initialise(database)
        settings = {"SIGNOFF_LEASE_SECONDS": str(LEASE_SECONDS)}
        first, second = (
            Server(database=database, log=tmp_path / f"{n}.log", settings=settings)
            for n in range(2)
        )
        due_at = await now_of(database) + timedelta(seconds=12)
        ids = await arm(database, RUNGS, due_at=due_at, within=timedelta(milliseconds=1))
        try:
            first.start()
            await _freeze_on_claimed_rungs(first, database)
            asleep = time.monotonic()
            second.start()
            await until_quiet(database, due_at, seconds=FROZEN_SECONDS + 90)
            await asyncio.sleep(max(0.0, FROZEN_SECONDS - (time.monotonic() - asleep)))
            first.thaw()
            await asyncio.sleep(2 * LEASE_SECONDS)
            fired = await reminders(database, ids)
        finally:
            first.thaw()
            first.stop()
            second.stop()

    assert Counter(each.intent_id for each in fired) == Counter(ids)
    assert min(each.late for each in fired) >= 0


async def _freeze_on_claimed_rungs(server: Server, database: str) -> None:
    """Freeze it at a moment at which it has claimed rungs and not fired them yet."""
    connection = await asyncpg.connect(database)
    try:
        give_up = time.monotonic() + 60
        while True:
            claimed = "select count(*) from timer where leased_until > clock_timestamp()"
            if await connection.fetchval(claimed):
                server.freeze()
                if await connection.fetchval(claimed):
                    return
                server.thaw()
            assert time.monotonic() < give_up, "no rung was ever seen claimed"
    finally:
        await connection.close()
