"""What people answer tasks with: a verb for each outcome, and one general form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from signoff.cli.connection import Connection, Document
from signoff.cli.options import DEFAULT_URL, Json, Key, Url, read_json
from signoff.cli.tasks.arguments import Comment, Data, EvidenceOption, TaskId, View
from signoff.cli.tasks.telling import told
from signoff.cli.tasks.verbs import Verb


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
        told(_answer(server, task, body, view), as_json=as_json)


def command_for(verb: Verb) -> Callable[..., None]:
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
            told(_answer(server, task, body, view), as_json=as_json)

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
