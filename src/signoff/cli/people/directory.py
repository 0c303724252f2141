"""The people of a workspace: added, listed, changed, and let in to the inbox."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.options import DEFAULT_URL, Json, Key, Limit, Url
from signoff.cli.output import card, emit, say, table
from signoff.cli.people.arguments import Reference
from signoff.cli.text import moment

Name = Annotated[str | None, typer.Option(help="What people call them.")]
Role = Annotated[
    list[str] | None, typer.Option("--role", help="A role they have; may be repeated.")
]
Group = Annotated[
    list[str] | None, typer.Option("--group", help="A group they are in; may be repeated.")
]
Region = Annotated[str | None, typer.Option(help="Where they are, such as EU.")]
TimeZone = Annotated[str | None, typer.Option("--time-zone", help="Such as Europe/Berlin.")]
Alias = Annotated[
    list[str] | None,
    typer.Option("--alias", help="Another mail address of theirs; may be repeated."),
]
Attribute = Annotated[
    list[str] | None,
    typer.Option(
        "--attribute",
        metavar="NAME=VALUE",
        help="What role:NAME@name:value asks for, e.g. level=2; may be repeated.",
    ),
]
CalendarName = Annotated[
    str | None, typer.Option("--calendar", help="Their working calendar, or none.")
]


def add(
    *,
    email: Annotated[str, typer.Option(help="Their mail address.")],
    name: Name = None,
    role: Role = None,
    group: Group = None,
    region: Region = None,
    time_zone: TimeZone = None,
    alias: Alias = None,
    attribute: Attribute = None,
    calendar: CalendarName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Add a person, so that tasks can ask them."""
    body = {
        "email": email,
        **_fields(name, role, group, region, time_zone),
        **_traits(alias, attribute, calendar),
    }
    with Connection(url, key) as server:
        _told(server.post("/v1/people", body), "Added", as_json=as_json)


def list_people(
    limit: Limit = 100, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False
) -> None:
    """List the people of the workspace."""
    with Connection(url, key) as server:
        rows = server.pages("/v1/people", "people", limit=limit)
    if as_json:
        emit({"people": rows})
        return
    table(
        ("email", "name", "roles", "groups", "region", "state"),
        (
            (
                row["email"],
                row.get("name"),
                ", ".join(row.get("roles") or ()),
                ", ".join(row.get("groups") or ()),
                row.get("region"),
                "disabled" if row.get("disabled") else "active",
            )
            for row in rows
        ),
        empty="There are no people yet; add one with `signoff people add --email ...`.",
    )


def show(person: Reference, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show everything known about one person."""
    with Connection(url, key) as server:
        found = server.get(f"/v1/people/{person}")
    if as_json:
        emit(found)
        return
    row = found["person"]
    attributes = row.get("attributes") or {}
    card(
        {
            "person": row["id"],
            "email": row["email"],
            "aliases": row.get("aliases"),
            "name": row.get("name"),
            "roles": row.get("roles"),
            "groups": row.get("groups"),
            "region": row.get("region"),
            "attributes": [f"{name}={value}" for name, value in attributes.items()],
            "time zone": row.get("time_zone"),
            "calendar": row.get("calendar"),
            "state": "disabled" if row.get("disabled") else "active",
        }
    )


def update(
    person: Reference,
    *,
    name: Name = None,
    role: Role = None,
    group: Group = None,
    region: Region = None,
    time_zone: TimeZone = None,
    alias: Alias = None,
    attribute: Attribute = None,
    calendar: CalendarName = None,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Whether they may act at all.")
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change a person. Roles, groups, aliases and attributes given here replace those before."""
    changes = {
        **_fields(name, role, group, region, time_zone),
        **_traits(alias, attribute, calendar),
    }
    if disabled is not None:
        changes["disabled"] = disabled
    if not changes:
        raise typer.BadParameter("say what to change, for example --role approver")
    with Connection(url, key) as server:
        _told(server.patch(f"/v1/people/{person}", changes), "Changed", as_json=as_json)


def sign_in_link(
    person: Reference, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False
) -> None:
    """Make a link that signs this person in to the inbox, once."""
    with Connection(url, key) as server:
        link = server.post(f"/v1/people/{person}/sign-in-link")
    if as_json:
        emit(link)
        return
    say(link["url"])
    say(f"Works once, until {moment(link['expires_at'])}.")


def _fields(
    name: str | None,
    role: list[str] | None,
    group: list[str] | None,
    region: str | None,
    time_zone: str | None,
) -> dict[str, Any]:
    given = {"name": name, "roles": role, "groups": group, "region": region}
    given["time_zone"] = time_zone
    return {field: value for field, value in given.items() if value not in (None, [])}


def _traits(
    alias: list[str] | None, attribute: list[str] | None, calendar: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if alias:
        found["aliases"] = alias
    if attribute:
        found["attributes"] = dict(_attribute(text) for text in attribute)
    if calendar is not None:
        found["calendar"] = None if calendar.lower() == "none" else calendar
    return found


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name and value):
        raise typer.BadParameter(f"--attribute {text} must be NAME=VALUE, e.g. level=2")
    return name, value


def _told(document: Document, verb: str, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    person = document["person"]
    reach = [f"role:{role}" for role in person.get("roles") or ()]
    reach += [f"group:{group}" for group in person.get("groups") or ()]
    say(f"{verb} {person['email']}{' with ' + ', '.join(reach) if reach else ''}.")
