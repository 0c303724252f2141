"""``signoff tasks``: what people are asked, and their answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.options import DEFAULT_URL, Json, Key, Limit, Url, read_json
from signoff.cli.output import card, emit, say, table
from signoff.cli.text import moment
from signoff.cli.verbs import VERBS, Verb

app = typer.Typer(help="Tasks: what people are asked.", no_args_is_help=True)

TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The id of the task.")]
Comment = Annotated[str | None, typer.Option(help="What you want to say about it.")]
Data = Annotated[
    str | None,
    typer.Option(metavar="JSON", help="Structured input: JSON, @FILE, or @- for stdin."),
]
EvidenceOption = Annotated[
    list[str] | None,
    typer.Option("--evidence", help="A link or a reference number; may be repeated."),
]
View = Annotated[
    str | None,
    typer.Option(metavar="DIGEST", help="Refuse if the task is no longer what you looked at."),
]
Reason = Annotated[str | None, typer.Option(help="Why.")]

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


@app.command("list")
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
                _decided(row),
            )
            for row in rows
        ),
        empty="Nothing to do.",
    )


@app.command("show")
def show(task: TaskId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Show everything a task asks, and its decision."""
    with Connection(url, key) as server:
        found = server.get(f"/v1/tasks/{task}")
    if as_json:
        emit(found)
        return
    _show(found["task"])


@app.command("answer")
def answer(
    task: TaskId,
    *,
    outcome: Annotated[str, typer.Option(help="One of the task's outcomes.")],
    comment: Comment = None,
    data: Data = None,
    evidence: EvidenceOption = None,
    view: View = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Answer a task with any of its outcomes."""
    body = _body(outcome, comment, read_json(data, option="--data"), evidence)
    with Connection(url, key) as server:
        _told(_answer(server, task, body, view), as_json=as_json)


@app.command("claim")
def claim(task: TaskId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Claim a task, so that nobody else answers it meanwhile."""
    with Connection(url, key) as server:
        _told(server.post(f"/v1/tasks/{task}/claim"), as_json=as_json)


@app.command("release")
def release(task: TaskId, url: Url = DEFAULT_URL, key: Key = None, as_json: Json = False) -> None:
    """Give a claimed task back."""
    with Connection(url, key) as server:
        _told(server.post(f"/v1/tasks/{task}/release"), as_json=as_json)


@app.command("withdraw")
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
        _told(server.post(f"/v1/tasks/{task}/withdraw", body), as_json=as_json)


def _command_for(verb: Verb) -> Callable[..., None]:
    def command(
        task: str,
        *,
        comment: str | None = None,
        data: str | None = None,
        evidence: list[str] | None = None,
        view: str | None = None,
        url: str = DEFAULT_URL,
        key: str | None = None,
        as_json: bool = False,
        said: Any = None,
    ) -> None:
        body = _body(verb.outcome, comment, _said(verb, said, data), evidence)
        with Connection(url, key) as server:
            _told(_answer(server, task, body, view), as_json=as_json)

    hints: dict[str, Any] = {
        "task": TaskId,
        "comment": Comment,
        "data": Data,
        "evidence": EvidenceOption,
        "view": View,
        "url": Url,
        "key": Key,
        "as_json": Json,
        "said": Annotated[str | None, typer.Option(hidden=True)],
    }
    if verb.field is not None:
        option = typer.Option(f"--{verb.field}", help=verb.field_help)
        kind = list[str] if verb.many else str
        hints["said"] = Annotated[kind | None, option]
    command.__annotations__ = hints
    command.__doc__ = verb.help
    return command


for _verb in VERBS:
    app.command(_verb.name)(_command_for(_verb))


def _said(verb: Verb, said: str | list[str] | None, data: str | None) -> Any:
    """The data of an answer: ``--data``, with the verb's own option put into it."""
    value = read_json(data, option="--data")
    if verb.field is None or said in (None, []):
        return value
    if value is not None and not isinstance(value, dict):
        raise typer.BadParameter(f"--{verb.field} needs --data to be an object, or left out")
    return {**(value or {}), verb.field: said}


def _body(
    outcome: str, comment: str | None, data: Any, evidence: list[str] | None
) -> dict[str, Any]:
    body: dict[str, Any] = {"outcome": outcome}
    if comment is not None:
        body["comment"] = comment
    if data is not None:
        body["data"] = data
    if evidence:
        body["evidence"] = [_evidence(value) for value in evidence]
    return body


def _evidence(value: str) -> str | dict[str, str]:
    """A link is sent as it is; anything else is a reference in some other system."""
    is_link = value.startswith(("https://", "http://"))
    return value if is_link else {"kind": "reference", "value": value}


def _answer(server: Connection, task: str, body: dict[str, Any], view: str | None) -> Document:
    headers = {"If-Match": f'"{view}"'} if view else None
    return server.post(f"/v1/tasks/{task}/answer", body, headers=headers)


def _told(document: Document, *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    task = document["task"]
    if task.get("decision"):
        say(f"{task['title']}: {_decided(task)}")
    elif task.get("awaiting_revision"):
        say(f"{task['title']}: changes requested; the agent is asked to revise")
    elif task.get("claimed_by"):
        say(f"{task['title']}: claimed by {task['claimed_by']}")
    else:
        say(f"{task['title']}: {task['state']}")


def _decided(task: Document) -> str:
    decision = task.get("decision")
    if not decision:
        return ""
    return f"{decision['outcome']} by {decision['by']}"


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
            "asked": task.get("assignees"),
            "claimed by": task.get("claimed_by"),
            "agent": task.get("agent"),
            "intent": f"{task['intent_id']} {task.get('intent_title') or ''}",
            "opened": moment(task.get("opened_at")),
            "due": moment(task.get("due_at")),
            "view": task.get("view_digest"),
        }
    )
    say(f"state: {task['state']}" + (f" ({_decided(task)})" if decision else ""))
    if decision:
        card(
            {
                "decided": moment(decision["at"]),
                "data": decision.get("data"),
                "comment": decision.get("comment"),
                "evidence": [piece["value"] for piece in decision.get("evidence") or ()],
            }
        )
