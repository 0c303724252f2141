"""Calendars and moments for tests, in few words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from signoff.core.calendar import Calendar
from signoff.core.configuring import read_calendar

WEEK = "Mon-Fri 09:00-17:30"


def calendar(
    zone: str = "Europe/Berlin",
    hours: str = WEEK,
    holidays: str | None = None,
    days: dict[str, str] | None = None,
    name: str = "",
) -> Calendar:
    fields = {"zone": zone, "hours": hours, "holidays": holidays, "days": days or {}}
    return read_calendar(name, fields, field="calendar")


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> datetime:
    """``2026-03-06 17:00`` by the clocks of a zone, in UTC; ``fold=1`` is the second of two."""
    local = datetime.fromisoformat(text)
    if local.tzinfo is None:
        local = local.replace(tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(UTC)
