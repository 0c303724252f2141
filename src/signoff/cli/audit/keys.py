"""``signoff audit keys``: the keys that sign the log."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say, table
from signoff.cli.text import moment

app = typer.Typer(help="The keys that sign the log.", no_args_is_help=True)


@app.command("list")
def list_keys(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """List the keys the log has had, the oldest first."""
    with Connection(url, key) as server:
        found = server.get("/v1/audit/keys")
    if as_json:
        emit(found)
        return
    table(
        ("generation", "signs", "since", "key"),
        (
            (
                row["generation"],
                f"no, since {moment(row['retired_at'])}" if row["retired_at"] else "yes",
                moment(row["made_at"]),
                row["key"],
            )
            for row in found["keys"]
        ),
        empty="The log has no key.",
    )


@app.command("rotate")
def rotate(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Add a key. Both sign from now on, until you retire the older one."""
    with Connection(url, key) as server:
        made = server.post("/v1/audit/keys")
    if as_json:
        emit(made)
        return
    say(f"Generation {made['generation']} signs from now on, beside the older one:")
    say(f"  {made['key']}")
    say("next: give it to whoever pins keys; then signoff audit keys retire GENERATION")


@app.command("retire")
def retire(
    generation: Annotated[int, typer.Argument(min=1, help="Which key, as `keys list` counts.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Let a key sign no more. What it has signed stays verifiable."""
    with Connection(url, key) as server:
        found = server.post(f"/v1/audit/keys/{generation}/retire")
    if as_json:
        emit(found)
    else:
        say(f"Generation {generation} signs no more.")
