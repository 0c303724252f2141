"""``make soak``: a server under load, killed and started again for as long as you like.

The clients keep their own books (see ``tests.promises.storm``); at the end of each round they are
compared with the server. Exits with 1 at the first contradiction.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.postgres import temporary_database
from tests.processes import Server
from tests.promises.simulation import simulate
from tests.promises.storm import differences, prepared

_KILLS_A_ROUND = 20


async def soak(store: str, minutes: float) -> list[str]:
    """Rounds of kills on one store until the time is up, or until something is contradicted."""
    ends = time.monotonic() + minutes * 60
    number = 0
    while time.monotonic() < ends:
        number += 1
        with tempfile.TemporaryDirectory(prefix="signoff-soak-") as name:
            async with _database(store, Path(name)) as database:
                submitted, found = await _round(database, Path(name))
        print(f"[{store}] round {number}: {submitted} tasks, {_KILLS_A_ROUND} kills", flush=True)
        if found:
            return found
    return []


async def _round(database: str, folder: Path) -> tuple[int, list[str]]:
    server = Server(database=database, log=folder / "server.log")
    storm = await prepared([server])
    try:
        async with storm.raging(submitters=6, deciders=6):
            for _ in range(_KILLS_A_ROUND):
                await asyncio.sleep(random.uniform(0.05, 2.0))  # noqa: S311
                server.kill()
                await asyncio.to_thread(server.start)
        return len(storm.books.submitted), await differences(storm)
    finally:
        await storm.close()
        server.stop()


@asynccontextmanager
async def _database(store: str, folder: Path) -> AsyncIterator[str]:
    if store == "sqlite":
        yield f"sqlite:///{folder / 'signoff.db'}"
        return
    async with temporary_database() as address:
        yield address


def _simulated(count: int, first: int) -> int:
    """Play so many stories; 1 where one of them broke a law."""
    report = simulate(count, first, report=print)
    print(f"{report.seeds} stories from seed {first} on: {len(report.failed)} failed", flush=True)
    return 1 if report.failed else 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for each store")
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument(
        "--simulate", type=int, metavar="N", help="instead: so many seeds of the simulation"
    )
    parser.add_argument("--seed", type=int, default=0, help="the first seed of a simulation")
    chosen = parser.parse_args()
    if chosen.simulate:
        sys.exit(_simulated(chosen.simulate, chosen.seed))
    for store in ("sqlite", "postgres") if chosen.store == "both" else (chosen.store,):
        found = asyncio.run(soak(store, chosen.minutes))
        for line in found:
            print(f"CONTRADICTED  {line}", file=sys.stderr)
        if found:
            sys.exit(1)


if __name__ == "__main__":
    main()
