"""What a client can do, as conversations: submit, ask and wait, read, answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from signoff.client._json import duration, instant, to_json
from signoff.client._messages import Call, Conversation, Document, Now
from signoff.client._protocol import exchange, get, poll, post
from signoff.client._questions import Question, Revise
from signoff.client._retry import LONG
from signoff.client.documents import IntentDocument, Me, TaskDocument
from signoff.client.results import Decision, read_decision
from signoff.errors import (
    Broken,
    IllegalMove,
    SignoffError,
    StillWaiting,
    TaskExpired,
    TaskOverridden,
    TaskWithdrawn,
)

R = TypeVar("R", bound=Decision)

PAGE = 200
TERMINAL = frozenset({"COMPLETED", "FAILED", "CANCELED", "TIMED_OUT"})
LIVE = frozenset({"open", "claimed"})

_CLOSED: Mapping[str, type[SignoffError]] = {
    "expired": TaskExpired,
    "withdrawn": TaskWithdrawn,
    "overridden": TaskOverridden,
}


# Intents


def submission(
    type_: str,
    *,
    payload: object = None,
    title: str | None = None,
    task: Mapping[str, object] | None = None,
    deadline: str | timedelta | datetime | None = None,
    on_behalf_of: str | None = None,
    handled: bool | None = None,
    provenance: Mapping[str, object] | None = None,
    custody: Mapping[str, object] | None = None,
) -> Document:
    """The body that submits an intent; what is None is left out."""
    body = {
        "payload": to_json(payload, field="payload"),
        "title": title,
        "task": None if task is None else to_json(task, field="task"),
        "deadline": _deadline(deadline),
        "on_behalf_of": on_behalf_of,
        "handled": handled,
        "provenance": None if provenance is None else to_json(provenance, field="provenance"),
        "custody": None if custody is None else to_json(custody, field="custody"),
    }
    return {"type": type_, **{k: v for k, v in body.items() if v is not None}}


def submit(body: Document, key: str | None) -> Conversation[IntentDocument]:
    found = yield from exchange(post("/v1/intents", body, key=key), LONG)
    return cast(IntentDocument, found["intent"])


def read_intent(intent_id: str) -> Conversation[IntentDocument]:
    found = yield from exchange(get(f"/v1/intents/{intent_id}"))
    return cast(IntentDocument, found["intent"])


def cancel(intent_id: str, reason: str | None) -> Conversation[IntentDocument]:
    found = yield from exchange(post(f"/v1/intents/{intent_id}/cancel", _reason(reason)))
    return cast(IntentDocument, found["intent"])


def listing(path: str, collection: str, limit: int, **query: Any) -> Conversation[Sequence[Any]]:
    """Up to ``limit`` rows of a collection, newest first, page by page."""
    rows: list[Any] = []
    before: str | None = None
    while len(rows) < limit:
        size = min(PAGE, limit - len(rows))
        page = yield from exchange(get(path, limit=size, before=before, **query))
        rows += page[collection]
        before = page.get("next")
        if before is None:
            break
    return rows


def me() -> Conversation[Me]:
    return cast(Me, (yield from exchange(get("/v1/me"))))


# Tasks


def ask(question: Question[R]) -> Conversation[R]:
    """Submit an intent that is this one question, and wait for what people decide."""
    until = yield from moment(question.timeout)
    body = submission(
        _purpose(question),
        payload=question.payload,
        title=str(question.task["title"]),
        task=question.task,
        on_behalf_of=question.on_behalf_of,
        provenance=question.provenance,
        custody=question.custody,
    )
    found = yield from exchange(post("/v1/intents", body, key=question.key), LONG)
    task = found.get("task")
    if task is None:
        raise Broken(f"intent {found['intent']['id']} came without the task it was submitted with")
    task = yield from picked_up(task)
    closed = yield from closing(task, until=until, revise=question.revise)
    return question.read(closed)


def picked_up(task: TaskDocument) -> Conversation[TaskDocument]:
    """The task as a write answered it, read once more where it has closed before.

    Only a read tells the server that the agent knows; otherwise it would go on calling for it.
    """
    return task if task["state"] in LIVE else (yield from read_task(task["id"]))


def moment(timeout: float | None) -> Conversation[float | None]:
    """The moment of the shell's clock that is so many seconds from now."""
    if timeout is None:
        return None
    now: float = yield Now()
    return now + timeout


def closing(
    task: TaskDocument, *, until: float | None, revise: Revise | None
) -> Conversation[TaskDocument]:
    """Wait until the task is decided, handing in revisions as they are wished for.

    :raises TaskExpired: or ``TaskWithdrawn``, ``TaskOverridden``: it closed without a decision.
    :raises StillWaiting: ``until`` has come.
    """
    while True:
        if task["state"] == "concluded":
            return task
        if task["state"] not in LIVE:
            raise closed_without_decision(task)
        if task["awaiting_revision"] and revise is not None:
            task = yield from _revised(task, revise)
        else:
            task = yield from _news(task, until, revises=revise is not None)


def _news(task: TaskDocument, until: float | None, *, revises: bool) -> Conversation[TaskDocument]:
    path = f"/v1/tasks/{task['id']}"
    about = {"task_id": task["id"], "intent_id": task["intent_id"]}

    def still() -> SignoffError:
        return StillWaiting(
            f"nobody has decided task {task['id']} yet; it stays open. Ask again with the same "
            "key to go on waiting",
            about=about,
        )

    def done(document: Document) -> bool:
        found = document["task"]
        return found["state"] not in LIVE or (revises and found["awaiting_revision"])

    found = yield from poll(lambda wait: get(path, wait=wait), done, until=until, still=still)
    return cast(TaskDocument, found["task"])


def _revised(task: TaskDocument, revise: Revise) -> Conversation[TaskDocument]:
    """Hand in one revision. Where another process was faster, its revision stands."""
    wish = task["rounds"][-1]
    content = yield Call(function=revise, args=(wish["comment"], wish["content"]))
    try:
        return (yield from hand_in(task["id"], content))
    except IllegalMove:
        now = yield from read_task(task["id"])
        if now["awaiting_revision"] and len(now["rounds"]) == len(task["rounds"]):
            raise
        return now


def hand_in(task_id: str, content: object) -> Conversation[TaskDocument]:
    body = {"content": to_json(content, field="content")}
    found = yield from exchange(post(f"/v1/tasks/{task_id}/revise", body), LONG)
    return cast(TaskDocument, found["task"])


def closed_without_decision(task: TaskDocument) -> SignoffError:
    """The error that says how the task ended, and why."""
    kind = _CLOSED.get(task["state"], SignoffError)
    return kind(
        f"task {task['id']} is {task['state']}: {task['closed_because']}",
        about={
            "task_id": task["id"],
            "intent_id": task["intent_id"],
            "intent_status": task["intent_status"],
            "reason": task["closed_because"],
        },
    )


def wait(
    task_id: str, *, timeout: float | None, revise: Revise | None, model: type | None
) -> Conversation[Decision]:
    until = yield from moment(timeout)
    task = yield from read_task(task_id)
    closed = yield from closing(task, until=until, revise=revise)
    return read_decision(closed, model)


def read_task(task_id: str) -> Conversation[TaskDocument]:
    found = yield from exchange(get(f"/v1/tasks/{task_id}"))
    return cast(TaskDocument, found["task"])


def answer(
    task_id: str,
    outcome: str,
    *,
    data: object,
    comment: str | None,
    evidence: Sequence[str | Mapping[str, str]],
    view: str | None,
    key: str | None,
) -> Conversation[TaskDocument]:
    said = {
        "outcome": outcome,
        "data": to_json(data, field="data"),
        "comment": comment,
        "evidence": to_json(list(evidence), field="evidence") or None,
    }
    body = {name: value for name, value in said.items() if value is not None}
    found = yield from exchange(post(f"/v1/tasks/{task_id}/answer", body, key=key, view=view))
    return cast(TaskDocument, found["task"])


# Parts of requests


def _purpose(question: Question[Any]) -> str:
    """The type of an intent made for one question: what would run, or else what is asked."""
    action = question.task.get("action")
    named = action.get("name") if isinstance(action, dict) else None
    return named if isinstance(named, str) and named.strip() else question.type


def _reason(reason: str | None) -> Document:
    return {} if reason is None else {"reason": reason}


def _deadline(deadline: str | timedelta | datetime | None) -> str | None:
    if isinstance(deadline, datetime):
        return instant(deadline)
    return duration(deadline) if isinstance(deadline, timedelta) else deadline
