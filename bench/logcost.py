"""What the log costs: submitting and answering with it and without, round about, in one run.

Two servers stand side by side on databases of their own, one of which keeps no log. They take
turns, so that whatever else the machine does meets both. The medians of the rounds are compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import workloads
from bench.served import Served, serving
from tests.processes import initialise

ROUNDS = 21
AT_ONCE = 64
WITH = ("bench.toggled",)
WITHOUT = (*WITH, "--without-log")


@dataclass(slots=True)
class Rates:
    """Per second, one for each round."""

    submit: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Cost:
    """The medians of both, and how much longer each takes with the log: 0.1 is a tenth more."""

    with_log: Rates = field(default_factory=Rates)
    without: Rates = field(default_factory=Rates)

    def more(self, what: str) -> float:
        """How much more time one takes with the log, by the median of the rounds' ratios."""
        pairs = zip(getattr(self.without, what), getattr(self.with_log, what), strict=True)
        return float(median(bare / logged for bare, logged in pairs)) - 1


async def compare(logged: Served, bare: Served, *, total: int) -> Cost:
    """Submit and answer so many times in each round, at both servers in turn."""
    cost = Cost()
    sides = [(logged, cost.with_log), (bare, cost.without)]
    for served, _ in sides:  # warm both
        await workloads.submit(served, at_once=AT_ONCE, total=total // 4)
    for number in range(ROUNDS):
        for served, rates in sides if number % 2 else reversed(sides):
            rates.submit.append(await workloads.submit(served, at_once=AT_ONCE, total=total))
            rate, _ = await workloads.answer(served, at_once=AT_ONCE, total=total // 2)
            rates.answer.append(rate)
    return cost


def measure(databases: tuple[str, str], folder: Path, *, total: int) -> Cost:
    """Serve both databases and compare them."""
    with _both(databases, folder) as (logged, bare):
        return asyncio.run(compare(logged, bare, total=total // 3))


@contextmanager
def _both(databases: tuple[str, str], folder: Path) -> Iterator[tuple[Served, Served]]:
    with ExitStack() as stack:
        served = []
        for database, module in zip(databases, (WITH, WITHOUT), strict=True):
            admin_key = initialise(database)
            one = stack.enter_context(serving(database, folder, module=module))
            one.enlist(admin_key)
            served.append(one)
        yield served[0], served[1]
