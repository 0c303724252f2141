"""What holds for a workspace, and its calendars."""

from __future__ import annotations

from typing import Any

import msgspec

from signoff.core.calendar import Calendar
from signoff.core.configuring import calendar_document, settings_document
from signoff.core.workspace import WorkspaceSettings
from signoff.server import documents as d


def settings(found: WorkspaceSettings) -> d.Settings:
    document = settings_document(found)
    calendars = {name: _calendar(each) for name, each in found.calendars.items()}
    return msgspec.convert({**document, "calendars": calendars}, d.Settings)


def named_calendar(found: Calendar) -> d.NamedCalendar:
    return msgspec.convert({"name": found.name, **_calendar(found)}, d.NamedCalendar)


def _calendar(found: Calendar) -> dict[str, Any]:
    return {"holidays": None, "days": {}, **calendar_document(found)}
