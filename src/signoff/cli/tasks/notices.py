"""Who was told of a task, over what, and with what result."""

from __future__ import annotations

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, table
from signoff.cli.tasks.arguments import TaskId
from signoff.cli.when import Clock, ZoneName


def notices(
    task: TaskId,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Show who was told of a task, when, over what channel, and what became of it."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.get(f"/v1/tasks/{task}/notices")
    if as_json:
        emit(found)
        return
    table(
        ("who", "channel", "why", "result", "when", "detail"),
        (
            (
                row["person"] or row["place"],
                row["channel"],
                row["reason"],
                row["state"],
                clock.show(row["due_at"] or row["at"]),
                row["detail"],
            )
            for row in found["notices"]
        ),
        empty="Nobody has been told so far.",
    )
