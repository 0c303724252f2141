"""Calendars as calendar programs export them (iCalendar, RFC 5545): when somebody is away.

Pure. Only the lines of events that say when and whether somebody is away reach the library that
parses them: no time zones of a calendar's own, whose rules would be worked out while they are read,
and no event can spoil another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from signoff.core.calendar import at_wall, moment_of
from signoff.errors import FieldError, InvalidInput
from signoff.server.recurrence import Unreadable, walls

if TYPE_CHECKING:
    import icalendar

MAX_EVENTS = 1000

_WANTED = frozenset(
    {
        "DTSTART",
        "DTEND",
        "DURATION",
        "UID",
        "SUMMARY",
        "STATUS",
        "TRANSP",
        "X-MICROSOFT-CDO-BUSYSTATUS",
        "X-MICROSOFT-CDO-ALLDAYEVENT",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
    }
)
_AWAY = frozenset({"OOF", "BUSY"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """From when until when an event keeps somebody away."""

    start: datetime
    end: datetime
    summary: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """An event that keeps nobody away, and why."""

    summary: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``events`` counts those that came to anything."""

    away: tuple[Away, ...]
    events: int
    unused: tuple[Unused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    zone: str
    since: datetime
    until: datetime


def read_ics(text: str, *, zone: str, since: datetime, until: datetime) -> Reading:
    """Read when an iCalendar document says that somebody is away.

    :param zone: of whole days, and of times that name no zone.
    :param since: what has passed by then is left out.
    :param until: what begins later is left out.
    :raises InvalidInput: it is no such document, or holds too many events.
    """
    window = _Window(zone=zone, since=since, until=until)
    events = [_parsed(lines) for lines in _events(text)]
    replaced = _replaced(events, zone)
    away: list[Away] = []
    unused: list[Unused] = []
    for event in events:
        summary = _text(event, "SUMMARY") or None
        try:
            found = list(_away(event, window, replaced))
        except (Unreadable, OverflowError) as refused:
            why = str(refused) if isinstance(refused, Unreadable) else "is too far away"
            unused.append(Unused(summary=summary, why=why))
            continue
        away.extend(Away(start=start, end=end, summary=summary) for start, end in found)
    return Reading(away=tuple(away), events=len(events) - len(unused), unused=tuple(unused))


# Lines


def _events(text: str) -> list[list[str]]:
    """The wanted lines of every event of the calendar, event by event."""
    lines = text.replace("\r\n ", "").replace("\r\n\t", "")
    lines = lines.replace("\n ", "").replace("\n\t", "")
    inside: list[str] = []
    found: list[list[str]] = []
    seen = False
    for line in lines.splitlines():
        name, _, value = line.strip().upper().partition(":")
        if name == "BEGIN":
            inside.append(value)
            seen = seen or inside == ["VCALENDAR"]
            if inside == ["VCALENDAR", "VEVENT"]:
                found.append([])
        elif name == "END":
            if not inside or inside.pop() != value:
                raise _refused("it is no iCalendar document: a part of it ends that never began")
        elif inside == ["VCALENDAR", "VEVENT"] and name.partition(";")[0] in _WANTED:
            found[-1].append(line)
    if inside or not seen:
        raise _refused("it is no iCalendar document, or only a part of one")
    if len(found) > MAX_EVENTS:
        raise _refused(f"it holds {len(found)} events, and at most {MAX_EVENTS} are read")
    return found


def _parsed(lines: Sequence[str]) -> icalendar.Event | None:
    import icalendar  # 45 ms, and few servers are ever sent a calendar

    try:
        event = icalendar.Event.from_ical("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return event if isinstance(event, icalendar.Event) else None


# Events


def _away(
    event: icalendar.Event | None, window: _Window, replaced: frozenset[tuple[str, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """Every time that the event keeps somebody away, within the window."""
    if event is None or event.errors:
        raise Unreadable("cannot be read")
    start, end = _bounds(event)
    _require_away(event, whole_days=not isinstance(start, datetime))
    length = _moment(end, window.zone) - _moment(start, window.zone)
    if length <= timedelta(0):
        raise Unreadable("takes no time")
    uid, out = _text(event, "UID"), frozenset(_exceptions(event, window.zone))
    found = 0
    for day in _starts(event, start, window):
        begin = _moment(day, window.zone)
        over = _moment(day + (end - start), window.zone) if length >= _DAY else begin + length
        if begin in out or ("RRULE" in event and (uid, begin) in replaced):
            continue
        if window.since < over and begin < window.until:
            found += 1
            yield begin, over
    if not found:
        passed = "RRULE" in event or _moment(end, window.zone) <= window.since
        raise Unreadable("has passed" if passed else "begins more than a year from now")


def _bounds(event: icalendar.Event) -> tuple[Any, Any]:
    """Where it begins and ends: two days, or two moments."""
    start: Any
    end: Any
    try:
        start, end = event.start, event.end
    except (ValueError, TypeError, AttributeError):
        raise Unreadable("does not say when it begins and ends") from None
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise Unreadable("does not say when it begins and ends")
    named = event["DTSTART"].params.get("TZID")
    if isinstance(start, datetime):
        if named and start.tzinfo is None:
            raise Unreadable(f"is in a time zone that nobody here knows: {str(named)[:100]}")
        if (start.tzinfo is None) is not (end.tzinfo is None):
            raise Unreadable("does not say when it begins and ends")
    return start, end


def _require_away(event: icalendar.Event, *, whole_days: bool) -> None:
    """Refuse what keeps nobody away."""
    if _text(event, "STATUS").upper() == "CANCELLED":
        raise Unreadable("is cancelled")
    if _text(event, "TRANSP").upper() == "TRANSPARENT":
        raise Unreadable("is marked as free")
    busy = _text(event, "X-MICROSOFT-CDO-BUSYSTATUS").upper()
    if busy and busy not in _AWAY:
        raise Unreadable(f"is marked as {busy.lower()[:30]}")
    whole_days = whole_days or _text(event, "X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"
    if not whole_days and busy not in _AWAY:
        raise Unreadable("is neither all day nor marked as out of office or busy")


def _starts(event: icalendar.Event, start: Any, window: _Window) -> Iterator[Any]:
    """When it begins, each time it does, as its own clock shows it."""
    if "RDATE" in event:
        raise Unreadable("repeats on single days, which is not read here")
    rule = event.get("RRULE")
    if rule is None:
        yield start
        return
    if isinstance(rule, list):
        raise Unreadable("repeats by several rules, which is not read here")
    whole_days = not isinstance(start, datetime)
    zone = None if whole_days else start.tzinfo
    first = datetime.combine(start, time.min) if whole_days else _naive(start)
    since = window.since.replace(tzinfo=None) - timedelta(days=400)
    until = window.until.replace(tzinfo=None) + _DAY
    for wall in walls(rule, first, since=since, until=until, zone=zone):
        yield wall.date() if whole_days else wall.replace(tzinfo=zone)


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _replaced(
    events: Iterable[icalendar.Event | None], zone: str
) -> frozenset[tuple[str, datetime]]:
    """Single times of an event that repeats, which another event says something else about."""
    found = set()
    for event in events:
        said = None if event is None else event.get("RECURRENCE-ID")
        at = getattr(said, "dt", None)
        if event is not None and isinstance(at, date):
            found.add((_text(event, "UID"), _moment(at, zone)))
    return frozenset(found)


def _exceptions(event: icalendar.Event, zone: str) -> Iterator[datetime]:
    said = event.get("EXDATE", [])
    for dates in said if isinstance(said, list) else [said]:
        for each in getattr(dates, "dts", ()):
            if isinstance(each.dt, date):
                yield _moment(each.dt, zone)


def _moment(at: Any, zone: str) -> datetime:
    """A day, or a moment of some clock, as a moment in UTC."""
    if not isinstance(at, date):
        raise Unreadable("does not say when it begins and ends")
    try:
        if not isinstance(at, datetime):
            return moment_of(at_wall(at, 0, zone))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        since = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        return moment_of(at_wall(at.date(), since // timedelta(microseconds=1), zone))
    except (ValueError, OverflowError):
        raise Unreadable("is too far away") from None


def _text(event: icalendar.Event | None, name: str) -> str:
    """One text of an event; nothing where it is not there."""
    said = None if event is None else event.get(name)
    return "" if said is None or isinstance(said, list) else str(said).strip()[:500]


def _refused(message: str) -> InvalidInput:
    return InvalidInput(f"ics: {message}", errors=[FieldError("ics", message)])
