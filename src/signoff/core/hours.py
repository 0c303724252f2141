"""Working hours as text: ``Mon-Fri 09:00-17:30, Sat 10:00-12:00``, and what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from signoff.core.calendar import DAY, Hours, Shift
from signoff.errors import InvalidTask

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOSED = "closed"
MAX_SHIFTS = 12
_LONGEST_TEXT = 500

_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    name: n for names in (_LONG, [d.lower() for d in WEEKDAYS]) for n, name in enumerate(names)
}
_SHIFT = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_EXAMPLE = "write e.g. Mon-Fri 09:00-17:30, Sat 10:00-12:00"


def read_week(text: str, *, field: str) -> tuple[Hours, ...]:
    """Read the hours of a week; days that are not named are days off.

    A day, or several (``Mon-Fri``), and its shifts; then a comma and the next ones. A shift that
    ends no later than it begins ends on the next day.

    :raises InvalidTask: it is something else, names a day twice, or no hours at all.
    """
    if len(text) > _LONGEST_TEXT:
        raise InvalidTask.at(field, f"hours take at most {_LONGEST_TEXT} characters")
    week: list[Hours | None] = [None] * 7
    for part in text.split(","):
        days, _, shifts = part.strip().partition(" ")
        hours = read_day(shifts, field=field)
        for day in _days(days, field):
            if week[day] is not None:
                raise InvalidTask.at(field, f"the hours of {WEEKDAYS[day]} are given twice")
            week[day] = hours
    return tuple(hours or () for hours in week)


def read_day(text: str, *, field: str) -> Hours:
    """Read the shifts of one day, ``09:00-12:00 13:00-17:00``, or ``closed``.

    :raises InvalidTask: it is neither, or two shifts overlap.
    """
    words = text.split()
    if words == [CLOSED]:
        return ()
    if not 0 < len(words) <= MAX_SHIFTS:
        raise InvalidTask.at(field, f"{text!r} are no hours; {_EXAMPLE}, or closed")
    shifts = sorted((_shift(word, field) for word in words), key=lambda shift: shift.start)
    for before, after in pairwise(shifts):
        if after.start < before.end:
            raise InvalidTask.at(field, f"two shifts in {text!r} overlap")
    if shifts[-1].end > shifts[0].start + DAY:
        raise InvalidTask.at(field, f"the shifts in {text!r} are more than a day")
    return tuple(shifts)


def write_week(week: Sequence[Hours]) -> str:
    """Write a week so that ``read_week`` reads the same one back."""
    parts: list[str] = []
    first = 0
    for day in range(1, 8):
        if day < 7 and week[day] == week[first]:
            continue
        if week[first]:
            days = WEEKDAYS[first] if day == first + 1 else f"{WEEKDAYS[first]}-{WEEKDAYS[day - 1]}"
            parts.append(f"{days} {write_day(week[first])}")
        first = day
    return ", ".join(parts)


def write_day(hours: Hours) -> str:
    """Write the shifts of one day."""
    return " ".join(f"{_clock(s.start)}-{_clock(s.end)}" for s in hours) or CLOSED


def _days(text: str, field: str) -> Sequence[int]:
    first, dash, last = text.lower().partition("-")
    start, end = _NUMBERS.get(first), _NUMBERS.get(last if dash else first)
    if start is None or end is None:
        raise InvalidTask.at(field, f"{text!r} is no day of the week; {_EXAMPLE}")
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _shift(text: str, field: str) -> Shift:
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise InvalidTask.at(field, f"{text!r} is no shift; {_EXAMPLE}")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(start, end) > DAY or start in (DAY, end):
        raise InvalidTask.at(field, f"{text!r} is no shift; a whole day is 00:00-24:00")
    return Shift(start=start, end=end if end > start else end + DAY)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes if minutes <= DAY else minutes - DAY, 60)
    return f"{hour:02}:{minute:02}"
