"""Whatever agents, people, outages and clocks do, the laws of time hold after every step.

A seed is a story that is the same every time; a failure names it, its last steps, and how to repeat
it. ``make soak ARGS="--simulate N"`` plays as many as asked.
"""

from __future__ import annotations

import os

import pytest

from tests.promises.simulation import simulate

SEEDS = 300
_TOGETHER = 30

_HAPPENS_ALL_THE_TIME = frozenset(
    {
        "task.advanced",
        "task.answered",
        "task.concluded",
        "task.escalated",
        "task.expired",
        "task.recovered",
        "task.reminded",
        "task.rung_skipped",
    }
)


def chosen() -> list[tuple[int, int]]:
    """From which seed on, and how many: all of them, or the one that ``SIGNOFF_SEED`` names."""
    if (seed := os.environ.get("SIGNOFF_SEED")) is not None:
        return [(int(seed), 1)]
    return [(first, _TOGETHER) for first in range(0, SEEDS, _TOGETHER)]


@pytest.mark.parametrize(("base_seed", "seeds"), chosen())
def test_the_laws_of_time_hold_in_every_story(base_seed: int, seeds: int) -> None:
    told: list[str] = []

    report = simulate(seeds, base_seed, report=told.append)

    assert report.seeds == seeds
    assert not report.failed, "\n\n".join(told)
    if seeds == _TOGETHER:
        assert set(report.seen) >= _HAPPENS_ALL_THE_TIME
