"""Ladders as tables: durations, schedules, and what one tick of the clock does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signoff.core.durations import elapsed, parse_elapsed
from signoff.core.ladder import Do, Firing, Rung, Schedule, tick
from signoff.core.moments import read_moment, rfc3339
from signoff.core.scheduling import closed, lay_out
from signoff.errors import InvalidTask
from tests.core.story import START

HOUR = timedelta(hours=1)


def rung(hours: float, do: str = "remind", every: float | None = None, **more: Any) -> Rung:
    repeat = None if every is None else elapsed(every * HOUR)
    return Rung(after=elapsed(hours * HOUR), do=Do(do), every=repeat, **more)


def after(firing: Firing) -> float:
    return (firing.at - START) / HOUR


def schedule(ladder: tuple[Rung, ...]) -> Schedule:
    return lay_out(ladder, opened_at=START)


def hours(ladder: tuple[Rung, ...]) -> list[tuple[float, int | None, int]]:
    return [(after(f), f.rung, f.nth) for f in schedule(ladder)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("250ms", 0.25),
        ("15m", 900),
        ("1.5h", 5400),
        ("24 h", 86400),
        (" 3d ", 259200),
        ("PT24H", 86400),
        ("P1DT2H3M4.5S", 93784.5),
        ("PT0.001S", 0.001),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_elapsed(text, field="f") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "h", "1", "1w", "-1h", "1h30m", "P", "PT", "P1M", "1e3s", "nans", "0s", "PT0S"),
        *("0.0000001s", "٣h", "3651d", "9" * 5000 + "d", "1h\n2h"),
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidTask) as refused:
        parse_elapsed(text, field="task.deadline")
    assert refused.value.errors[0].field == "task.deadline"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000000Z"),
        ("2026-03-01t09:00:00.5z", "2026-03-01T09:00:00.500000Z"),
        ("2026-03-01 10:00:00+01:00", "2026-03-01T09:00:00.000000Z"),
        ("2026-02-28T23:59:59.999999999-10:00", "2026-03-01T09:59:59.999999Z"),
    ],
)
def test_a_moment_is_read_into_utc(text: str, moment: str) -> None:
    found = read_moment(text)
    assert found is not None
    assert rfc3339(found) == moment


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-03-01T09:00:00",
            "2026-03-01",
            "09:00Z",
            "2026-13-01T09:00:00Z",
            "20260301T090000Z",
        ),
        *("0001-01-01T00:00:00+10:00", "2026-03-01T09:00:00+25:00", "2026-W09-1T09:00:00Z", "24h"),
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("ladder", "closes_after"),
    [
        ((), 72),
        ((rung(1),), 72),
        ((rung(60),), 84),
        ((rung(48, "escalate"), rung(1)), 72),
        ((rung(24, every=8, max=10),), 120),
        ((rung(24, every=8),), 72),
    ],
    ids=str,
)
def test_a_ladder_that_never_closes_is_closed(
    ladder: tuple[Rung, ...], closes_after: float
) -> None:
    last = closed(ladder, opened_at=START, calendars=(), zone="UTC")[-1]
    assert (last.do, last.after) == (Do.FAIL, elapsed(closes_after * HOUR))


def test_a_ladder_that_closes_stays_as_it_is() -> None:
    ladder = (rung(1, "fail"), rung(2))
    assert closed(ladder, opened_at=START, calendars=(), zone="UTC") == ladder


@pytest.mark.parametrize(
    ("ladder", "firings"),
    [
        ((rung(2, "fail"),), [(2, 0, 1)]),
        (
            (rung(24, every=8, max=3), rung(48, "escalate"), rung(72, "fail")),
            [(24, 0, 1), (32, 0, 2), (40, 0, 3), (48, 1, 1), (72, 2, 1)],
        ),
        ((rung(3, "escalate"), rung(1), rung(5, "fail")), [(1, 1, 1), (3, 0, 1), (5, 2, 1)]),
        ((rung(1, every=1), rung(4, "fail")), [(1, 0, 1), (2, 0, 2), (3, 0, 3), (4, 1, 1)]),
        ((rung(1), rung(5, "fail"), rung(2, "conclude"), rung(3)), [(1, 0, 1), (2, 2, 1)]),
        ((rung(2, "fail"), rung(2)), [(2, 0, 1)]),
    ],
    ids=str,
)
def test_a_schedule_lists_every_firing_in_order_and_ends_with_the_closing_one(
    ladder: tuple[Rung, ...], firings: list[tuple[float, int, int]]
) -> None:
    assert hours(ladder) == firings


def test_a_reminder_without_end_stops_at_a_hundred() -> None:
    ladder = (rung(1, every=0.001), rung(1000, "fail"))
    assert len(schedule(ladder)) == 101


LADDER = (rung(24, every=8, max=3), rung(48, "escalate"), rung(72, "fail"))


def busy(firing: Firing) -> str | None:
    return None


@pytest.mark.parametrize(
    ("behind", "at", "skipped", "fired"),
    [
        (0, 23.999, [], None),
        (0, 24, [], 24),
        (1, 24, [], None),
        (1, 32, [], 32),
        (0, 41, [24, 32], 40),
        (0, 48, [24, 32, 40], 48),
        (3, 71.9, [], 48),
        (4, 71.9, [], None),
        (0, 72, [24, 32, 40, 48], 72),
        (4, 9999, [], 72),
    ],
)
def test_a_tick_fires_the_weightiest_rung_that_is_due_and_skips_what_came_before(
    behind: int, at: float, skipped: list[float], fired: float | None
) -> None:
    found = tick(schedule(LADDER)[behind:], now=START + at * HOUR, idle=busy)
    if fired is None:
        assert found is None
        return
    assert found is not None
    assert [(after(firing), why) for firing, why in found.skipped] == [
        (hour, "a later rung was due too") for hour in skipped
    ]
    assert found.fire is not None
    assert after(found.fire) == fired


def test_a_firing_that_would_do_nothing_is_skipped_with_its_reason() -> None:
    def idle(firing: Firing) -> str | None:
        return "snoozed" if firing.do is Do.REMIND else None

    found = tick(schedule(LADDER), now=START + 41 * HOUR, idle=idle)
    assert found is not None
    assert [why for _, why in found.skipped] == ["snoozed"] * 3
    assert found.fire is None


def test_a_start_deadline_that_is_due_closes_before_what_comes_after_it() -> None:
    ladder = (
        rung(1, "escalate"),
        rung(2, "fail", unless_claimed=True),
        rung(3, "escalate"),
        rung(9, "fail"),
    )
    found = tick(schedule(ladder), now=START + 4 * HOUR, idle=busy)
    assert found is not None
    assert found.fire is not None
    assert after(found.fire) == 2
