"""Acknowledged means present after any crash; decided means that the agent is told.

The server is killed again and again in the middle of its load, with real processes and real disks.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.postgres import temporary_database
from tests.processes import Server
from tests.promises.storm import differences, prepared

KILLS = 30


@pytest.mark.slow
async def test_a_server_killed_thirty_times_in_mid_load_loses_and_doubles_nothing(
    database: str, tmp_path: Path
) -> None:
    server = Server(database=database, log=tmp_path / "server.log")
    storm = await prepared([server])
    try:
        async with storm.raging(submitters=6, deciders=6):
            for _ in range(KILLS):
                await asyncio.sleep(random.uniform(0.05, 0.4))
                server.kill()
                await asyncio.to_thread(server.start)
                await storm.more_submitted(10)
        assert await differences(storm) == []
    finally:
        await storm.close()
        server.stop()


@pytest.mark.slow
async def test_two_replicas_killed_in_turn_lose_and_double_nothing(tmp_path: Path) -> None:
    async with temporary_database() as database:
        replicas = [Server(database=database, log=tmp_path / f"{name}.log") for name in "ab"]
        storm = await prepared(replicas)
        try:
            async with storm.raging(submitters=6, deciders=6):
                for number in range(10):
                    await asyncio.sleep(random.uniform(0.05, 0.4))
                    replicas[number % 2].kill()
                    await asyncio.to_thread(replicas[number % 2].start)
                    await storm.more_submitted(10)
            assert await differences(storm) == []
        finally:
            await storm.close()
            for replica in replicas:
                replica.stop()
