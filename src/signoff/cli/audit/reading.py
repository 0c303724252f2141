"""How the log stands, who holds its checkpoints, and a policy to verify it with."""

from __future__ import annotations

import sys

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import card, emit, table
from signoff.cli.text import moment


def status(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Say how the log stands: how many entries it has, and how far behind it is."""
    with Connection(url, key) as server:
        found = server.get("/v1/audit/status")
    if as_json:
        emit(found)
        return
    card(
        {
            "log": found["origin"],
            "entries": str(found["size"]),
            "without a place": str(found["waiting"]),
            "behind": f"{found['lag_seconds']:.1f} s",
            "published": moment(found["published_at"]) if found["published_at"] else "never",
            "broken": found["broken"],
        }
    )


def anchors(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """List who was given checkpoints, newest first."""
    with Connection(url, key) as server:
        found = server.get("/v1/audit/anchors")
    if as_json:
        emit(found)
        return
    table(
        ("kind", "name", "entries", "when", "held", "why not"),
        (
            (
                row["kind"],
                row["name"],
                row["size"],
                moment(row["at"]),
                "yes" if row["held"] else "no",
                row["detail"],
            )
            for row in found["anchors"]
        ),
        empty="Nobody has been given a checkpoint. `SIGNOFF_ANCHOR_FILE` is the simplest way.",
    )


def policy(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Print a policy file that pins the keys of the log (C2SP tlog-policy). Keep it elsewhere."""
    with Connection(url, key) as server:
        found = server.get("/v1/audit/keys")
    if as_json:
        emit(found)
        return
    lines = [
        f"# Whom I rely on about {found['origin']}. Compare the keys with the operator's own.",
        *(f"log {each['key']}" for each in found["keys"]),
        "# Name witnesses, and how many of them you want:",
        "# witness NAME VKEY",
        "# group trusted 2 NAME NAME NAME",
        "# quorum trusted",
        "quorum none",
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
