"""``signoff keys``: API keys, made once, shown once, revoked for good."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Limit, Url
from signoff.cli.output import emit, say, table
from signoff.cli.text import moment

app = typer.Typer(help="API keys.", no_args_is_help=True)


class Kind(StrEnum):
    """What a key can do: an agent asks, a person decides, an auditor reads."""

    AGENT = "agent"
    PERSON = "person"
    ADMIN = "admin"
    AUDITOR = "auditor"


_BELONGS = {Kind.AGENT: "agent", Kind.PERSON: "person"}


@app.command("create")
def create(
    *,
    kind: Annotated[Kind, typer.Option(help="What the key is for.")],
    agent: Annotated[
        str | None, typer.Option(help="For an agent: its address, agent://org/workspace/name.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="For a person: their mail address.")] = None,
    label: Annotated[str | None, typer.Option(help="What to call the key in lists.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Make a key. It is shown this once and stored only as a hash."""
    given = {"agent": agent, "person": person}
    needed = _BELONGS.get(kind)
    if needed and not given[needed]:
        raise typer.BadParameter(f"a key of kind {kind} needs --{needed}")
    body: dict[str, Any] = {"kind": kind.value, **_present(given), **_present({"label": label})}
    with Connection(url, key) as server:
        made = server.post("/v1/keys", body)
    if as_json:
        emit(made)
        return
    say(made["key"])
    say("Keep it now: it is not shown again.")


@app.command("list")
def list_keys(
    limit: Limit = 100, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False
) -> None:
    """List keys, without their secrets."""
    with Connection(url, key) as server:
        rows = server.pages("/v1/keys", "keys", limit=limit)
    if as_json:
        emit({"keys": rows})
        return
    table(
        ("id", "kind", "ends in", "belongs to", "label", "created", "revoked"),
        (
            (
                row["id"],
                row["kind"],
                row["hint"],
                row.get("agent") or row.get("person"),
                row.get("label"),
                moment(row["created_at"]),
                moment(row["revoked_at"]) if row.get("revoked_at") else "",
            )
            for row in rows
        ),
        empty="There are no keys.",
    )


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the key, not the key.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Revoke a key. It stops working at once and for good."""
    with Connection(url, key) as server:
        gone = server.delete(f"/v1/keys/{key_id}")
    if as_json:
        emit(gone)
        return
    say(f"Revoked {key_id}.")


def _present(fields: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}
