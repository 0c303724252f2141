"""Calendars as fields: read from a request, found by name, written for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any

from signoff.core.calendar import Calendar, Calendars, Hours, known_holidays, known_zone
from signoff.core.hours import read_day, read_week, write_day, write_week
from signoff.core.routing import Directory, Person
from signoff.core.workingtime import ever_open
from signoff.errors import FieldError, InvalidTask

MAX_DAYS = 1000
MAX_TOGETHER = 5
OF_THE_PERSON = "person"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def read_calendar(name: str, fields: Any, *, field: str) -> Calendar:
    """Read a calendar: ``{zone, hours, holidays?, days?}``.

    :param name: what people call it; empty for one given inline.
    :param field: where it stands in the request.
    :raises InvalidTask: an unknown zone or country, hours nobody can read, or no hours at all.
    """
    fields = an_object(fields, field)
    require_known(fields, ("zone", "hours", "holidays", "days"), field)
    if name and (_NAME.fullmatch(name) is None or name == OF_THE_PERSON):
        raise refused(field, f"{name!r} is no name of a calendar; use letters, digits, . _ and -")
    zone = _text(fields, "zone", field)
    if not known_zone(zone):
        raise refused(below(field, "zone"), f"{zone!r} is no time zone; write e.g. Europe/Berlin")
    calendar = Calendar(
        name=name,
        zone=zone,
        hours=read_week(_text(fields, "hours", field), field=below(field, "hours")),
        holidays=_holidays(fields.get("holidays"), below(field, "holidays")),
        days=dict(_days(fields.get("days"), below(field, "days"))),
    )
    if not any((*calendar.hours, *calendar.days.values())):
        raise refused(below(field, "hours"), "this calendar is never open, so no time would count")
    return calendar


def calendar_document(calendar: Calendar) -> dict[str, Any]:
    """A calendar as a request would give it."""
    document: dict[str, Any] = {"zone": calendar.zone, "hours": write_week(calendar.hours)}
    if calendar.holidays is not None:
        document["holidays"] = calendar.holidays
    if calendar.days:
        document["days"] = {day: write_day(calendar.days[day]) for day in sorted(calendar.days)}
    return document


def read_calendars(
    value: Any, directory: Directory, person: Person | None, field: str
) -> Calendars:
    """Read what working time counts by: a name, a calendar, ``person``, or a list of these.

    Where nothing is said it is the calendar of the one person asked by name, or the workspace's.

    :param person: whoever is asked by name, and alone.
    :raises InvalidTask: there is no such calendar, or several are never open together.
    """
    if value is None:
        usual = person.calendar if person else None
        named = directory.settings.calendars.get(usual or "")
        return (named,) if named else of_the_workspace(directory)
    several = value if isinstance(value, list | tuple) else (value,)
    if not 0 < len(several) <= MAX_TOGETHER:
        raise refused(field, f"name 1 to {MAX_TOGETHER} calendars")
    found: dict[Calendar, None] = {}
    for index, each in enumerate(several):
        where = field if several is not value else f"{field}.{index}"
        found[_calendar(each, directory, person, where)] = None
    calendars = tuple(found)
    _require_ever_open(calendars, field)
    return calendars


def _calendar(value: Any, directory: Directory, person: Person | None, field: str) -> Calendar:
    known = directory.settings.calendars
    if isinstance(value, Mapping):
        return read_calendar("", value, field=field)
    if value == OF_THE_PERSON:
        if person is None:
            message = "this asks no single person by name, so there is no calendar of theirs"
            raise refused(field, message)
        usual = known.get(person.calendar or "")
        found = (usual,) if usual else of_the_workspace(directory)
        if not found:
            raise refused(field, f"{person.email} has no calendar, and neither has the workspace")
        return found[0]
    if not isinstance(value, str) or value not in known:
        names = ", ".join(sorted(known)) or "none yet"
        raise refused(field, f"{value!r} is no calendar of this workspace; there are: {names}")
    return known[value]


def of_the_workspace(directory: Directory) -> Calendars:
    usual = directory.settings.calendars.get(directory.settings.calendar or "")
    return (usual,) if usual else ()


def _require_ever_open(calendars: Calendars, field: str) -> None:
    if len(calendars) < 2 or ever_open(calendars):
        return
    apart = next((two for two in combinations(calendars, 2) if not ever_open(two)), calendars)
    names = " and ".join(each.name or f"the one in {each.zone}" for each in apart)
    raise refused(field, f"{names} are never open at the same time, so no time would count")


def _holidays(code: Any, field: str) -> str | None:
    if code is None or code == "":
        return None
    if not isinstance(code, str) or not known_holidays(code):
        message = f"nobody knows the holidays of {code!r}; write e.g. DE, DE-BE or US-NY"
        raise refused(field, message)
    return code


def _days(value: Any, field: str) -> Iterator[tuple[str, Hours]]:
    days = an_object(value or {}, field)
    if len(days) > MAX_DAYS:
        raise refused(field, f"a calendar has at most {MAX_DAYS} single days")
    for day, hours in days.items():
        try:
            iso = date.fromisoformat(day).isoformat()
        except ValueError:
            iso = ""
        if iso != day:
            raise refused(f"{field}.{day}", f"{day!r} is no day; write e.g. 2026-12-24")
        if not isinstance(hours, str):
            raise refused(f"{field}.{day}", "write its hours, e.g. 09:00-12:00, or closed")
        yield day, read_day(hours, field=f"{field}.{day}")


def an_object(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise refused(field or "settings", "write an object of fields")
    return value


def _text(fields: Mapping[str, Any], name: str, field: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise refused(below(field, name), f"a calendar needs its {name}")
    return value.strip()


def require_known(fields: Mapping[str, Any], names: Sequence[str], field: str) -> None:
    strange = next((name for name in fields if name not in names), None)
    if strange is not None:
        message = f"there is no {strange!r} here; there are {', '.join(names)}"
        raise refused(below(field, strange), message)


def below(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def refused(field: str, message: str) -> InvalidTask:
    return InvalidTask(message, errors=[FieldError(field, message)])
