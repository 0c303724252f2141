"""The clock of a task: reminders put off, time added, stopped while it waits, started again."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.tasks.arguments import Because, Reason, TaskId
from signoff.cli.tasks.telling import told
from signoff.cli.when import Clock, ZoneName


def snooze(
    task: TaskId,
    *,
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Until when: 2h, or 2026-11-27T17:00.")
    ],
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Be reminded next at that time, and not before. The task stays due when it is."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        body = {"until": clock.read_loosely(until)}
        found = server.post(f"/v1/tasks/{task}/snooze", body)
    again = clock.show(found["task"].get("snoozed_until"))
    told(found, as_json=as_json, what=f"you are reminded {again}; {_due(found['task'], clock)}")


def extend(
    task: TaskId,
    *,
    by: Annotated[str, typer.Option(metavar="TIME", help="How much more: 30m, 24h, 3d.")],
    reason: Because,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Give a task more time: whatever is still to come comes that much later."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/extend", {"by": by, "reason": reason})
    told(found, as_json=as_json, what=_due(found["task"], clock))


def pause(
    task: TaskId,
    *,
    reason: Because,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Stop the clock of a task that waits on its requester, where the task allows that."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/pause", {"reason": reason})
    ends = clock.show(found["task"].get("pause_ends"))
    told(found, as_json=as_json, what=f"its clock stands; it goes on by itself {ends}")


def resume(
    task: TaskId,
    *,
    reason: Reason = None,
    zone: ZoneName = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Start a clock that stands."""
    clock = Clock(zone)
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/resume", {"reason": reason} if reason else {})
    told(found, as_json=as_json, what=f"its clock goes on; {_due(found['task'], clock)}")


def _due(task: dict[str, str], clock: Clock) -> str:
    return f"due {clock.show(task['due_at'])}"
