"""``signoff tasks explain``: who may answer a task and who may not, and what happens when."""

from __future__ import annotations

from signoff.cli.connection import Connection
from signoff.cli.explanation import show_explanation
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.output import emit, say
from signoff.cli.tasks.arguments import TaskId
from signoff.cli.when import Clock, ZoneName


def explain(
    task: TaskId,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Say who may answer and who may not, and what happens when.

    Of everybody it says why, and of every moment how it came about: working hours, holidays.
    """
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.get(f"/v1/tasks/{task}/explain")
        title = "" if as_json else server.get(f"/v1/tasks/{task}")["task"]["title"]
    if as_json:
        emit(found)
        return
    say(title)
    show_explanation(found, clock)
