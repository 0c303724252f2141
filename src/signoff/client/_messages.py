"""What a conversation with the server is made of: effects asked for, and what comes of them.

A conversation is a generator: it yields an effect, is sent what came of it, and returns its
result. It does no I/O, so the same one is driven by the async shell, the sync shell, and tests.

    effect      is answered with
    Request     Response, or NoAnswer where none came
    Pause       None, some time later
    Now         seconds on a clock that only goes forward
    Call        what the caller's own function returned; what it raised is thrown in
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from signoff.client._json import JSON

T = TypeVar("T")

Document: TypeAlias = dict[str, Any]
"""One JSON object of the wire. Free JSON is ``Any``: a recursive union helps no reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request.

    :param key: its ``Idempotency-Key``; sending it again with the same key is harmless.
    :param view: the digest of what was shown, sent as ``If-Match``.
    :param wait: seconds the server may hold its answer back.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, JSON] | None = None
    key: str | None = None
    view: str | None = None
    wait: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer of the server, or of something in front of it. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The request may or may not have arrived; an answer did not."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Rest for at most so many seconds; the shell rolls for how much of it.

    :param why: the failure that is being got over, for the log; empty where there was none.
    :param loud: whether somebody may be waiting at a terminal to hear of it.
    """

    seconds: float
    why: str = ""
    loud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The time, to measure with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Call a function of the caller's; the async shell awaits what it returns, if it can be."""

    function: Callable[..., object]
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)


Effect: TypeAlias = Request | Pause | Now | Call
Reply: TypeAlias = Response | NoAnswer
Conversation: TypeAlias = Generator[Effect, Any, T]
