"""``signoff settings``: what holds for every task of the workspace, unless it says otherwise."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.files import parse, read_document, written
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say

app = typer.Typer(help="Settings of the workspace.", no_args_is_help=True)


@app.command("show")
def show(url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show the settings, as YAML that `signoff settings edit --file` takes back."""
    with Connection(url, key) as server:
        found = server.get("/v1/settings")
    _told(found, as_json=as_json)


@app.command("set")
def set_settings(
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...",
            help="Such as zone=Europe/Berlin outage=strict limits.longest=14d calendar=null.",
        ),
    ],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change single settings. A dot leads into one; a value may be YAML or JSON."""
    wanted = [change_of(text) for text in changes]
    with Connection(url, key) as server:
        before = server.get("/v1/settings")["settings"]
        body: dict[str, Any] = {"version": before["version"]}
        for path, value in wanted:
            _put(body, before, path, value)
        _told(server.patch("/v1/settings", body), as_json=as_json)


@app.command("edit")
def edit(
    *,
    file: Annotated[str, typer.Option("--file", metavar="FILE", help="YAML or JSON; - for stdin.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change the settings to those in a file. With `version` in it, only what was looked at."""
    with Connection(url, key) as server:
        _told(server.patch("/v1/settings", read_document(file)), as_json=as_json)


def change_of(text: str) -> tuple[list[str], Any]:
    """``limits.longest=14d`` as the path to a setting, and the value for it."""
    name, equals, value = text.partition("=")
    path = name.strip().split(".")
    if not equals or not all(path):
        raise typer.BadParameter(f"{text} must be KEY=VALUE, e.g. zone=Europe/Berlin")
    return path, parse(value, name=name)


def _put(body: dict[str, Any], before: Document, path: list[str], value: Any) -> None:
    """Put a value at its place; whatever else is in the same setting stays as it was."""
    top, *rest = path
    if not rest:
        body[top] = value
        return
    place = body.setdefault(top, _copied(before.get(top)))
    for name in rest[:-1]:
        place[name] = _copied(place.get(name))
        place = place[name]
    place[rest[-1]] = value


def _copied(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _told(document: Document, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    say(written(document["settings"]).rstrip())
