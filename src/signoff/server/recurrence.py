"""Events that repeat (RFC 5545, 3.3.10), so far as absences do: every so many days, weeks, months.

Pure. A rule in any other way is told so rather than half followed, and no rule, however it is
written, can keep this busy: what has passed is skipped by arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count as counting
from typing import Any

_MOST_COUNTED = 1000
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "WKST"})


class Unreadable(Exception):
    """An event that comes to nothing here; the message says why, as the end of a sentence."""


def walls(
    rule: Mapping[str, Sequence[Any]],
    first: datetime,
    *,
    since: datetime,
    until: datetime,
    zone: tzinfo | None,
) -> Iterator[datetime]:
    """When an event begins, each time it does, by its own clock, from about ``since`` on.

    :param rule: as ``icalendar`` reads it: each part with its values.
    :param zone: of the clock, where the rule's end is given as a moment in UTC.
    :raises Unreadable: the rule is of a kind that is not followed here.
    """
    freq, interval, most = _judged(rule, first)
    last = min(until, _last(rule, zone) or until)
    days = _weekdays(rule, first)
    gone = 0
    if most is None:
        gone = max((since - first).days // (interval * _LONGEST_DAYS[freq]) - 1, 0)
    seen = 0
    for n in counting(gone):
        try:
            begins = list(_of_period(freq, first, n * interval, days))
        except OverflowError:
            return
        for wall in begins:
            if wall > last or (most is not None and seen >= most):
                return
            seen += 1
            yield wall
        if not begins and n * interval > 12 * _MOST_COUNTED:
            return


def _judged(rule: Mapping[str, Sequence[Any]], first: datetime) -> tuple[str, int, int | None]:
    """How often, every how many, and how many times in all."""
    freq = str((rule.get("FREQ") or [""])[0]).upper()
    if freq not in _LONGEST_DAYS or not _KNOWN.issuperset(rule):
        raise Unreadable("repeats in a way that is not read here")
    if "BYDAY" in rule and freq != "WEEKLY":
        raise Unreadable("repeats in a way that is not read here")
    own = {"BYMONTH": first.month, "BYMONTHDAY": first.day}
    allowed = {"BYMONTH": ("YEARLY",), "BYMONTHDAY": ("YEARLY", "MONTHLY")}
    for name, value in own.items():
        if name in rule and (list(rule[name]) != [value] or freq not in allowed[name]):
            raise Unreadable("repeats in a way that is not read here")
    said, most = _number(rule, "INTERVAL"), _number(rule, "COUNT")
    interval = 1 if said is None else said
    if not 0 < interval <= _MOST_COUNTED or (most is not None and not 0 < most <= _MOST_COUNTED):
        raise Unreadable("repeats more often than is read here")
    starts_weeks = str((rule.get("WKST") or ["MO"])[0]).upper()
    if freq == "WEEKLY" and interval > 1 and starts_weeks != "MO":
        raise Unreadable("repeats in a way that is not read here")
    return freq, interval, most


def _number(rule: Mapping[str, Sequence[Any]], name: str) -> int | None:
    found = rule.get(name)
    if not found:
        return None
    return found[0] if isinstance(found[0], int) and len(found) == 1 else 0


def _last(rule: Mapping[str, Sequence[Any]], zone: tzinfo | None) -> datetime | None:
    """The end of the rule by the event's own clock."""
    said = (rule.get("UNTIL") or [None])[0]
    if isinstance(said, datetime):
        if said.tzinfo is None:
            return said
        try:
            return said.astimezone(zone or UTC).replace(tzinfo=None)
        except OverflowError:
            return None
    if isinstance(said, date):
        return datetime.combine(said, time(23, 59, 59))
    return None


def _weekdays(rule: Mapping[str, Sequence[Any]], first: datetime) -> tuple[int, ...]:
    named = [str(each).upper() for each in rule.get("BYDAY") or ()]
    if not all(name in _WEEKDAYS for name in named):
        raise Unreadable("repeats in a way that is not read here")
    return tuple(sorted({_WEEKDAYS.index(name) for name in named})) or (first.weekday(),)


def _of_period(freq: str, first: datetime, steps: int, days: Sequence[int]) -> Iterator[datetime]:
    """When it begins within one day, week, month or year, so many after that of the first."""
    match freq:
        case "DAILY":
            yield first + timedelta(days=steps)
        case "WEEKLY":
            monday = first + timedelta(weeks=steps, days=-first.weekday())
            found = (monday + timedelta(days=day) for day in days)
            yield from (wall for wall in found if wall >= first)
        case _:
            months = steps if freq == "MONTHLY" else 12 * steps
            years, month = divmod(first.month - 1 + months, 12)
            if first.year + years > date.max.year:
                raise OverflowError
            try:
                yield first.replace(year=first.year + years, month=month + 1)
            except ValueError:
                return  # there is no such day in that month, and it is not moved to another
