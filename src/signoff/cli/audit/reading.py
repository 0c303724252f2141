"""How the log stands, who holds its checkpoints, and a policy to verify it with."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from signoff.cli.connection import Connection, Document
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
    text = "".join(f"{line}\n" for line in _policy(found))
    if as_json:
        emit({"policy": text, **found})
    else:
        sys.stdout.write(text)


def _policy(found: Document) -> Iterator[str]:
    yield f"# Whom I rely on about {found['origin']}. Compare the keys with the operator's own."
    for each in found["keys"]:
        if each["retired_at"]:  # it may have been retired because it was stolen
            yield f"# Signs no more since {moment(each['retired_at'])}. Only for what is older:"
            yield f"# log {each['key']}"
        else:
            yield f"log {each['key']}"
    yield "# Name witnesses, and how many of them you want:"
    yield "# witness NAME VKEY"
    yield "# group trusted 2 NAME NAME NAME"
    yield "# quorum trusted"
    yield "quorum none"
