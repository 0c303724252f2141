"""Calendars: the zone, hours, holidays and single days by which somebody works.

What durations of working time come to is in ``signoff.core.workingtime``. Wall clocks are strange
twice a year: a time that does not exist moves forward by the gap, and of a time that comes twice a
shift begins with the first and ends with the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from whenever import Instant, PlainDateTime, TimeZoneNotFoundError, ZonedDateTime

DAY = 24 * 60
_SECOND = 1_000_000
_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Working hours within a day, in minutes from local midnight.

    ``end`` is greater than ``start``; past 1440 it ends on the next day.
    """

    start: int
    end: int


Hours = tuple[Shift, ...]
"""The shifts of one day; none is a day off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When work is done.

    :param name: what people call it; empty for one given inline.
    :param zone: an IANA time zone, e.g. ``Europe/Berlin``.
    :param hours: seven days from Monday, each with its shifts.
    :param holidays: a country, or country and subdivision, e.g. ``DE`` or ``DE-BE``.
    :param days: the hours of single days, by ISO date; they go before holidays and weekdays.
    """

    name: str
    zone: str
    hours: tuple[Hours, ...]
    holidays: str | None = None
    days: Mapping[str, Hours] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Equal calendars share what has been worked out for one of them."""
        return hash((self.zone, self.hours, self.holidays, len(self.days)))


Calendars = tuple[Calendar, ...]
"""Time counts only while all of them are open. Empty: there is no working time to count."""

Span = tuple[int, int]
"""From when until when, in microseconds since 1970 UTC."""


def micros(moment: datetime) -> int:
    """An aware moment as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(microseconds: int) -> datetime:
    """The moment of so many microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def known_zone(zone: str) -> bool:
    """Whether there is such a time zone."""
    try:
        Instant.from_timestamp(0).to_tz(zone)
    except TimeZoneNotFoundError:
        return False
    return True


def known_holidays(code: str) -> bool:
    """Whether anybody knows the holidays of such a country, or country and subdivision."""
    country, dash, subdivision = code.partition("-")
    if not country or bool(dash) is not bool(subdivision):
        return False
    try:
        holidays_of(code, 2026)
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=1024)
def holidays_of(code: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year and their names, observed ones too.

    :raises NotImplementedError: there is no such country or subdivision.
    """
    import holidays  # 70 ms, and many a workspace has no calendar

    country, _, subdivision = code.partition("-")
    found = holidays.country_holidays(
        country, subdiv=subdivision or None, years=year, language="en_US"
    )
    return {day: name for day, name in found.items() if day.year == year}


def holiday(calendar: Calendar, day: date) -> str | None:
    """The name of the holiday that a day is, if it is one."""
    if calendar.holidays is None:
        return None
    return holidays_of(calendar.holidays, day.year).get(day)


def hours_of(calendar: Calendar, day: date) -> Hours:
    """The shifts that begin on a day."""
    own = calendar.days.get(day.isoformat()) if calendar.days else None
    if own is not None:
        return own
    usual = calendar.hours[day.weekday()]
    return () if usual and holiday(calendar, day) is not None else usual


def spans_of(calendar: Calendar, day: date) -> Iterator[Span]:
    """When the shifts that begin on a day are worked. Those that a gap swallows are not."""
    for shift in hours_of(calendar, day):
        start = at_wall(day, shift.start * 60 * _SECOND, calendar.zone)
        end = at_wall(day, shift.end * 60 * _SECOND, calendar.zone, repeated="later")
        if start < end:
            yield start, end


def at_wall(
    day: date,
    time: int,
    zone: str,
    *,
    repeated: Literal["compatible", "later"] = "compatible",
) -> int:
    """When the clocks of a zone show a time, in microseconds since 1970.

    :param time: microseconds since the midnight the day begins with; it may be on a later day.
    :param repeated: which is meant where they show it twice; ``compatible`` is the first.
    """
    over, time = divmod(time, DAY * 60 * _SECOND)
    if over:
        day += over * _ONE_DAY
    seconds, fraction = divmod(time, _SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    plain = PlainDateTime(day.year, day.month, day.day, hour, minute, second)
    shown = plain.assume_tz(zone, disambiguation=repeated)
    return shown.timestamp() * _SECOND + fraction


def wall(moment: int, zone: str) -> tuple[date, int]:
    """The day a zone's calendars show, and the microseconds since its midnight by its clocks."""
    seconds, fraction = divmod(moment, _SECOND)
    shown = Instant.from_timestamp(seconds).to_tz(zone)
    since = (shown.hour * 60 + shown.minute) * 60 + shown.second
    return shown.date().to_stdlib(), since * _SECOND + fraction


def add_days(start: datetime, number: int, zone: str) -> datetime:
    """The same wall time so many days later."""
    return _utc(_in(zone, start).add(days=number, disambiguation="compatible"))


def add_months(start: datetime, number: int, zone: str) -> datetime:
    """The same wall time so many months later, or on the last day of a month that is shorter."""
    return _utc(_in(zone, start).add(months=number, disambiguation="compatible"))


def _in(zone: str, moment: datetime) -> ZonedDateTime:
    return Instant(moment).to_tz(zone)


def _utc(moment: ZonedDateTime) -> datetime:
    return moment.to_instant().to_stdlib()
