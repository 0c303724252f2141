"""Why time did not count: days off, holidays by name, single days, and the hours themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from signoff.core.calendar import (
    DAY,
    Calendar,
    Calendars,
    Hours,
    holiday,
    hours_of,
    micros,
    spans_of,
    wall,
)
from signoff.core.hours import WEEKDAYS, write_day, write_week

_ONE_DAY = timedelta(days=1)
_NAMED = 4
_HOLIDAYS = 10


def reasons(start: datetime, end: datetime, calendars: Calendars) -> tuple[str, ...]:
    """Say in words why less time counted between two moments than has passed.

    Each calendar speaks for itself; where there are several, each says which it is.
    """
    found: dict[str, None] = {}
    for calendar in calendars:
        whose = f" in {_name(calendar)}" if len(calendars) > 1 else ""
        for reason in _of_one(start, end, calendar):
            found[f"{reason}{whose}"] = None
    return tuple(found)


def _of_one(start: datetime, end: datetime, calendar: Calendar) -> Iterator[str]:
    first, last = wall(micros(start), calendar.zone)[0], wall(micros(end), calendar.zone)[0]
    days = [first + count * _ONE_DAY for count in range((last - first).days + 1)]
    off = [day for day in days if _is_off(calendar, day)]
    if off:
        yield _days_off(off)
    named = [(day, name) for day in days if (name := _holiday(calendar, day)) is not None]
    for day, name in named[:_HOLIDAYS]:
        yield f"{_said(day)} is {name} ({calendar.holidays})"
    if len(named) > _HOLIDAYS:
        yield f"{len(named) - _HOLIDAYS} more holidays until {_said(named[-1][0])}"
    for day in days:
        if (own := calendar.days.get(day.isoformat())) is not None:
            yield f"{_said(day)} is {_own_hours(own)}"
    if _outside_hours(start, end, calendar, (first, last)):
        yield f"hours are {write_week(calendar.hours)} ({calendar.zone})"


def _is_off(calendar: Calendar, day: date) -> bool:
    return not calendar.hours[day.weekday()] and day.isoformat() not in calendar.days


def _holiday(calendar: Calendar, day: date) -> str | None:
    """The holiday that keeps a day closed which would be open otherwise."""
    if _is_off(calendar, day) or day.isoformat() in calendar.days:
        return None
    return holiday(calendar, day)


def _own_hours(own: Hours) -> str:
    return f"open {write_day(own)} only" if own else "closed"


def _outside_hours(
    start: datetime, end: datetime, calendar: Calendar, days: tuple[date, date]
) -> bool:
    """Whether some of the time lies on a working day, but outside its hours."""
    if days[1] > days[0]:
        worked = [hours for day in days if (hours := hours_of(calendar, day))]
        return any(shift.end - shift.start < DAY for hours in worked for shift in hours)
    spans = list(spans_of(calendar, days[0]))
    since, until = micros(start), micros(end)
    counted = sum(max(0, min(until, b) - max(since, a)) for a, b in spans)
    return bool(spans) and counted < until - since


def _days_off(days: Sequence[date]) -> str:
    if len(days) > _NAMED:
        return f"{len(days)} days off from {_said(days[0])} to {_said(days[-1])}"
    if len(days) == 1:
        return f"{_said(days[0])} is a day off"
    return f"{', '.join(map(_said, days[:-1]))} and {_said(days[-1])} are days off"


def _said(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _name(calendar: Calendar) -> str:
    return calendar.name or calendar.zone
