"""Working time: when somebody is at work, and what durations of it come to.

A ``Calendar`` is a zone, hours for each weekday, holidays, and days that differ. Several calendars
together count only the time in which all of them are open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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


Calendars = tuple[Calendar, ...]
"""Time counts only while all of them are open. Empty: there is no working time to count."""
