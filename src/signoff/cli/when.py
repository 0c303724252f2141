"""Moments as people at a terminal write and read them: in their own time zone, or one they name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from signoff.cli.text import visible

_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)

ZoneName = Annotated[
    str | None,
    typer.Option(
        "--zone", metavar="ZONE", help="Read and show times there, e.g. Europe/Berlin, not here."
    ),
]


class Clock:
    """Reads and shows moments in one zone: this machine's, where none is named.

    :raises typer.BadParameter: nobody knows the zone.
    """

    def __init__(self, zone: str | None) -> None:
        self._zone = _known(zone) if zone else None
        self.name = zone or "this machine's time"

    def show(self, value: str | None, *, day: bool = True) -> str:
        """An RFC 3339 time: its day, the time of day and the zone's short name."""
        if not value:
            return "-"
        try:
            at = datetime.fromisoformat(value).astimezone(self._zone)
        except ValueError:
            return visible(value)
        time = at.strftime("%H:%M:%S" if at.second else "%H:%M")
        return f"{at:%a %Y-%m-%d} {time} {at.tzname()}" if day else f"{time} {at.tzname()}"

    def retell(self, text: str) -> str:
        """A sentence of the server's, with the moments in it as they are shown."""
        return _MOMENT.sub(lambda found: self.show(found[0]), text)

    def read(self, text: str, *, option: str) -> str:
        """A moment as the server reads it; one without a zone is meant here.

        :raises typer.BadParameter: it is no moment.
        """
        found = self._moment(text)
        if found is None:
            raise typer.BadParameter(f"{option} must be a time, such as 2026-11-27T17:00")
        return found

    def read_loosely(self, text: str) -> str:
        """A moment as the server reads it; anything else, such as ``2h``, as it was written."""
        return self._moment(text) or text

    def _moment(self, text: str) -> str | None:
        if _is_day(text):
            return None
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        if at.tzinfo is None:
            at = at.replace(tzinfo=self._zone) if self._zone else at.astimezone()
        return at.astimezone(UTC).isoformat()


def _is_day(text: str) -> bool:
    """A day is not a moment: whoever reads it knows when it begins."""
    return "T" not in text.upper() and ":" not in text


def _known(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        pass
    raise typer.BadParameter(f"--zone {name} is no time zone; write e.g. Europe/Berlin")
