"""What an administrator sets, read from a request and written for one: calendars and settings.

Whatever is refused here would otherwise be refused later, to an agent that cannot help it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

from signoff.core.calendar import Calendar, Calendars, Hours, known_holidays, known_zone
from signoff.core.durations import elapsed, parse_elapsed, written
from signoff.core.hours import read_day, read_week, write_day, write_week
from signoff.core.routing import Directory, Person, names_person, resolve
from signoff.core.rungs import Clockwork, read_ladder
from signoff.core.tasks import KINDS
from signoff.core.words import JSONObject, OutageRule, TaskType
from signoff.core.workingtime import ever_open
from signoff.core.workspace import Limits, WorkspaceSettings
from signoff.errors import ChangedMeanwhile, FieldError, InvalidInput, InvalidTask, UnknownPerson

Fields = Mapping[str, Any]

MAX_CALENDARS = 100
MAX_DAYS = 1000
MAX_TOGETHER = 5
OF_THE_PERSON = "person"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SOME_MOMENT = datetime(2027, 1, 4, tzinfo=UTC)


# Calendars


def read_calendar(name: str, fields: Any, *, field: str) -> Calendar:
    """Read a calendar: ``{zone, hours, holidays?, days?}``.

    :param name: what people call it; empty for one given inline.
    :param field: where it stands in the request.
    :raises InvalidTask: an unknown zone or country, hours nobody can read, or no hours at all.
    """
    fields = _object(fields, field)
    _require_known(fields, ("zone", "hours", "holidays", "days"), field)
    if name and (_NAME.fullmatch(name) is None or name == OF_THE_PERSON):
        raise _refused(field, f"{name!r} is no name of a calendar; use letters, digits, . _ and -")
    zone = _text(fields, "zone", field)
    if not known_zone(zone):
        raise _refused(_at(field, "zone"), f"{zone!r} is no time zone; write e.g. Europe/Berlin")
    calendar = Calendar(
        name=name,
        zone=zone,
        hours=read_week(_text(fields, "hours", field), field=_at(field, "hours")),
        holidays=_holidays(fields.get("holidays"), _at(field, "holidays")),
        days=dict(_days(fields.get("days"), _at(field, "days"))),
    )
    if not any((*calendar.hours, *calendar.days.values())):
        raise _refused(_at(field, "hours"), "this calendar is never open, so no time would count")
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
        return (named,) if named else _of_the_workspace(directory)
    several = value if isinstance(value, list | tuple) else (value,)
    if not 0 < len(several) <= MAX_TOGETHER:
        raise _refused(field, f"name 1 to {MAX_TOGETHER} calendars")
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
            raise _refused(field, message)
        usual = known.get(person.calendar or "")
        found = (usual,) if usual else _of_the_workspace(directory)
        if not found:
            raise _refused(field, f"{person.email} has no calendar, and neither has the workspace")
        return found[0]
    if not isinstance(value, str) or value not in known:
        names = ", ".join(sorted(known)) or "none yet"
        raise _refused(field, f"{value!r} is no calendar of this workspace; there are: {names}")
    return known[value]


def _of_the_workspace(directory: Directory) -> Calendars:
    usual = directory.settings.calendars.get(directory.settings.calendar or "")
    return (usual,) if usual else ()


def _require_ever_open(calendars: Calendars, field: str) -> None:
    if len(calendars) < 2 or ever_open(calendars):
        return
    apart = next((two for two in combinations(calendars, 2) if not ever_open(two)), calendars)
    names = " and ".join(each.name or f"the one in {each.zone}" for each in apart)
    raise _refused(field, f"{names} are never open at the same time, so no time would count")


def _holidays(code: Any, field: str) -> str | None:
    if code is None or code == "":
        return None
    if not isinstance(code, str) or not known_holidays(code):
        message = f"nobody knows the holidays of {code!r}; write e.g. DE, DE-BE or US-NY"
        raise _refused(field, message)
    return code


def _days(value: Any, field: str) -> Iterator[tuple[str, Hours]]:
    days = _object(value or {}, field)
    if len(days) > MAX_DAYS:
        raise _refused(field, f"a calendar has at most {MAX_DAYS} single days")
    for day, hours in days.items():
        try:
            iso = date.fromisoformat(day).isoformat()
        except ValueError:
            iso = ""
        if iso != day:
            raise _refused(f"{field}.{day}", f"{day!r} is no day; write e.g. 2026-12-24")
        if not isinstance(hours, str):
            raise _refused(f"{field}.{day}", "write its hours, e.g. 09:00-12:00, or closed")
        yield day, read_day(hours, field=f"{field}.{day}")


# Settings


def read_settings_document(
    document: JSONObject, previous: WorkspaceSettings, *, field: str = ""
) -> WorkspaceSettings:
    """Read a change of settings: what it does not name stays, null makes it what it was at first.

    Of ``calendars`` and ``ladders`` only those named change; null drops one.

    :param document: ``version``, where given, is the one the change is based on.
    :raises InvalidInput: with the field, where something makes no sense.
    :raises ChangedMeanwhile: ``version`` is not the present one.
    """
    try:
        return _settings(_object(document, field), previous, field)
    except (InvalidTask, UnknownPerson) as refused:
        raise InvalidInput(refused.message, errors=refused.errors) from None


def settings_document(settings: WorkspaceSettings) -> dict[str, Any]:
    """Settings as a request would give them."""
    limits = settings.limits
    return {
        "version": settings.version,
        "zone": settings.zone,
        "calendar": settings.calendar,
        "calendars": {
            name: calendar_document(settings.calendars[name]) for name in sorted(settings.calendars)
        },
        "ladders": {type_: list(rows) for type_, rows in sorted(settings.ladders.items())},
        "outage": str(settings.outage),
        "limits": {
            "own_ladder": limits.own_ladder,
            "shortest": _span_document(limits.shortest),
            "longest": _span_document(limits.longest),
            "may_conclude": {name: list(words) for name, words in limits.may_conclude.items()},
            "self_approval": limits.self_approval,
        },
        "may_extend": list(settings.may_extend),
        "longest_pause": _span_document(settings.longest_pause),
    }


_FIELDS = tuple(field.name for field in fields_of(WorkspaceSettings))


def _settings(document: Fields, previous: WorkspaceSettings, field: str) -> WorkspaceSettings:
    _require_known(document, _FIELDS, field)
    based_on = document.get("version")
    if based_on is not None and based_on != previous.version:
        raise ChangedMeanwhile(
            f"the settings are at version {previous.version} by now; read them again",
            about={"version": previous.version},
        )
    new = WorkspaceSettings()
    given = {name: value for name, value in document.items() if name != "version"}
    changed: dict[str, Any] = {"version": previous.version + 1}
    for name, value in given.items():
        where = _at(field, name)
        changed[name] = (
            getattr(new, name) if value is None else _READERS[name](value, where, previous)
        )
    settings = replace(previous, **changed)
    _require_coherent(settings, field)
    return settings


def _zone(value: Any, field: str, previous: WorkspaceSettings) -> str:
    if not isinstance(value, str) or not known_zone(value):
        raise _refused(field, f"{value!r} is no time zone; write e.g. Europe/Berlin")
    return value


def _calendar_name(value: Any, field: str, previous: WorkspaceSettings) -> str:
    if not isinstance(value, str):
        raise _refused(field, "write the name of a calendar")
    return value


def _calendars(value: Any, field: str, previous: WorkspaceSettings) -> dict[str, Calendar]:
    found = dict(previous.calendars)
    for name, fields in _object(value, field).items():
        if fields is None:
            found.pop(name, None)
        else:
            found[name] = read_calendar(name, fields, field=f"{field}.{name}")
    if len(found) > MAX_CALENDARS:
        raise _refused(field, f"a workspace has at most {MAX_CALENDARS} calendars")
    return found


def _ladders(
    value: Any, field: str, previous: WorkspaceSettings
) -> dict[str, tuple[JSONObject, ...]]:
    found = dict(previous.ladders)
    for name, rows in _object(value, field).items():
        if name not in tuple(TaskType):
            raise _refused(f"{field}.{name}", f"{name!r} is none of {', '.join(TaskType)}")
        if rows is None:
            found.pop(name, None)
            continue
        if not isinstance(rows, list | tuple) or not rows:
            raise _refused(f"{field}.{name}", "a ladder is a list of rungs")
        found[name] = tuple(_row(row, f"{field}.{name}.{n}") for n, row in enumerate(rows))
    return found


_ROW: Mapping[str, type | tuple[type, ...]] = {
    "after": str,
    "do": str,
    "to": (str, list, tuple),
    "every": str,
    "max": int,
    "conclude": str,
    "outcome": str,
    "replace": bool,
    "unless": str,
}


def _row(given: Any, field: str) -> JSONObject:
    row: dict[str, Any] = {
        name: value for name, value in _object(given, field).items() if value is not None
    }
    _require_known(row, tuple(_ROW), field)
    for name, value in row.items():
        wrong = isinstance(value, bool) and _ROW[name] is not bool
        if wrong or not isinstance(value, _ROW[name]):
            raise _refused(f"{field}.{name}", f"{value!r} is nothing a rung has here")
    to = row.get("to", ())
    for reference in (to,) if isinstance(to, str) else to:
        if not isinstance(reference, str) or names_person(reference) is not None:
            message = f"{reference!r} is no role or group; people come and go, and ladders stay"
            raise _refused(f"{field}.to", message)
    return row


def _outage(value: Any, field: str, previous: WorkspaceSettings) -> OutageRule:
    if value not in tuple(OutageRule):
        raise _refused(field, f"{value!r} is none of {', '.join(OutageRule)}")
    return OutageRule(value)


def _limits(value: Any, field: str, previous: WorkspaceSettings) -> Limits:
    given = _object(value, field)
    names = tuple(each.name for each in fields_of(Limits))
    _require_known(given, names, field)
    new = Limits()
    changed: dict[str, Any] = {}
    for name, said in given.items():
        where = f"{field}.{name}"
        match name:
            case _ if said is None:
                changed[name] = getattr(new, name)
            case "shortest" | "longest":
                changed[name] = _span(said, where)
            case "may_conclude":
                changed[name] = dict(_may_conclude(said, where))
            case _:
                changed[name] = _truth(said, where)
    limits = replace(previous.limits, **changed)
    if limits.shortest and limits.longest and limits.shortest > limits.longest:
        raise _refused(f"{field}.shortest", "the shortest time is longer than the longest")
    return limits


def _may_conclude(value: Any, field: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, outcomes in _object(value, field).items():
        if name not in tuple(TaskType):
            raise _refused(f"{field}.{name}", f"{name!r} is none of {', '.join(TaskType)}")
        known = KINDS[TaskType(name)].OUTCOMES
        for outcome in outcomes if isinstance(outcomes, list | tuple) else (outcomes,):
            if outcome not in known:
                message = f"{outcome!r} is none of {', '.join(known)}"
                raise _refused(f"{field}.{name}", message)
        yield name, tuple(outcomes) if isinstance(outcomes, list | tuple) else (outcomes,)


def _may_extend(value: Any, field: str, previous: WorkspaceSettings) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise _refused(field, "name those who may extend, e.g. role:administrator")
    for reference in value:
        if names_person(reference) is None:
            resolve(reference, Directory(), field=field)
    return tuple(value)


def _longest_pause(value: Any, field: str, previous: WorkspaceSettings) -> timedelta:
    return _span(value, field)


_READERS = {
    "zone": _zone,
    "calendar": _calendar_name,
    "calendars": _calendars,
    "ladders": _ladders,
    "outage": _outage,
    "limits": _limits,
    "may_extend": _may_extend,
    "longest_pause": _longest_pause,
}


def _require_coherent(settings: WorkspaceSettings, field: str) -> None:
    """What is set must fit together, whichever part of it was changed."""
    if settings.calendar is not None and settings.calendar not in settings.calendars:
        message = f"there is no calendar {settings.calendar!r}, by which the workspace would count"
        raise _refused(_at(field, "calendar"), message)
    # Its own ladders are what tasks keep to, so they are judged as if brought by one.
    judged = replace(settings, limits=replace(settings.limits, own_ladder=True))
    directory = Directory(settings=judged)
    calendars = _of_the_workspace(directory)
    for name, rows in settings.ladders.items():
        kind = KINDS[TaskType(name)]
        clockwork = Clockwork(
            directory=directory,
            type=TaskType(name),
            outcomes=kind.OUTCOMES,
            favourable=kind.FAVOURABLE,
            now=_SOME_MOMENT,
        )
        read_ladder(rows, clockwork, calendars, _at(field, f"ladders.{name}"))


def _span(value: Any, field: str) -> timedelta:
    if not isinstance(value, str):
        raise _refused(field, "write an elapsed duration, e.g. 72h or 7d")
    return parse_elapsed(value, field=field)


def _span_document(span: timedelta | None) -> str | None:
    return None if span is None else written(elapsed(span))


def _truth(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise _refused(field, "write true or false")
    return value


def _object(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refused(field or "settings", "write an object of fields")
    return value


def _text(fields: Fields, name: str, field: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _refused(_at(field, name), f"a calendar needs its {name}")
    return value.strip()


def _require_known(fields: Fields, names: Sequence[str], field: str) -> None:
    strange = next((name for name in fields if name not in names), None)
    if strange is not None:
        message = f"there is no {strange!r} here; there are {', '.join(names)}"
        raise _refused(_at(field, strange), message)


def _at(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _refused(field: str, message: str) -> InvalidTask:
    return InvalidTask(message, errors=[FieldError(field, message)])
