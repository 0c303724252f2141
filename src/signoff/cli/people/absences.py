"""``signoff people absences``: from when until when somebody is away, and who stands in."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.files import fetch_text, is_address, read_text
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say, table
from signoff.cli.people.arguments import Reference
from signoff.cli.when import Clock, ZoneName

app = typer.Typer(help="Absences: who is away, and who stands in.", no_args_is_help=True)

Substitute = Annotated[
    str | None, typer.Option(metavar="PERSON", help="Who answers in their place meanwhile.")
]


@app.command("list")
def list_absences(
    person: Reference,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """List when somebody is away."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.get(_path(person))
    _told(found, clock, as_json=as_json)


@app.command("add")
def add(
    person: Reference,
    *,
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="A day, or a moment such as 2026-12-23T12:00."),
    ],
    end: Annotated[
        str, typer.Option("--to", metavar="TIME", help="The last day away, or a moment.")
    ],
    substitute: Substitute = None,
    note: Annotated[str | None, typer.Option(help="What others should know of it.")] = None,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Say that somebody is away. Days are days where they live."""
    clock = Clock(zone)
    row = {"start": clock.read_loosely(start), "end": clock.read_loosely(end)}
    more = {"substitute": substitute, "note": note}
    row |= {name: value for name, value in more.items() if value is not None}
    with Connection(url, key) as server:
        before = server.get(_path(person))["absences"]
        found = server.put(_path(person), {"absences": [*_given(before), row]})
    _told(found, clock, as_json=as_json)


@app.command("remove")
def remove(
    person: Reference,
    number: Annotated[int, typer.Argument(min=1, help="Which one, as `absences list` counts.")],
    *,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Remove an absence: they are there after all."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        before = server.get(_path(person))["absences"]
        if number > len(before):
            raise typer.BadParameter(f"there is no absence {number}; {person} has {len(before)}")
        kept = [*before[: number - 1], *before[number:]]
        found = server.put(_path(person), {"absences": _given(kept)})
    _told(found, clock, as_json=as_json)


@app.command("import")
def import_absences(
    person: Reference,
    source: Annotated[
        str, typer.Argument(metavar="FILE-OR-URL", help="An ICS file, or a calendar's address.")
    ],
    *,
    substitute: Substitute = None,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Read absences from a calendar in the ICS format, as calendar programs export it."""
    clock = Clock(zone)
    ics = fetch_text(source) if is_address(source) else read_text(source)
    body = {"ics": ics, **({"substitute": substitute} if substitute else {})}
    with Connection(url, key) as server:
        found = server.post(f"{_path(person)}/import", body)
    _told(found, clock, as_json=as_json)
    if not as_json:
        say(f"{found['imported']} taken from {source}.")
        for row in found.get("left_out") or ():
            say(f"Left out: {row.get('summary') or 'an event'}: {row['why']}")


def _path(person: str) -> str:
    return f"/v1/people/{person}/absences"


def _given(rows: list[Document]) -> list[Document]:
    """Absences as they are sent: what is not there is left out."""
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _told(document: Document, clock: Clock, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    table(
        ("no", "from", "until", "substitute", "note"),
        (
            (
                number,
                clock.show(row["start"]),
                clock.show(row["end"]),
                row.get("substitute"),
                row.get("note"),
            )
            for number, row in enumerate(document["absences"], start=1)
        ),
        empty="Never away.",
    )
    if document["absences"] and not any(row.get("substitute") for row in document["absences"]):
        say("Nobody stands in; name somebody with --substitute.")
