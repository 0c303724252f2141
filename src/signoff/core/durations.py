"""Durations of three kinds: elapsed, calendar and working time. They are different things.

``24h`` is 24 hours whatever the wall clock does. ``1 day`` is the same wall time tomorrow, in a
zone. ``8 working hours`` and ``2 business days`` count only while a calendar is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from signoff.errors import FieldError, InvalidTask

LONGEST = timedelta(days=3650)
_LONGEST_MONTHS = 120


class DurationKind(StrEnum):
    """``days`` are calendar days, ``months`` calendar months; the last two need a calendar."""

    ELAPSED = "elapsed"
    DAYS = "days"
    MONTHS = "months"
    WORKING = "working"
    BUSINESS_DAYS = "business_days"


NEEDS_CALENDAR = frozenset({DurationKind.WORKING, DurationKind.BUSINESS_DAYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """An amount of one kind of time.

    :param kind: which kind of time counts.
    :param span: how much of it; whole days for ``days`` and ``business_days``; unused for months.
    :param months: how many months, for the kind ``months`` alone.
    """

    kind: DurationKind
    span: timedelta = timedelta(0)
    months: int = 0

    @property
    def needs_calendar(self) -> bool:
        return self.kind in NEEDS_CALENDAR


def elapsed(span: timedelta) -> Duration:
    """So much time, whatever the wall clock does."""
    return Duration(kind=DurationKind.ELAPSED, span=span)


def times(duration: Duration, number: int) -> Duration:
    """So many of a duration in a row."""
    return replace(duration, span=duration.span * number, months=duration.months * number)


def plus(one: Duration, other: Duration) -> Duration:
    """One after another, of the same kind."""
    return replace(one, span=one.span + other.span, months=one.months + other.months)


_ELAPSED = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.ASCII)
_ISO = re.compile(
    r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?", re.ASCII
)
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WORDED = re.compile(
    r"(\d+(?:\.\d+)?)\s+(working hours?|working minutes?|(?:business|working) days?"
    r"|days?|weeks?|months?)",
    re.ASCII,
)


def parse_duration(text: str, *, field: str) -> Duration:
    """Read ``24h``, ``PT24H``, ``1 day``, ``2 weeks``, ``1 month``, ``8 working hours`` and so on.

    :raises InvalidTask: it is no duration, is zero, or is longer than ten years.
    """
    found = _read(text.strip())
    if found is None:
        message = f"{text!r} is no duration; write e.g. 30m, 24h, 1 day, 8 working hours"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    enough = timedelta(0) < found.span <= LONGEST or 0 < found.months <= _LONGEST_MONTHS
    if not enough:
        message = f"{text!r} must be more than zero and at most ten years"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    return found


def parse_elapsed(text: str, *, field: str) -> timedelta:
    """Read a duration where only elapsed time makes sense.

    :raises InvalidTask: it is none, or is of another kind.
    """
    found = parse_duration(text, field=field)
    if found.kind is not DurationKind.ELAPSED:
        message = f"{text!r} is no elapsed duration; write e.g. 30m, 24h or PT24H"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    return found.span


def _read(text: str) -> Duration | None:
    try:
        if simple := _ELAPSED.fullmatch(text):
            return elapsed(timedelta(**{_UNITS[simple[2]]: float(simple[1])}))
        iso = _ISO.fullmatch(text)
        if iso and any(iso.groups()):
            parts = {_UNITS[unit]: float(n) for unit, n in iso.groupdict().items() if n}
            return elapsed(timedelta(**parts))
        if worded := _WORDED.fullmatch(text):
            return _worded(float(worded[1]), worded[2].rstrip("s"))
    except OverflowError:
        return elapsed(LONGEST * 2)
    return None


def _worded(number: float, unit: str) -> Duration | None:
    if unit == "working hour":
        return Duration(kind=DurationKind.WORKING, span=timedelta(hours=number))
    if unit == "working minute":
        return Duration(kind=DurationKind.WORKING, span=timedelta(minutes=number))
    if number != int(number):
        return None
    match unit:
        case "day":
            return Duration(kind=DurationKind.DAYS, span=timedelta(days=number))
        case "week":
            return Duration(kind=DurationKind.DAYS, span=timedelta(weeks=number))
        case "month":
            return Duration(kind=DurationKind.MONTHS, months=int(min(number, 10**6)))
        case _:
            return Duration(kind=DurationKind.BUSINESS_DAYS, span=timedelta(days=number))


def written(duration: Duration) -> str:
    """Write a duration so that ``parse_duration`` reads the same one back."""
    days = duration.span.days
    match duration.kind:
        case DurationKind.ELAPSED:
            seconds = f"{duration.span.total_seconds():.6f}".rstrip("0").rstrip(".")
            return f"PT{seconds}S"
        case DurationKind.DAYS:
            return _counted(days, "day")
        case DurationKind.MONTHS:
            return _counted(duration.months, "month")
        case DurationKind.BUSINESS_DAYS:
            return _counted(days, "business day")
        case DurationKind.WORKING:
            minutes = duration.span.total_seconds() / 60
            if minutes % 60 == 0:
                return _counted(int(minutes // 60), "working hour")
            return f"{minutes:.6f}".rstrip("0").rstrip(".") + " working minutes"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def in_words(span: timedelta) -> str:
    """An elapsed time as people say it, e.g. ``3 days`` or ``1 hour 30 minutes``."""
    left, parts = int(span.total_seconds()), []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, left = divmod(left, size)
        if number:
            parts.append(_counted(number, unit))
    return " ".join(parts[:2]) or f"{span.total_seconds():g} seconds"


def spoken(duration: Duration) -> str:
    """A duration of any kind as people say it."""
    if duration.kind is DurationKind.ELAPSED:
        return in_words(duration.span)
    return written(duration)
