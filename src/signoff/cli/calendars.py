"""``signoff calendars``: when work is done, by name."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.files import read_document
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import card, emit, say, table

app = typer.Typer(help="Calendars: when work is done.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the calendar is called.")]


@app.command("list")
def list_calendars(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """List the calendars of the workspace."""
    with Connection(url, key) as server:
        found = server.get("/v1/calendars")
    if as_json:
        emit(found)
        return
    table(
        ("name", "zone", "hours", "holidays", "days that differ"),
        (
            (row["name"], row["zone"], row["hours"], row["holidays"], len(row["days"]) or None)
            for row in found["calendars"]
        ),
        empty="There are no calendars; make one with `signoff calendars set NAME --zone ...`.",
    )


@app.command("show")
def show(name: Name, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show one calendar."""
    with Connection(url, key) as server:
        found = server.get(f"/v1/calendars/{name}")
    _told(found, as_json=as_json)


@app.command("set")
def set_calendar(
    name: Name,
    *,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="YAML or JSON; - for stdin.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Its time zone, e.g. Europe/Berlin.")] = None,
    hours: Annotated[
        str | None, typer.Option(help='Such as "Mon-Fri 09:00-17:30, Sat 10:00-12:00".')
    ] = None,
    holidays: Annotated[
        str | None, typer.Option(help="A country or a part of it, e.g. DE or DE-BE; none for none.")
    ] = None,
    day: Annotated[
        list[str] | None,
        typer.Option(
            "--day",
            metavar="DAY=HOURS",
            help="A day that differs, e.g. 2026-12-24=09:00-12:00 or =closed; may be repeated.",
        ),
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Make a calendar, or change one: what is not said stays as it is."""
    given = _fields(zone, hours, holidays, day)
    if not (given or file):
        raise typer.BadParameter('say what it is, e.g. --zone Europe/Berlin --hours "Mon-Fri 9-17"')
    with Connection(url, key) as server:
        before = read_document(file) if file else _before(server, name)
        days = {**(before.get("days") or {}), **given.pop("days", {})}
        body = {**before, **given, **({"days": days} if days else {})}
        body.pop("name", None)
        found = server.put(f"/v1/calendars/{name}", body)
    _told(found, as_json=as_json)


@app.command("remove")
def remove(name: Name, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Remove a calendar. Tasks that are asked already keep the times they have."""
    with Connection(url, key) as server:
        found = server.delete(f"/v1/calendars/{name}")
    if as_json:
        emit(found)
        return
    say(f"Removed {name}.")


def _fields(
    zone: str | None, hours: str | None, holidays: str | None, days: list[str] | None
) -> dict[str, Any]:
    given: dict[str, Any] = {"zone": zone, "hours": hours}
    found = {name: value for name, value in given.items() if value is not None}
    if holidays is not None:
        found["holidays"] = None if holidays.lower() == "none" else holidays
    if days:
        found["days"] = dict(_day(text) for text in days)
    return found


def _day(text: str) -> tuple[str, str]:
    day, equals, hours = text.partition("=")
    if not (equals and day and hours):
        raise typer.BadParameter(f"--day {text} must be DAY=HOURS, e.g. 2026-12-24=09:00-12:00")
    return day, hours


def _before(server: Connection, name: str) -> dict[str, Any]:
    """The calendar as it is, or nothing where there is none yet."""
    rows = server.get("/v1/calendars")["calendars"]
    return next((dict(row) for row in rows if row["name"] == name), {})


def _told(document: Document, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    calendar = document["calendar"]
    days = calendar.get("days") or {}
    card(
        {
            "calendar": calendar["name"],
            "zone": calendar["zone"],
            "hours": calendar["hours"],
            "holidays": calendar.get("holidays"),
            "days": "\n".join(f"{day}  {hours}" for day, hours in sorted(days.items())),
        }
    )
