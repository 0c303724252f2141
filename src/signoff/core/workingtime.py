"""Working time: what durations of it come to, by calendars that must all be open to count.

The open hours of a year are worked out once for the calendars in question; after that an answer is
a search among them. Nothing here lies more than ten years ahead: an amount of working time that
does not come up until then is over after ten years.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from signoff.core.calendar import (
    Calendar,
    Calendars,
    Span,
    at_wall,
    micros,
    moment_of,
    spans_of,
    wall,
)
from signoff.core.durations import LONGEST

_ONE_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_DAY = _ONE_DAY // _MICROSECOND
_SAMPLE = (2027, 2028)
"""Two years that stand for all: a leap year, and every change of the clocks there usually is."""


def add_working(start: datetime, span: timedelta, calendars: Calendars) -> datetime:
    """When so much working time has passed; asked outside hours, it counts from the next opening.

    :param span: nothing at all is over at once, or at the next opening.
    """
    at, left = micros(start), span // _MICROSECOND
    latest = _latest(start)
    for year in range(start.year, latest.year + 1):
        found, left = _open_hours(calendars, year).count(at, left)
        if found is not None:
            return min(moment_of(found), latest)
    return latest


def working_between(start: datetime, end: datetime, calendars: Calendars) -> timedelta:
    """How much working time lies between two moments; nothing where ``end`` is not later."""
    if end <= start:
        return timedelta(0)
    since, until = micros(start), micros(end)
    counted = 0
    for year in range(start.year, end.year + 1):
        hours = _open_hours(calendars, year)
        counted += hours.open_before(until) - hours.open_before(since)
    return timedelta(microseconds=counted)


def add_business_days(start: datetime, number: int, calendars: Calendars) -> datetime:
    """The same wall time on the so-manieth working day after, moved into that day's hours.

    The days are those of the first calendar. Past midnight a shift is still of the day on which it
    began, as whoever works it would say.
    """
    first, latest = calendars[0], _latest(start)
    day, time = _shift_day(first, micros(start))
    last, _ = wall(micros(latest), first.zone)
    while day < last:
        day += _ONE_DAY
        spans = _open_on(calendars, day)
        number -= bool(spans)
        if number == 0:
            return min(moment_of(_within(at_wall(day, time, first.zone), spans)), latest)
    return latest


def ever_open(calendars: Calendars) -> bool:
    """Whether there is any time at all in which all of them are open."""
    days = {int(day[:4]) for calendar in calendars for day in calendar.days}
    return any(_open_hours(calendars, year).total for year in (*_SAMPLE, *sorted(days)))


class _Year:
    """The hours of one UTC year in which all calendars are open, ready to be searched.

    ``_through[i]`` is how much open time there is from the year's start through the i-th span.
    """

    __slots__ = ("_ends", "_starts", "_through", "total")

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts, self._ends, self._through = array("q"), array("q"), array("q")
        self.total = 0
        for start, end in spans:
            self.total += end - start
            self._starts.append(start)
            self._ends.append(end)
            self._through.append(self.total)

    def open_before(self, at: int) -> int:
        """How much of the year's open time is before a moment."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0
        return self._through[index] - max(0, self._ends[index] - at)

    def count(self, at: int, left: int) -> tuple[int | None, int]:
        """Count from ``at`` on: when nothing is left, or how much still is at the year's end."""
        if left == 0:
            index = bisect_right(self._ends, at)
            return (max(at, self._starts[index]) if index < len(self._ends) else None), 0
        wanted = self.open_before(at) + left
        if wanted > self.total:
            return None, wanted - self.total
        index = bisect_left(self._through, wanted)
        return self._ends[index] - (self._through[index] - wanted), 0


@lru_cache(maxsize=512)
def _open_hours(calendars: Calendars, year: int) -> _Year:
    """A year as its calendars have it. It begins and ends with the UTC year."""
    first, last = micros_of(year), micros_of(year + 1)
    found: Sequence[Span] = ((first, last),) if calendars else ()
    for calendar in calendars:
        found = list(_both(found, list(_of_year(calendar, year))))
    return _Year(found)


def micros_of(year: int) -> int:
    """When a UTC year begins, in microseconds since 1970."""
    return (date(year, 1, 1) - date(1970, 1, 1)).days * _DAY


def _of_year(calendar: Calendar, year: int) -> Iterator[Span]:
    """Shifts of one calendar that touch the year, in order, where they overlap as one."""
    # A shift reaches into the second day after, and zones are up to a day away from UTC.
    first, last = date(year, 1, 1) - 3 * _ONE_DAY, date(year, 12, 31) + 2 * _ONE_DAY
    days = (first + count * _ONE_DAY for count in range((last - first).days + 1))
    return _joined(sorted(span for day in days for span in spans_of(calendar, day)))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    held: Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif span[0] <= held[1]:
            held = held[0], max(held[1], span[1])
        else:
            yield held
            held = span
    if held is not None:
        yield held


def _both(one: Sequence[Span], other: Sequence[Span]) -> Iterator[Span]:
    """When two series of spans, each in order and without overlap, are both open."""
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            yield start, end
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1


def _shift_day(calendar: Calendar, at: int) -> tuple[date, int]:
    """The day whose shift a moment belongs to, and the time since its midnight by the clock."""
    day, time = wall(at, calendar.zone)
    before = day - _ONE_DAY
    if any(start <= at < end for start, end in spans_of(calendar, before)):
        return before, time + _DAY
    return day, time


def _open_on(calendars: Calendars, day: date) -> list[Span]:
    """When the shifts that begin on a day of the first calendar are open in all of them."""
    first, *others = calendars
    found = list(_joined(sorted(spans_of(first, day))))
    for other in others:
        around = (day + count * _ONE_DAY for count in range(-3, 4))
        spans = _joined(sorted(span for near in around for span in spans_of(other, near)))
        found = list(_both(found, list(spans)))
    return found


def _within(at: int, spans: Sequence[Span]) -> int:
    """The moment itself where it is in hours, else the next opening, else the last closing."""
    return next((max(at, start) for start, end in spans if at <= end), spans[-1][1])


def _latest(start: datetime) -> datetime:
    return start + LONGEST
