"""The named calendars of a workspace: when work is done. They are part of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signoff.core.calendar import Calendar
from signoff.core.configuring import read_calendar
from signoff.errors import FieldError, InvalidInput, InvalidTask
from signoff.server import documents as d
from signoff.server import ids, rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.settings import save


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """List the calendars by name."""
    settings = await call.services.store.settings(call.caller.workspace)
    shown = [rendering.named_calendar(each) for _, each in sorted(settings.calendars.items())]
    return Reply(document=d.CalendarsListed(calendars=shown))


async def read(call: Call[None, NoQuery]) -> Reply:
    """One calendar."""
    return _shown(await _calendar(call))


async def put(call: Call[b.CalendarFields, NoQuery]) -> Reply:
    """Make a calendar, or put another in its place."""
    name = call.path["name"]
    fields = {field: value for field, value in call.raw.items() if value is not None}
    _require_sound(name, fields)
    settings = await save(call, {"calendars": {name: fields}})
    return _shown(settings.calendars[name])


async def remove(call: Call[None, NoQuery]) -> Reply:
    """Remove a calendar. Tasks that are asked already keep the times they have."""
    found = await _calendar(call)
    settings = await call.services.store.settings(call.caller.workspace)
    if settings.calendar == found.name:
        message = f"the workspace counts by {found.name!r}; change `calendar` in its settings first"
        raise InvalidInput(message, errors=[FieldError("name", message)])
    await save(call, {"calendars": {found.name: None}})
    return _shown(found)


def _require_sound(name: str, fields: Mapping[str, Any]) -> None:
    """Refuse it by the fields of this request, which are not where they are in the settings."""
    try:
        read_calendar(name, _A_SOUND_ONE, field="name")
        read_calendar(name, fields, field="")
    except InvalidTask as refused:
        raise InvalidInput(refused.message, errors=refused.errors) from None


_A_SOUND_ONE: Mapping[str, Any] = {"zone": "UTC", "hours": "Mon-Fri 09:00-17:00"}


async def _calendar(call: Call[Any, Any]) -> Calendar:
    settings = await call.services.store.settings(call.caller.workspace)
    found = settings.calendars.get(call.path["name"])
    if found is None:
        raise ids.no_such("calendar")
    return found


def _shown(found: Calendar) -> Reply:
    return Reply(document=d.OneCalendar(calendar=rendering.named_calendar(found)))
