"""What an administrator sets, read from a request and written for one.

Whatever is refused here would otherwise be refused later, to an agent that cannot help it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from signoff.core.calendar import Calendar, known_zone
from signoff.core.calendar_fields import (
    an_object,
    below,
    calendar_document,
    of_the_workspace,
    read_calendar,
    read_calendars,
    refused,
    require_known,
)
from signoff.core.durations import elapsed, parse_elapsed, written
from signoff.core.routing import Directory, names_person, resolve
from signoff.core.rungs import Clockwork, read_ladder
from signoff.core.tasks import KINDS
from signoff.core.words import JSONObject, OutageRule, TaskType
from signoff.core.workspace import Limits, WorkspaceSettings
from signoff.errors import ChangedMeanwhile, InvalidInput, InvalidTask, UnknownPerson

__all__ = [
    "calendar_document",
    "read_calendar",
    "read_calendars",
    "read_settings_document",
    "settings_document",
]

Fields = Mapping[str, Any]

MAX_CALENDARS = 100
MAX_RETENTION_CLASSES = 100
MAX_YEARS = 100

_SOME_MOMENT = datetime(2027, 1, 4, tzinfo=UTC)


def read_settings_document(
    document: JSONObject, previous: WorkspaceSettings, *, field: str = ""
) -> WorkspaceSettings:
    """Read a change of settings: what it does not name stays, null makes it what it was at first.

    Of ``calendars``, ``ladders`` and ``retention`` only those named change; null drops one.

    :param document: ``version``, where given, is the one the change is based on.
    :raises InvalidInput: with the field, where something makes no sense.
    :raises ChangedMeanwhile: ``version`` is not the present one.
    """
    try:
        return _settings(an_object(document, field), previous, field)
    except (InvalidTask, UnknownPerson) as wrong:
        raise InvalidInput(wrong.message, errors=wrong.errors) from None


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
        "reply_by_mail": settings.reply_by_mail,
        "retention": {name: _kept(span) for name, span in sorted(settings.retention.items())},
    }


_FIELDS = tuple(field.name for field in fields_of(WorkspaceSettings))


def _settings(document: Fields, previous: WorkspaceSettings, field: str) -> WorkspaceSettings:
    require_known(document, _FIELDS, field)
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
        where = below(field, name)
        changed[name] = (
            getattr(new, name) if value is None else _READERS[name](value, where, previous)
        )
    settings = replace(previous, **changed)
    _require_coherent(settings, field)
    return settings


def _zone(value: Any, field: str, previous: WorkspaceSettings) -> str:
    if not isinstance(value, str) or not known_zone(value):
        raise refused(field, f"{value!r} is no time zone; write e.g. Europe/Berlin")
    return value


def _calendar_name(value: Any, field: str, previous: WorkspaceSettings) -> str:
    if not isinstance(value, str):
        raise refused(field, "write the name of a calendar")
    return value


def _calendars(value: Any, field: str, previous: WorkspaceSettings) -> dict[str, Calendar]:
    found = dict(previous.calendars)
    for name, fields in an_object(value, field).items():
        if fields is None:
            found.pop(name, None)
        else:
            found[name] = read_calendar(name, fields, field=f"{field}.{name}")
    if len(found) > MAX_CALENDARS:
        raise refused(field, f"a workspace has at most {MAX_CALENDARS} calendars")
    return found


def _ladders(
    value: Any, field: str, previous: WorkspaceSettings
) -> dict[str, tuple[JSONObject, ...]]:
    found = dict(previous.ladders)
    for name, rows in an_object(value, field).items():
        if name not in tuple(TaskType):
            raise refused(f"{field}.{name}", f"{name!r} is none of {', '.join(TaskType)}")
        if rows is None:
            found.pop(name, None)
            continue
        if not isinstance(rows, list | tuple) or not rows:
            raise refused(f"{field}.{name}", "a ladder is a list of rungs")
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
        name: value for name, value in an_object(given, field).items() if value is not None
    }
    require_known(row, tuple(_ROW), field)
    for name, value in row.items():
        wrong = isinstance(value, bool) and _ROW[name] is not bool
        if wrong or not isinstance(value, _ROW[name]):
            raise refused(f"{field}.{name}", f"{value!r} is nothing a rung has here")
    to = row.get("to", ())
    for reference in (to,) if isinstance(to, str) else to:
        if not isinstance(reference, str) or names_person(reference) is not None:
            message = f"{reference!r} is no role or group; people come and go, and ladders stay"
            raise refused(f"{field}.to", message)
    return row


def _outage(value: Any, field: str, previous: WorkspaceSettings) -> OutageRule:
    if value not in tuple(OutageRule):
        raise refused(field, f"{value!r} is none of {', '.join(OutageRule)}")
    return OutageRule(value)


def _limits(value: Any, field: str, previous: WorkspaceSettings) -> Limits:
    given = an_object(value, field)
    names = tuple(each.name for each in fields_of(Limits))
    require_known(given, names, field)
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
        raise refused(f"{field}.shortest", "the shortest time is longer than the longest")
    return limits


def _may_conclude(value: Any, field: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, outcomes in an_object(value, field).items():
        if name not in tuple(TaskType):
            raise refused(f"{field}.{name}", f"{name!r} is none of {', '.join(TaskType)}")
        known = KINDS[TaskType(name)].OUTCOMES
        for outcome in outcomes if isinstance(outcomes, list | tuple) else (outcomes,):
            if outcome not in known:
                message = f"{outcome!r} is none of {', '.join(known)}"
                raise refused(f"{field}.{name}", message)
        yield name, tuple(outcomes) if isinstance(outcomes, list | tuple) else (outcomes,)


def _may_extend(value: Any, field: str, previous: WorkspaceSettings) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise refused(field, "name those who may extend, e.g. role:administrator")
    for reference in value:
        if names_person(reference) is None:
            resolve(reference, Directory(), field=field)
    return tuple(value)


def _reply_by_mail(value: Any, field: str, previous: WorkspaceSettings) -> bool:
    if not isinstance(value, bool):
        raise refused(field, "is true or false")
    return value


def _longest_pause(value: Any, field: str, previous: WorkspaceSettings) -> timedelta:
    return _span(value, field)


_CLASS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_YEARS = re.compile(r"([1-9][0-9]{0,2}) ?(?:y|years?)")
_YEAR = timedelta(days=366)
"""At least a year, whichever it is: nothing is erased before its time."""


def _retention(value: Any, field: str, previous: WorkspaceSettings) -> dict[str, timedelta]:
    found = dict(previous.retention)
    for name, span in an_object(value, field).items():
        if not _CLASS.fullmatch(name):
            raise refused(field, f"{name[:100]!r} is no word, such as refunds or hr.10y")
        if span is None:
            found.pop(name, None)
        else:
            found[name] = _keeping(span, f"{field}.{name}")
    if len(found) > MAX_RETENTION_CLASSES:
        raise refused(field, f"a workspace has at most {MAX_RETENTION_CLASSES} retention classes")
    return found


def _keeping(value: Any, field: str) -> timedelta:
    """How long something is kept: elapsed time, or years, of which there may be more than ten."""
    years = _YEARS.fullmatch(value) if isinstance(value, str) else None
    if years is None:
        return _span(value, field)
    if int(years[1]) > MAX_YEARS:
        raise refused(field, f"{value!r} must be at most {MAX_YEARS} years")
    return int(years[1]) * _YEAR


def _kept(span: timedelta) -> str:
    years, rest = divmod(span, _YEAR)
    if rest:
        return written(elapsed(span))
    return f"{years} year" if years == 1 else f"{years} years"


_READERS = {
    "zone": _zone,
    "calendar": _calendar_name,
    "calendars": _calendars,
    "ladders": _ladders,
    "outage": _outage,
    "limits": _limits,
    "may_extend": _may_extend,
    "longest_pause": _longest_pause,
    "reply_by_mail": _reply_by_mail,
    "retention": _retention,
}


def _require_coherent(settings: WorkspaceSettings, field: str) -> None:
    """What is set must fit together, whichever part of it was changed."""
    if settings.calendar is not None and settings.calendar not in settings.calendars:
        message = f"there is no calendar {settings.calendar!r}, by which the workspace would count"
        raise refused(below(field, "calendar"), message)
    # Its own ladders are what tasks keep to, so they are judged as if brought by one.
    judged = replace(settings, limits=replace(settings.limits, own_ladder=True))
    directory = Directory(settings=judged)
    calendars = of_the_workspace(directory)
    for name, rows in settings.ladders.items():
        kind = KINDS[TaskType(name)]
        clockwork = Clockwork(
            directory=directory,
            type=TaskType(name),
            outcomes=kind.OUTCOMES,
            favourable=kind.FAVOURABLE,
            now=_SOME_MOMENT,
        )
        read_ladder(rows, clockwork, calendars, below(field, f"ladders.{name}"))


def _span(value: Any, field: str) -> timedelta:
    if not isinstance(value, str):
        raise refused(field, "write an elapsed duration, e.g. 72h or 7d")
    return parse_elapsed(value, field=field)


def _span_document(span: timedelta | None) -> str | None:
    return None if span is None else written(elapsed(span))


def _truth(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise refused(field, "write true or false")
    return value
