"""``signoff people``: who can be asked, and what for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.options import DEFAULT_URL, Json, Key, Limit, Url
from signoff.cli.output import emit, say, table
from signoff.cli.text import moment

app = typer.Typer(help="People who can be asked.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(metavar="PERSON", help="A mail address or an id.")]
Name = Annotated[str | None, typer.Option(help="What people call them.")]
Role = Annotated[
    list[str] | None, typer.Option("--role", help="A role they have; may be repeated.")
]
Group = Annotated[
    list[str] | None, typer.Option("--group", help="A group they are in; may be repeated.")
]
Region = Annotated[str | None, typer.Option(help="Where they are, such as EU.")]
TimeZone = Annotated[str | None, typer.Option("--time-zone", help="Such as Europe/Berlin.")]


@app.command("add")
def add(
    *,
    email: Annotated[str, typer.Option(help="Their mail address.")],
    name: Name = None,
    role: Role = None,
    group: Group = None,
    region: Region = None,
    time_zone: TimeZone = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Add a person, so that tasks can ask them."""
    body = {"email": email, **_fields(name, role, group, region, time_zone)}
    with Connection(url, key) as server:
        _told(server.post("/v1/people", body), "Added", as_json=as_json)


@app.command("list")
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


@app.command("update")
def update(
    person: Reference,
    *,
    name: Name = None,
    role: Role = None,
    group: Group = None,
    region: Region = None,
    time_zone: TimeZone = None,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Whether they may act at all.")
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change a person. Roles and groups given here replace the ones they had."""
    changes = _fields(name, role, group, region, time_zone)
    if disabled is not None:
        changes["disabled"] = disabled
    if not changes:
        raise typer.BadParameter("say what to change, for example --role approver")
    with Connection(url, key) as server:
        _told(server.patch(f"/v1/people/{person}", changes), "Changed", as_json=as_json)


@app.command("sign-in-link")
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


def _told(document: Document, verb: str, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    person = document["person"]
    reach = [f"role:{role}" for role in person.get("roles") or ()]
    reach += [f"group:{group}" for group in person.get("groups") or ()]
    say(f"{verb} {person['email']}{' with ' + ', '.join(reach) if reach else ''}.")
