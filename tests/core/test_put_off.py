"""What is put off never comes sooner than was promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from signoff.core.calendar import Calendar, Shift
from signoff.core.durations import parse_duration
from signoff.core.ladder import Do, Firing, Rung
from signoff.core.scheduling import put_off

NINE_TO_FIVE = (Shift(start=9 * 60, end=17 * 60),)
OFFICE = Calendar(name="office", zone="UTC", hours=(NINE_TO_FIVE,) * 5 + ((), ()))


def test_an_opening_is_not_taken_for_the_closing_before_it() -> None:
    """Both are the same amount of working time away; a night without a server changes neither."""
    fails = Rung(after=parse_duration("1 business day", field="after"), do=Do.FAIL)
    opening = datetime(2026, 3, 4, 9, tzinfo=UTC)
    night = datetime(2026, 3, 3, 1, tzinfo=UTC)

    later = put_off(
        [Firing(at=opening, do=Do.FAIL, rung=0)],
        [fails],
        since=night,
        until=night + timedelta(hours=3),
        calendars=(OFFICE,),
    )

    assert later == (Firing(at=opening, do=Do.FAIL, rung=0),)
