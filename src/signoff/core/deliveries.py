"""When other systems are told again, and which events they want. Pure.

The schedule is the one that the specification of Standard Webhooks recommends.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each attempt the next one is made."""

GIVEN_UP = timedelta(days=5)
"""An endpoint that has failed for so long, without one success, is disabled."""


def next_attempt(attempts: int, *, chance: float, asked: float | None = None) -> timedelta | None:
    """After how long it is tried again, or None where it is not.

    :param attempts: how often it has been tried.
    :param chance: in [0, 1): spreads attempts over a tenth of the wait, so that none come together.
    :param asked: seconds the endpoint asks to be left alone, which count where they are more.
    """
    if attempts > len(SCHEDULE):
        return None
    wait = SCHEDULE[max(attempts, 1) - 1] * (1 + chance / 10)
    return max(wait, timedelta(seconds=min(asked or 0.0, SCHEDULE[-1].total_seconds())))


def wanted(event_type: str, patterns: Collection[str]) -> bool:
    """Whether an endpoint that wants these patterns is told of events of this type."""
    return any(_fits(event_type, pattern) for pattern in patterns)


def unknown(patterns: Sequence[str], known: Collection[str]) -> list[str]:
    """The patterns that no event fits."""
    return [each for each in patterns if not any(_fits(name, each) for name in known)]


def _fits(event_type: str, pattern: str) -> bool:
    if pattern == "*":
        return True
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return event_type == pattern
