"""``make bench``: measure everything on both stores, print the table, write ``build/bench.json``.

Machines differ and are shared: trust the ratios to the limits of the same run, not the absolutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import inbox, limits, logcost, verify, waiting, workloads
from bench.figures import Figure, percentile
from bench.rungs import Rungs, compare, rush
from bench.served import Served, serving
from signoff.storage.connect import sqlite_path
from signoff.storage.migrate import migrate
from tests.postgres import Server, start_server
from tests.processes import initialise

CONCURRENCIES = (1, 16, 64)
_TABLE_WIDTH = 120
REPORT = Path("build/bench.json")

Empty = Callable[[], str]
"""Makes an empty, migrated database and returns its address."""


class Bench:
    """One run on one store. ``scale`` shrinks every count, for a quick look."""

    def __init__(self, store: str, database: str, empty: Empty, folder: Path, scale: float) -> None:
        self.store = store
        self.database = database
        self.empty = empty
        self.folder = folder
        self.scale = scale
        self.figures: list[Figure] = []

    def run(self) -> None:
        admin_key = initialise(self.database)
        with serving(self.database, self.folder) as served:
            served.enlist(admin_key)
            self._add("start-up, empty", served.ready_after * 1000, "ms")
            asyncio.run(self._served(served))
        waiting_intents = self._count(100_000)
        self._say(f"filling with {waiting_intents} waiting intents")
        asyncio.run(waiting.fill(self.database, waiting_intents))
        with serving(self.database, self.folder) as served:
            name = f"start-up, {waiting_intents} waiting"
            self._add(name, served.ready_after * 1000, "ms", goal="within 1000")
            self._add(f"memory, {waiting_intents} waiting", served.memory / 2**20, "MiB")

    def run_rungs(self) -> None:
        """What a rung costs with few and with many tasks waiting, and how late it fires."""
        asyncio.run(self._rungs())

    def run_inbox(self) -> None:
        """What the pages of the inbox cost with many open tasks."""
        database, open_tasks = self.empty(), self._count(10_000)
        admin_key = initialise(database)
        self._say(f"filling with {open_tasks} open tasks")
        asyncio.run(waiting.fill(database, open_tasks))
        with serving(database, self.folder) as served:
            served.enlist(admin_key)
            costs = inbox.measure(served, admin_key, times=self._count(200))
        limit = costs.pop(inbox.NOTHING).p95
        for page, cost in costs.items():
            most = 50 if page == "task page" else 100
            name = f"inbox, {open_tasks} open: {page}, first byte p95"
            self._add(name, cost.p95, "ms", limit=limit, goal=f"<= {most}")
            sent = (cost.size + cost.files) / 1000
            self._add(f"inbox: {page}, transferred", sent, "kB", goal="< 100")

    def run_log(self) -> None:
        """What submitting and answering cost more with the log than without."""
        self._say("with the log and without, in turn")
        total = self._count(2000)
        cost = logcost.measure((self.empty(), self.empty()), self.folder, total=total)
        for what in ("submit", "answer"):
            rate, bare = (median(getattr(rates, what)) for rates in (cost.with_log, cost.without))
            self._add(f"{what} with the log (limit: without)", rate, "/s", limit=bare)
            more, goal = cost.more(what) * 100, "<= 15"
            self._add(f"{what}, what the log adds", more, "%", goal=goal)

    def run_verify(self) -> None:
        """What it costs to verify a log, and a receipt. No store has a part in it: once will do."""
        if self.store != "sqlite":
            return
        entries = self._count(1_000_000)
        self._say(f"verifying a bundle of {entries} entries")
        run = verify.bundle(self.folder, entries)
        self._add(f"verify a bundle, {entries} entries", run.seconds, "s", goal="<= 30")
        self._add("the same, on a processor", run.processor, "s")
        self._add("the same, memory at most", run.memory / 1e6, "MB", goal="<= 300")
        one, bare = verify.receipt(self.folder)
        name = "verify a receipt (limit: a bare interpreter)"
        self._add(name, one.seconds * 1000, "ms", limit=bare.seconds * 1000, goal="< 150")
        processor = one.processor * 1000
        self._add("the same, on a processor", processor, "ms", limit=bare.processor * 1000)

    async def _rungs(self) -> None:
        crowd, each = self._count(1_000_000), 1000
        few = Rungs(await asyncio.to_thread(self.empty), 1000)
        many = Rungs(await asyncio.to_thread(self.empty), crowd)
        self._say(f"filling with {crowd} waiting tasks")
        await few.fill()
        await many.fill()
        base, cost = await compare(few, many, each)
        for what in ("arm", "claim", "fire"):
            name = f"{what} a rung, {crowd} waiting (limit: 1000)"
            value, limit = getattr(cost, what), getattr(base, what)
            self._add(name, value, "us", limit=limit, goal="ratio <= 150 %")
        late = await many.lateness(200, seconds=20)
        self._add(f"lateness p99, idle, {crowd} waiting", late, "ms", goal="<= 1000")
        if self.store == "postgres":
            at_once = self._count(10_000)
            empty = await asyncio.to_thread(self.empty)
            late, places = await rush(empty, self.folder, at_once)
            self._add(f"lateness p99, {at_once} due in a second, 2 servers", late, "ms")
            self._add("the same, worst place out of turn", places, "places")

    async def _served(self, served: Served) -> None:
        await self._wake(served)
        await self._herd(served)
        for at_once in CONCURRENCIES:
            self._say(f"submit at {at_once}")
            total = self._count(1000 if at_once == 1 else 8000)
            rate = await workloads.submit(served, at_once=at_once, total=total)
            raw = await self._raw(at_once)
            goal = ">= 30 % of the limit" if at_once == 64 else ""
            self._add(f"submit, {at_once} at once", rate, "/s", limit=raw, goal=goal)
        for at_once in CONCURRENCIES:
            self._say(f"answer at {at_once}")
            total = self._count(500 if at_once == 1 else 4000)
            rate, _ = await workloads.answer(served, at_once=at_once, total=total)
            self._add(f"answer, {at_once} at once", rate, "/s")

    async def _herd(self, served: Served) -> None:
        self._say("a herd of 1000 answers")
        seconds, whole = await workloads.herd(served, answers=1000, clients=64)
        self._add("herd of 1000 answers, slowest", max(seconds) * 1000, "ms", goal="< 1000")
        self._add("herd of 1000 answers, all", whole * 1000, "ms", goal="< 1000")

    async def _wake(self, served: Served) -> None:
        self._say("1000 waiters")
        seconds, bytes_each, idle = await workloads.wake(
            served, waiters=1000, decisions=self._count(600), per_second=100
        )
        self._add("decision to resume, p50", percentile(seconds, 0.5), "ms", goal="<= 5")
        self._add("decision to resume, p99", percentile(seconds, 0.99), "ms", goal="<= 25")
        self._add("memory per waiting client", bytes_each / 1024, "KiB", goal="<= 30")
        self._add("idle CPU, 1000 waiters", idle * 100, "%", goal="~ 0")

    async def _raw(self, at_once: int) -> float:
        empty = await asyncio.to_thread(self.empty)
        if self.store == "sqlite":
            full, bare = sqlite_path(self.database), sqlite_path(empty)
            return await asyncio.to_thread(limits.sqlite, full, bare, at_once)
        return await limits.postgres(self.database, empty, at_once)

    def _count(self, full: int) -> int:
        return max(50, int(full * self.scale))

    def _add(
        self, name: str, value: float, unit: str, *, limit: float | None = None, goal: str = ""
    ) -> None:
        figure = Figure(name=name, store=self.store, value=value, unit=unit, limit=limit, goal=goal)
        self.figures.append(figure)
        self._say(f"  {name}: {value:.1f} {unit}")

    def _say(self, text: str) -> None:
        print(f"[{self.store}] {text}", file=sys.stderr, flush=True)


def main() -> None:
    chosen = _arguments()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="signoff-bench-") as name:
        folder = Path(name)
        syncs = limits.syncs(folder)
        figures.append(Figure(name="4 kB append + fdatasync", store="disk", value=syncs, unit="/s"))
        for store in ("sqlite", "postgres") if chosen.store == "both" else (chosen.store,):
            with _databases(store, folder) as empty:
                bench = Bench(store, empty(), empty, folder, chosen.scale)
                parts = {
                    "server": bench.run,
                    "rungs": bench.run_rungs,
                    "log": bench.run_log,
                    "verify": bench.run_verify,
                    "inbox": bench.run_inbox,
                }
                for part, run in parts.items():
                    if chosen.only in (None, part):
                        run()
                figures += bench.figures
    _write(figures)
    _print(figures)


@contextmanager
def _databases(store: str, folder: Path) -> Iterator[Empty]:
    """What makes empty databases of this store, for as long as the block lasts."""
    if store == "sqlite":
        numbers = count(1)

        def file() -> str:
            address = f"sqlite:///{folder / f'bench{next(numbers)}.db'}"
            asyncio.run(migrate(address))
            return address

        yield file
        return
    server: Server = start_server()
    try:
        yield lambda: asyncio.run(server.fresh_database())
    finally:
        server.remove()


def _write(figures: list[Figure]) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "figures": [figure.as_json() for figure in figures],
    }
    REPORT.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _print(figures: list[Figure]) -> None:
    table = Table("store", "measured", "value", "", "limit here", "ratio", "goal", box=SIMPLE_HEAD)
    for column in (2, 4, 5):
        table.columns[column].justify = "right"
    for figure in figures:
        table.add_row(
            figure.store,
            figure.name,
            f"{figure.value:,.1f}",
            figure.unit,
            f"{figure.limit:,.0f}" if figure.limit else "",
            f"{figure.ratio:.0%}" if figure.ratio else "",
            figure.goal,
        )
    console = Console()
    console.width = max(console.width, _TABLE_WIDTH)
    console.print(table)
    console.print(f"written to {REPORT}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 is a quick look")
    parser.add_argument(
        "--only", choices=["server", "rungs", "log", "verify", "inbox"], help="one part alone"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
