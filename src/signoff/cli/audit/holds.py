"""``signoff audit hold``: legal holds, against which nothing is erased."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say, table
from signoff.cli.text import moment

app = typer.Typer(help="Legal holds: nothing they cover is erased.", no_args_is_help=True)


class Scope(StrEnum):
    """What a hold covers."""

    INTENT = "intent"
    SUBJECT = "subject"
    RETENTION = "retention"
    WORKSPACE = "workspace"


@app.command("place")
def place(
    scope: Annotated[Scope, typer.Argument(help="What kind of thing it covers.")],
    target: Annotated[
        str, typer.Argument(help="Which: an intent, a subject, a retention class.")
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Let nothing that this covers be erased, until the hold is lifted."""
    body = {"scope": scope.value, "target": target, "reason": reason}
    with Connection(url, key) as server:
        made = server.post("/v1/audit/holds", body)
    if as_json:
        emit(made)
    else:
        say(f"{made['id']} stands. Lift it with: signoff audit hold lift {made['id']} --reason ...")


@app.command("lift")
def lift(
    hold: Annotated[str, typer.Argument(metavar="ID", help="The id of the hold.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Lift a hold."""
    with Connection(url, key) as server:
        found = server.post(f"/v1/audit/holds/{hold}/lift", {"reason": reason})
    if as_json:
        emit(found)
    else:
        say(f"{hold} was lifted.")


@app.command("list")
def list_holds(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """List holds, those that were lifted too, newest first."""
    with Connection(url, key) as server:
        found = server.get("/v1/audit/holds")
    if as_json:
        emit(found)
        return
    table(
        ("id", "covers", "which", "why", "since", "lifted"),
        (
            (
                row["id"],
                row["scope"],
                row["target"],
                row["reason"],
                moment(row["placed_at"]),
                moment(row["lifted_at"]) if row["lifted_at"] else "",
            )
            for row in found["holds"]
        ),
        empty="There are no holds.",
    )
