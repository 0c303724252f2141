"""How one request becomes a document or an error, and how to wait for news. No I/O in here.

Both shells drive these conversations, so that retrying and waiting are written once.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from signoff.client._messages import (
    Conversation,
    Document,
    NoAnswer,
    Now,
    Pause,
    Reply,
    Request,
    Response,
)
from signoff.client._retry import ENDLESS, SHORT, Patience, passing, reason, rest
from signoff.errors import (
    Broken,
    CallerError,
    FieldError,
    InvalidInput,
    SignoffError,
    Unreachable,
    by_code,
)

LONG_POLL = 50.0
"""Seconds the server is asked to hold an answer back; it allows 60."""

HASTY = 0.5
"""An answer without news that comes sooner than this many seconds is followed by a rest."""

_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")


def fresh_key() -> str:
    """An idempotency key nobody has used, for a write that the caller gave none."""
    return secrets.token_hex(16)


def get(path: str, /, *, wait: float = 0.0, **query: str | float | bool | None) -> Request:
    """A read. Parameters that are None are left out."""
    given = {name: _in_query(value) for name, value in query.items() if value is not None}
    if wait:
        given["wait"] = f"{wait:.3f}"
    return Request(method="GET", path=path, query=given, wait=wait)


def post(path: str, body: Document, *, key: str | None = None, view: str | None = None) -> Request:
    """A write, with the given idempotency key or a new one.

    :raises InvalidInput: the key cannot be sent.
    """
    if key is not None and not _VISIBLE_ASCII.fullmatch(key):
        message = f"must be 1 to 255 visible ASCII characters without spaces, not {key!r}"
        raise InvalidInput(f"key: {message}", errors=[FieldError("key", message)])
    return Request(method="POST", path=path, body=body, key=key or fresh_key(), view=view)


def exchange(
    request: Request, patience: Patience = SHORT, *, until: float | None = None
) -> Conversation[Document]:
    """Send a request until it is answered, and return the document.

    :raises SignoffError: what the server refused, ``Unreachable``, or another ``Broken``.
    """
    return document_of((yield from _answered(request, patience, until=until)))


def download(request: Request) -> Conversation[bytes]:
    """Send a request until it is answered with something that is no document, and return that.

    :raises SignoffError: as for ``exchange``.
    """
    reply = yield from _answered(request, SHORT, until=None)
    if isinstance(reply, Response) and 200 <= reply.status < 300:
        return reply.content
    document_of(reply)  # says why not
    raise Broken("this does not answer like a Signoff server; check SIGNOFF_URL")


def _answered(request: Request, patience: Patience, *, until: float | None) -> Conversation[Reply]:
    """The answer, whatever it says.

    :param until: give up at this moment of the shell's clock, however patient.
    :raises SignoffError: ``Unreachable``, or another ``Broken``.
    """
    failures = 0
    limit = until
    while True:
        reply: Reply = yield request
        if not passing(reply):
            return reply
        now: float = yield Now()
        if failures == 0 and patience.seconds is not None:
            limit = min(now + patience.seconds, until if until is not None else float("inf"))
        failures += 1
        if limit is not None and now >= limit:
            raise _gave_up(reply)
        pause = rest(failures, reply)
        if limit is not None:
            pause = min(pause, limit - now)
        loud = patience.loud and failures == 1
        yield Pause(seconds=pause, why=reason(reply), loud=loud)


def poll(
    request: Callable[[float], Request],
    done: Callable[[Document], bool],
    *,
    until: float | None,
    still: Callable[[], SignoffError],
) -> Conversation[Document]:
    """Ask again and again, each time for as long as the server lets us, until there is news.

    :param request: makes the request for so many seconds of waiting.
    :param until: the moment of the shell's clock at which to stop; None to wait for ever.
    :param still: makes the error for when that moment has come.
    """
    hasty = 0
    while True:
        asked: float = yield Now()
        left = LONG_POLL if until is None else max(0.0, until - asked)
        try:
            document = yield from exchange(request(min(LONG_POLL, left)), ENDLESS, until=until)
        except Broken as error:
            now: float = yield Now()
            if until is not None and now >= until:
                raise still() from error
            raise
        if done(document):
            return document
        now = yield Now()
        if until is not None and now >= until:
            raise still()
        if now - asked >= HASTY:
            hasty = 0
            continue
        hasty += 1
        pause = rest(hasty + 1)
        yield Pause(seconds=pause if until is None else min(pause, until - now))


def document_of(reply: Reply) -> Document:
    """The document an answer holds.

    :raises SignoffError: the answer is a refusal, or nothing that a Signoff server would say.
    """
    if isinstance(reply, NoAnswer):
        raise _gave_up(reply)
    found = _json(reply)
    if not 200 <= reply.status < 300:
        raise _refusal(reply, found if isinstance(found, dict) else {})
    if not isinstance(found, dict):
        raise Broken("this does not answer like a Signoff server; check SIGNOFF_URL")
    return found


def _gave_up(reply: Reply) -> SignoffError:
    """The error after the last try: what a Signoff server said itself is told as it is."""
    if isinstance(reply, Response):
        problem = _json(reply)
        if isinstance(problem, dict) and problem.get("code") in by_code():
            return _refusal(reply, problem)
    return Unreachable(
        f"the server did not answer ({reason(reply)}); is it running, and is SIGNOFF_URL right?"
    )


def _refusal(reply: Response, problem: Document) -> SignoffError:
    """The error a problem document names; where there is none, one by its status."""
    fallback = CallerError if 400 <= reply.status < 500 else Broken
    kind = by_code().get(str(problem.get("code")), fallback)
    said = problem.get("detail") or problem.get("title")
    return kind(
        str(said or f"the server answered {reply.status}; check SIGNOFF_URL"),
        errors=[
            FieldError(str(wrong.get("field", "")), str(wrong.get("message", "")))
            for wrong in problem.get("errors") or ()
        ],
        about=problem.get("about"),
    )


def _json(reply: Response) -> Any:
    try:
        return json.loads(reply.content)
    except ValueError:
        return None


def _in_query(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
