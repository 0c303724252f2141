"""Drives a conversation by a script, on a clock that only the script moves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeVar

from signoff.client._messages import (
    Call,
    Conversation,
    Effect,
    NoAnswer,
    Now,
    Pause,
    Reply,
    Request,
    Response,
)

T = TypeVar("T")

NOBODY = NoAnswer(reason="ConnectError")


class Script:
    """Plays replies in order, repeating the last for ever; keeps what was asked for.

    :param holds: whether the server holds a long poll back for as long as it was asked to.
    """

    def __init__(self, *replies: Reply, holds: bool = False) -> None:
        self.now = 1000.0
        self.requests: list[Request] = []
        self.pauses: list[Pause] = []
        self._replies = list(replies)
        self._holds = holds

    def play(self, conversation: Conversation[T]) -> T:
        try:
            effect = next(conversation)
            while True:
                try:
                    came = self._perform(effect)
                except LookupError as error:
                    effect = conversation.throw(error)
                else:
                    effect = conversation.send(came)
        except StopIteration as end:
            result: T = end.value
            return result

    @property
    def rested(self) -> float:
        return sum(pause.seconds for pause in self.pauses)

    def _perform(self, effect: Effect) -> object:
        match effect:
            case Request():
                self.requests.append(effect)
                reply = self._replies[0] if len(self._replies) == 1 else self._replies.pop(0)
                if self._holds and isinstance(reply, Response):
                    self.now += effect.wait
                return reply
            case Pause():
                self.pauses.append(effect)
                self.now += effect.seconds
                return None
            case Now():
                return self.now
            case Call():
                return effect.function(*effect.args, **effect.kwargs)


def says(document: object, status: int = 200, **headers: str) -> Response:
    """An answer with a JSON document; a header ``retry_after`` is ``retry-after``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers=named, content=json.dumps(document).encode())


def refuses(status: int, code: str, detail: str = "", **headers: str) -> Response:
    return says({"code": code, "detail": detail, "status": status}, status, **headers)


def task(state: str = "open", **more: object) -> dict[str, object]:
    """A task document with what the SDK reads of it."""
    return {
        "id": "task_1",
        "intent_id": "int_1",
        "intent_status": "WAITING",
        "type": "approval",
        "state": state,
        "spec": {"action": None, "editable": False},
        "content": None,
        "rounds": [],
        "awaiting_revision": False,
        "closed_because": None,
        "key": None,
        "decision": None,
        **more,
    }


def decided(outcome: str, data: object = None, **more: object) -> dict[str, object]:
    """A concluded task document."""
    decision = {
        "outcome": outcome,
        "by": "maria@acme.test",
        "at": "2026-11-24T09:30:00.000000Z",
        "comment": None,
        "data": data,
        "evidence": [{"kind": "link", "value": "https://acme.test/1"}],
    }
    return task("concluded", decision=decision, **more)


def methods(requests: Iterable[Request]) -> list[str]:
    return [f"{request.method} {request.path}" for request in requests]
