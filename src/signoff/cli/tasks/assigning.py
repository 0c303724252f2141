"""Who works on a task: claimed, given back, withdrawn, delegated, reassigned, watched."""

from __future__ import annotations

from typing import Annotated

import typer

from signoff.cli.connection import Connection
from signoff.cli.options import DEFAULT_URL, Json, Key, Url
from signoff.cli.tasks.arguments import Because, Reason, TaskId
from signoff.cli.tasks.telling import told

Who = Annotated[
    str | None, typer.Option("--who", metavar="PERSON", help="Somebody else than yourself.")
]


def claim(task: TaskId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Claim a task, so that nobody else answers it meanwhile."""
    with Connection(url, key) as server:
        told(server.post(f"/v1/tasks/{task}/claim"), as_json=as_json)


def release(task: TaskId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Give a claimed task back."""
    with Connection(url, key) as server:
        told(server.post(f"/v1/tasks/{task}/release"), as_json=as_json)


def withdraw(
    task: TaskId,
    reason: Reason = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Withdraw a task that nobody needs to answer any more (its agent, or an administrator)."""
    body = {"reason": reason} if reason else {}
    with Connection(url, key) as server:
        told(server.post(f"/v1/tasks/{task}/withdraw", body), as_json=as_json)


def delegate(
    task: TaskId,
    *,
    to: Annotated[str, typer.Option(metavar="PERSON", help="Who answers in your place.")],
    note: Annotated[str | None, typer.Option(help="What they should know.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Let another person answer in your place. You stay on record, and may still answer."""
    body = {"to": to, **({"note": note} if note else {})}
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/delegate", body)
    told(found, as_json=as_json, what=f"{to} may answer in your place; you may still")


def reassign(
    task: TaskId,
    *,
    to: Annotated[
        list[str],
        typer.Option(help="Whom to ask: a mail address, role:NAME, group:NAME; may be repeated."),
    ],
    reason: Because,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Ask others instead, and not those asked so far.

    An administrator passes everybody's part on; a person who is asked by name, their own.
    """
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/reassign", {"to": to, "reason": reason})
    asked = ", ".join(found["task"].get("assignees") or ())
    told(found, as_json=as_json, what=f"now asks {asked}")


def watch(
    task: TaskId,
    who: Who = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Be told what becomes of a task, without being asked."""
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/watch", {"who": who} if who else {})
    told(found, as_json=as_json, what=_watched(found["task"].get("watchers")))


def unwatch(
    task: TaskId,
    who: Who = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Be told no more."""
    with Connection(url, key) as server:
        found = server.post(f"/v1/tasks/{task}/unwatch", {"who": who} if who else {})
    told(found, as_json=as_json, what=_watched(found["task"].get("watchers")))


def _watched(watchers: list[str] | None) -> str:
    return f"watched by {', '.join(watchers)}" if watchers else "watched by nobody"
