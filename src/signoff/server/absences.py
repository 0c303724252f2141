"""When somebody is away: days as moments, overlaps, what a calendar adds, and circles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from signoff.core.calendar import at_wall, moment_of
from signoff.core.moments import read_moment
from signoff.core.routing import MAX_STAND_INS, Absence, Directory
from signoff.core.words import PersonId
from signoff.errors import FieldError, InvalidInput
from signoff.server.ics import Away

MAX_ABSENCES = 100
MAX_NOTE = 500

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_start(text: str, *, zone: str, field: str) -> datetime:
    """When an absence begins: a moment, or the midnight a day begins with.

    :raises InvalidInput: it is neither.
    """
    day = _day(text)
    return _moment(text, field=field) if day is None else _midnight(day, zone, field)


def read_end(text: str, *, zone: str, field: str) -> datetime:
    """When an absence ends: a moment, or the midnight that the last day away ends with.

    :raises InvalidInput: it is neither.
    """
    day = _day(text)
    if day is None:
        return _moment(text, field=field)
    if day == date.max:
        raise refused(field, "is further away than ten years")
    return _midnight(day + timedelta(days=1), zone, field)


def require_in_order(absences: Sequence[Absence]) -> None:
    """Refuse an absence that ends before it begins, or that overlaps with another.

    :raises InvalidInput: naming it by its place.
    """
    for at, each in enumerate(absences):
        if each.end <= each.start:
            raise refused(f"absences.{at}.end", "an absence ends after it begins")
    places = sorted(range(len(absences)), key=lambda at: absences[at].start)
    for one, two in pairwise(places):
        if absences[two].start < absences[one].end:
            message = f"this overlaps with absences.{one}; somebody is away once at a time"
            raise refused(f"absences.{two}.start", message)


def circle(person: PersonId, absence: Absence, directory: Directory) -> tuple[str, ...] | None:
    """Who stands in for whom, where that leads back to the person while all of them are away.

    :param directory: with everybody who stands in for somebody, one after the other.
    """
    left: list[tuple[Absence, tuple[str, ...], int]] = [(absence, (), MAX_STAND_INS)]
    while left:
        away, past, hops = left.pop()
        deputy = directory.get(away.substitute) if away.substitute else None
        if deputy is None or not hops:
            continue
        path = (*past, deputy.email)
        if deputy.id == person:
            return path
        for each in deputy.absences:
            start, end = max(away.start, each.start), min(away.end, each.end)
            if start < end:
                left.append((replace(each, start=start, end=end), path, hops - 1))
    return None


# What a calendar adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """All absences there are now; ``dropped`` are those there is no room for."""

    absences: tuple[Absence, ...]
    dropped: tuple[Away, ...]


def add(
    known: Sequence[Absence],
    found: Iterable[Away],
    *,
    substitute: PersonId | None,
    summaries: bool,
) -> Added:
    """Add what a calendar says to the absences that are known.

    Times that overlap become one. Absences that are known stay as they were said; where nobody
    stands in yet and the calendar covers them, the substitute does from now on.

    :param summaries: whether what the events are called is kept as a note.
    """
    merged = list(_merged(found))
    kept = [
        replace(each, substitute=substitute)
        if each.substitute is None and any(_covers(away, each) for away in merged)
        else each
        for each in known
    ]
    absences, dropped = list(kept), []
    for away in merged:
        pieces = list(_uncovered(away, kept))
        if len(absences) + len(pieces) > MAX_ABSENCES:
            dropped.append(away)
            continue
        note = (away.summary or "")[:MAX_NOTE] if summaries else ""
        absences.extend(
            Absence(start=start, end=end, substitute=substitute, note=note or None)
            for start, end in pieces
        )
    order = sorted(absences, key=lambda each: each.start)
    return Added(absences=tuple(order), dropped=tuple(dropped))


def _merged(found: Iterable[Away]) -> Iterator[Away]:
    """The times that overlap, or follow one another at once, as one."""
    present: Away | None = None
    for away in sorted(found, key=lambda each: (each.start, each.end)):
        if present is None or away.start > present.end:
            if present is not None:
                yield present
            present = away
            continue
        named = [each.summary for each in (present, away) if each.summary]
        present = Away(
            start=present.start,
            end=max(present.end, away.end),
            summary="; ".join(dict.fromkeys(named))[:MAX_NOTE] or None,
        )
    if present is not None:
        yield present


def _covers(away: Away, absence: Absence) -> bool:
    return away.start <= absence.start and absence.end <= away.end


def _uncovered(away: Away, known: Iterable[Absence]) -> Iterator[tuple[datetime, datetime]]:
    """What of a time is in none of the absences that are known."""
    start = away.start
    for each in sorted(known, key=lambda each: each.start):
        if each.end <= start or each.start >= away.end:
            continue
        if start < each.start:
            yield start, each.start
        start = max(start, each.end)
    if start < away.end:
        yield start, away.end


def _day(text: str) -> date | None:
    if _DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date, zone: str, field: str) -> datetime:
    try:
        return moment_of(at_wall(day, 0, zone))
    except (ValueError, OverflowError):
        raise refused(field, f"{day} is too far away") from None


def _moment(text: str, *, field: str) -> datetime:
    found = read_moment(text)
    if found is None:
        message = f"{text!r} is no day or moment; write e.g. 2026-12-24 or 2026-12-24T09:30:00Z"
        raise refused(field, message)
    return found


def refused(field: str, message: str) -> InvalidInput:
    """What is wrong with one absence, said with its place."""
    return InvalidInput(f"{field}: {message}", errors=[FieldError(field, message)])
