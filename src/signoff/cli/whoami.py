"""``signoff whoami``: what the key in use is, and where it belongs."""

from __future__ import annotations

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import card, emit


def whoami(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Say which key this is: its kind, its workspace, and whose it is."""
    with Connection(url, key) as server:
        me = server.get("/v1/me")
    if as_json:
        emit(me)
        return
    person = me.get("person") or {}
    card(
        {
            "kind": me["kind"],
            "workspace": me["workspace"],
            "agent": me.get("agent"),
            "person": person.get("email"),
            "name": person.get("name"),
            "roles": person.get("roles"),
            "groups": person.get("groups"),
        }
    )
