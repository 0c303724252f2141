"""What is said on a task beside the answers."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.connection import Connection
from signoff.cli.files import read_text
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say
from signoff.cli.tasks.arguments import TaskId
from signoff.cli.tasks.telling import told
from signoff.cli.text import visible
from signoff.cli.when import Clock, ZoneName


def comment(
    task: TaskId,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What to say; - reads it from stdin.")
    ],
    *,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Say something on a task without answering it. Everybody who sees the task can read it."""
    said = read_text("-").strip() if text == "-" else text
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/comments", {"text": said})
    count = found["task"].get("comments") or 0
    told(found, as_json=as_json, what=f"{count} comment{'' if count == 1 else 's'}")


def comments(
    task: TaskId,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Show what was said on a task, oldest first."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.get(f"/v1/tasks/{task}/comments")
    if as_json:
        emit(found)
        return
    if not found["comments"]:
        say("Nobody has said anything.")
    for row in found["comments"]:
        say(f"{visible(row['by'])}  {clock.show(row['at'])}")
        for line in row["text"].splitlines():
            say(f"  {line}")
