"""Reading tasks: what there is to do, and everything about one of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.options import DEFAULT_URL, Json, Key, Limit, Url
from signoff.cli.output import card, emit, say, table
from signoff.cli.tasks.arguments import TaskId
from signoff.cli.tasks.telling import answered, decided
from signoff.cli.text import moment

_SHOWN_SPEC = {
    "action": "action",
    "statement": "statement",
    "phrase": "phrase to type",
    "question": "question",
    "choices": "choices",
    "candidates": "candidates",
    "instructions": "instructions",
    "checklist": "checklist",
    "reason": "reason",
    "initial": "initial values",
}


def list_tasks(
    *,
    state: Annotated[str | None, typer.Option(help="live, open, concluded, ...")] = None,
    intent: Annotated[str | None, typer.Option(help="Only those of this intent.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that ask me.")] = False,
    limit: Limit = 100,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """List tasks, newest first. A person's key lists what waits for that person."""
    query = {"state": state, "intent": intent, "mine": "true" if mine else None}
    with Connection(url, key) as server:
        rows = server.pages("/v1/tasks", "tasks", limit=limit, **query)
    if as_json:
        emit({"tasks": rows})
        return
    table(
        ("id", "type", "state", "title", "asked", "due", "decision"),
        (
            (
                row["id"],
                row["type"],
                row["state"],
                row["title"],
                ", ".join(row.get("assignees") or ()),
                moment(row.get("due_at")),
                decided(row),
            )
            for row in rows
        ),
        empty="Nothing to do.",
    )


def show(task: TaskId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show everything a task asks, and its decision."""
    with Connection(url, key) as server:
        found = server.get(f"/v1/tasks/{task}")
    if as_json:
        emit(found)
        return
    _show(found["task"])


def _show(task: Document) -> None:
    spec = dict(task.get("spec") or {})
    if action := spec.get("action"):
        spec["action"] = {name: value for name, value in action.items() if name != "schema"}
    decision = task.get("decision") or {}
    card(
        {
            "task": task["id"],
            "title": task["title"],
            "type": task["type"],
            "state": "awaiting the agent's revision" if task.get("awaiting_revision") else None,
            "description": task.get("description"),
            **{label: spec.get(name) for name, label in _SHOWN_SPEC.items()},
            "may be edited": "yes" if spec.get("editable") else None,
            "content": task.get("content"),
            "rounds": [f"{row['by']}: {row['comment']}" for row in task.get("rounds") or ()],
            "schema": task.get("schema"),
            "outcomes": task["outcomes"],
            "comment": task.get("comment") if task.get("comment") == "required" else None,
            "evidence": task.get("evidence") if task.get("evidence") == "required" else None,
            "risk": task.get("risk"),
            **_people(task),
            "agent": task.get("agent"),
            "intent": f"{task['intent_id']} {task.get('intent_title') or ''}",
            "opened": moment(task.get("opened_at")),
            "due": moment(task.get("due_at")),
            **_clock(task),
            "view": task.get("view_digest"),
        }
    )
    say(f"state: {task['state']}" + (f" ({decided(task)})" if decision else ""))
    if decision:
        card(
            {
                "decided": moment(decision["at"]),
                "data": decision.get("data"),
                "comment": decision.get("comment"),
                "evidence": [piece["value"] for piece in decision.get("evidence") or ()],
            }
        )


def _people(task: Document) -> dict[str, Any]:
    """Who is asked, who has answered, and who else has to do with it."""
    stages = task.get("chain") or ()
    quorum = task.get("quorum") or {}
    several = quorum.get("need", 1) > 1
    return {
        "stage": f"{task['stage'] + 1} of {len(stages)}" if len(stages) > 1 else None,
        "chain": "\n".join(_stage(row) for row in stages) if len(stages) > 1 else None,
        "asked": task.get("assignees"),
        "quorum": f"{quorum['have']} of {quorum['need']}" if several else None,
        "missing": quorum.get("missing") if several else None,
        "answers": "\n".join(answered(row) for row in task.get("answers") or ()),
        "standing in": "\n".join(_stand_in(row) for row in task.get("stand_ins") or ()),
        "claimed by": task.get("claimed_by"),
        "watchers": task.get("watchers"),
        "comments": task.get("comments") or None,
    }


def _stage(row: Document) -> str:
    need = row.get("need", 1)
    many = f"{need} of " if need > 1 else ""
    condition = f" when {row['when']}" if row.get("when") else ""
    skipped = "" if row.get("applies", True) else " (does not apply)"
    return f"{many}{', '.join(row['who'])}{condition}{skipped}"


def _stand_in(row: Document) -> str:
    until = f" until {moment(row['until'])}" if row.get("until") else ""
    return f"{row['deputy']} for {row['owner']} ({row['why']}{until})"


def _clock(task: Document) -> dict[str, Any]:
    """What the clock of the task does next, or why it does nothing."""
    paused, snoozed = task.get("paused_at"), task.get("snoozed_until")
    coming = next(iter(task.get("schedule") or ()), None)
    return {
        "next": f"{coming['do']} {moment(coming['at'])}" if coming else None,
        "paused": f"since {moment(paused)}, until {moment(task['pause_ends'])}" if paused else None,
        "snoozed": f"until {moment(snoozed)}" if snoozed else None,
    }
