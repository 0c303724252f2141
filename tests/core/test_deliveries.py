"""When other systems are told again, and which events they want."""

from __future__ import annotations

from datetime import timedelta

from signoff.core.deliveries import SCHEDULE, next_attempt, unknown, wanted


def test_the_schedule_is_the_recommended_one_and_then_it_is_over() -> None:
    waits = [next_attempt(n, chance=0) for n in range(1, len(SCHEDULE) + 2)]
    assert waits == [*SCHEDULE, None]
    assert SCHEDULE[0] == timedelta(seconds=5)
    assert sum(SCHEDULE, timedelta()) > timedelta(days=3)


def test_attempts_are_spread_over_a_tenth_of_the_wait() -> None:
    assert next_attempt(2, chance=0.999) == SCHEDULE[1] * (1 + 0.0999)


def test_an_endpoint_that_asks_for_longer_is_left_alone_for_so_long_but_not_for_ever() -> None:
    assert next_attempt(1, chance=0, asked=90.0) == timedelta(seconds=90)
    assert next_attempt(3, chance=0, asked=1.0) == SCHEDULE[2]
    assert next_attempt(1, chance=0, asked=1e12) == SCHEDULE[-1]


def test_events_are_wanted_by_name_by_family_or_all() -> None:
    assert wanted("task.concluded", ["task.concluded"])
    assert wanted("task.concluded", ["intent.*", "task.*"])
    assert wanted("task.concluded", ["*"])
    assert not wanted("task.concluded", ["task.opened", "tasks.*", "intent.*"])
    assert unknown(
        ["task.*", "*", "task.concluded", "task.nonsense", "x.*"], ["task.concluded"]
    ) == [
        "task.nonsense",
        "x.*",
    ]
