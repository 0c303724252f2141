"""How a person is told beside the inbox: channels, quiet hours, digest."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection
from signoff.cli.files import written
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say
from signoff.cli.people.arguments import Reference
from signoff.cli.settings import change_of

app = typer.Typer(help="How a person is told, and reads.", no_args_is_help=True)


@app.command("show")
def show(person: Reference, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show what a person has chosen."""
    with Connection(url, key) as server:
        _told(server.get(f"/v1/people/{person}/preferences"), as_json=as_json)


@app.command("set")
def set_preferences(
    person: Reference,
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...",
            help="Such as channels=[email] digest=daily 'quiet={start: 22:00, end: 07:00}'.",
        ),
    ],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change how a person is told. A value may be YAML or JSON; null goes back to the usual."""
    body: dict[str, Any] = {}
    for text in changes:
        path, value = change_of(text)
        body[".".join(path)] = value
    with Connection(url, key) as server:
        _told(server.patch(f"/v1/people/{person}/preferences", body), as_json=as_json)


def _told(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    say(written(document["preferences"]).rstrip())
