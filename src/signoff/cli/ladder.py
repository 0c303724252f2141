"""``signoff ladder``: what a task would come to, before it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection
from signoff.cli.explanation import show_explanation
from signoff.cli.files import read_document
from signoff.cli.options import DEFAULT_URL, Json, Key, Url, read_json
from signoff.cli.output import emit
from signoff.cli.when import Clock, ZoneName

app = typer.Typer(help="Ladders: what happens, and when.", no_args_is_help=True)

_ASKS = ("assignee", "assignees", "chain")
_AROUND = ("task", "payload", "on_behalf_of")


@app.callback()
def ladder() -> None:
    """Ladders: what happens, and when."""


@app.command("preview")
def preview(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="YAML or JSON: a task, or only its ladder, calendar or chain."
        ),
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it would be asked, e.g. 2026-11-27T17:00."),
    ] = None,
    assignee: Annotated[
        list[str] | None,
        typer.Option(help="Who would be asked, where the file does not say; may be repeated."),
    ] = None,
    payload: Annotated[
        str | None,
        typer.Option(metavar="JSON", help="The intent's payload: JSON, @FILE, or @- for stdin."),
    ] = None,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Show who would be asked and what would happen when. Nothing is asked, and nothing stored."""
    clock = Clock(zone)
    body = _request(file, assignee)
    if at is not None:
        body["at"] = clock.read(at, option="--at")
    if payload is not None:
        body["payload"] = read_json(payload, option="--payload")
    with Connection(url, key) as server:
        found = server.post("/v1/tasks/preview", body)
    if as_json:
        emit(found)
        return
    show_explanation(found, clock)


def _request(file: str, assignee: list[str] | None) -> dict[str, Any]:
    """The request that the file stands for, with what a preview needs no word about."""
    given = read_document(file)
    whole = given if isinstance(given.get("task"), dict) else {"task": given}
    if strange := [name for name in whole if name not in _AROUND]:
        raise typer.BadParameter(f"{file}: beside `task` there may be no {strange[0]}")
    title = "A preview" if file == "-" else Path(file).stem
    task: dict[str, Any] = {"type": "approval", "title": title, **whole["task"]}
    if assignee:
        task["assignees"] = assignee
    if not any(task.get(name) for name in _ASKS):
        raise typer.BadParameter(
            f"{file} says nobody who is asked; pass --assignee, e.g. role:manager"
        )
    return {**whole, "task": task}
