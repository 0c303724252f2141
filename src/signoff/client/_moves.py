"""What can be done about one task beside answering it, as conversations; and its explanation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from signoff.client._json import duration, instant
from signoff.client._messages import Conversation, Document
from signoff.client._protocol import download, exchange, get, post
from signoff.client._questions import Question
from signoff.client._retry import LONG
from signoff.client.documents import CommentDocument, ExplanationDocument, TaskDocument


def move(
    task_id: str, verb: str, /, *, key: str | None = None, **said: object
) -> Conversation[TaskDocument]:
    """Do one thing to a task. What is None is left unsaid.

    :param key: the idempotency key; the same one does it once.
    """
    body: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    found = yield from exchange(post(f"/v1/tasks/{task_id}/{verb}", body, key=key), LONG)
    return cast(TaskDocument, found["task"])


def comments(task_id: str) -> Conversation[list[CommentDocument]]:
    found = yield from exchange(get(f"/v1/tasks/{task_id}/comments"))
    return cast(list[CommentDocument], found["comments"])


def explain(task_id: str) -> Conversation[ExplanationDocument]:
    return cast(ExplanationDocument, (yield from exchange(get(f"/v1/tasks/{task_id}/explain"))))


def receipt(task_id: str) -> Conversation[str]:
    """The receipt as a file; the server waits a moment for a decision that is new."""
    return (yield from download(get(f"/v1/tasks/{task_id}/receipt"))).decode()


def preview(
    question: Question[Any], at: str | datetime | None
) -> Conversation[ExplanationDocument]:
    """What the question would come to, were it asked at that moment. Nothing is stored."""
    body: Document = {
        "task": dict(question.task),
        "payload": question.payload,
        "on_behalf_of": question.on_behalf_of,
        "at": until(at),
    }
    given = {name: value for name, value in body.items() if value is not None}
    return cast(ExplanationDocument, (yield from exchange(post("/v1/tasks/preview", given))))


def until(when: str | timedelta | datetime | None) -> str | None:
    """A moment, or a length of time from now, as the server reads either."""
    if isinstance(when, datetime):
        return instant(when)
    return duration(when) if isinstance(when, timedelta) else when


def several(references: str | Sequence[str]) -> str | list[str]:
    return references if isinstance(references, str) else list(references)


def task_id_of(task: str | TaskDocument) -> str:
    """The id of a task that was named by its id or given as it was read."""
    return task if isinstance(task, str) else task["id"]
