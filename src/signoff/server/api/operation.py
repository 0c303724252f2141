"""What a row of the route table is, and how a request becomes a call of its handler.

The order is fixed: who asks, whether their kind of key may, what they say, and only then the
handler. So a key that may not do something learns nothing about what it sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import msgspec
from starlette.types import Receive, Scope, Send

from signoff.engine.execute import Idempotency
from signoff.engine.ports import KeyKind
from signoff.engine.recent import Recent
from signoff.errors import (
    AgentMayNotDecide,
    Forbidden,
    InvalidInput,
    NotAPerson,
    SignoffError,
)
from signoff.server import edge
from signoff.server.api import attempts
from signoff.server.auth import Caller, KeyRing
from signoff.server.documents import Document
from signoff.server.waiting import ClientGone

if TYPE_CHECKING:
    from signoff.server.api.finding import Owners
    from signoff.server.services import Services

AGENT = frozenset({KeyKind.AGENT})
PERSON = frozenset({KeyKind.PERSON})
ADMIN = frozenset({KeyKind.ADMIN})
ANYBODY = frozenset(KeyKind)
NO_AGENTS = ANYBODY - AGENT


SEND_SECONDS = 30.0
"""After how long a client that reads nothing of its stream is given up."""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request without a body, or with an empty object."""


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request without a query."""


B = TypeVar("B")
Q = TypeVar("Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every handler works with. ``told``: ids of facts that this process has just written."""

    services: Services
    keys: KeyRing
    owners: Owners
    told: Recent = field(default_factory=Recent)


@dataclass(slots=True, kw_only=True)
class Call(Generic[B, Q]):
    """One authenticated, well-formed request.

    :param body: the body as the struct of the operation, ``raw`` as it was parsed.
    """

    around: Surroundings
    caller: Caller
    path: Mapping[str, str]
    headers: edge.Headers
    query: Q
    body: B
    raw: Mapping[str, Any]
    scope: Scope
    receive: Receive

    @property
    def services(self) -> Services:
        return self.around.services

    async def recheck(self) -> None:
        """Look the caller up again, after a wait.

        :raises Unauthenticated: the key was revoked meanwhile.
        """
        self.caller = await self.around.keys.caller(self.headers.get(b"authorization"))

    def idempotency(self, within: str = "") -> Idempotency | None:
        """The idempotency key of this request, and what exactly it stands for.

        :param within: the intent whose keys these are, where they belong to one.
        """
        key = edge.idempotency_key(self.headers)
        if key is None:
            return None
        said = msgspec.json.encode(self.raw, order="deterministic")
        request = f"{self.scope['method']} {self.scope['path']}\n".encode() + said
        scope = f"{self.caller.scope}/{within}" if within else self.caller.scope
        return Idempotency(scope=scope, key=key, fingerprint=sha256(request).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A document to answer with."""

    document: Document
    created: bool = False
    replayed: bool = False
    etag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Server-sent events to answer with, chunk by chunk."""

    chunks: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something to answer with that is no document, piece by piece.

    :param name: under which it is to be kept, where it is.
    """

    chunks: AsyncIterator[bytes]
    media_type: str
    name: str | None = None
    cache_control: str | None = None

    @classmethod
    def of(
        cls,
        data: bytes,
        *,
        media_type: str,
        name: str | None = None,
        cache_control: str | None = None,
    ) -> File:
        """A file that is there already."""

        async def whole() -> AsyncIterator[bytes]:
            yield data

        return cls(chunks=whole(), media_type=media_type, name=name, cache_control=cache_control)


Handler: TypeAlias = Callable[[Call[Any, Any]], Awaitable[Reply | Stream | File]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the table: all there is to know about one method of one path.

    :param who: the kinds of key that may call it at all.
    :param body: the struct of its body, or None where it takes none.
    :param lists: names of the query that may be repeated.
    :param refusals: what it may refuse beyond what every operation may.
    :param keyed: whether it takes an ``Idempotency-Key``.
    :param viewed: whether it takes an ``If-Match`` with a view digest.
    :param streams: whether it can answer with server-sent events.
    :param media: what it answers with, where that is no JSON document.
    """

    method: str
    path: str
    name: str
    summary: str
    noun: str
    who: frozenset[KeyKind]
    handler: Handler
    answers: type[Document] | None = None
    media: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] = NoQuery
    created: bool = False
    refusals: tuple[type[SignoffError], ...] = ()
    keyed: bool = False
    viewed: bool = False
    streams: bool = False
    body_schema: Mapping[str, Any] | None = field(default=None)

    @property
    def template(self) -> str:
        """The path as the document has it: what a parameter may hold is not in it."""
        return self.path.replace(":path}", "}")

    def admit(self, caller: Caller) -> None:
        """Refuse a kind of key that may not call this at all.

        :raises Forbidden: or the more exact kind of it.
        """
        if caller.kind in self.who:
            return
        if caller.kind is KeyKind.AGENT and KeyKind.PERSON in self.who and self.method != "GET":
            raise AgentMayNotDecide("an agent's key can never decide; a person has to")
        if self.who == PERSON:
            raise NotAPerson("only a person can do this; use a key made with --kind person")
        kinds = ", ".join(sorted(self.who))
        raise Forbidden(f"a key of kind {caller.kind} may not do this; it takes one of: {kinds}")


class Endpoint:
    """An operation as an ASGI application."""

    __slots__ = ("_around", "_operation")

    def __init__(self, operation: Operation, around: Surroundings) -> None:
        self._operation = operation
        self._around = around

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operation
        headers: edge.Headers = dict(scope["headers"])
        caller = await self._around.keys.caller(headers.get(b"authorization"))
        try:
            operation.admit(caller)
        except Forbidden as refused:
            if operation.method != "GET":
                path, name = scope["path_params"], operation.name
                await attempts.refused(self._around, caller, path, refused, operation=name)
            raise
        raw, body = await self._read(headers, receive)
        call = Call(
            around=self._around,
            caller=caller,
            path=scope["path_params"],
            headers=headers,
            query=edge.read_query(scope["query_string"], operation.query),
            body=body,
            raw=raw,
            scope=scope,
            receive=receive,
        )
        reply = await operation.handler(call)
        if isinstance(reply, Stream):
            await send_stream(reply, send)
        elif isinstance(reply, File):
            await send_file(reply, receive, send)
        else:
            await _send_document(reply, send)

    async def _read(self, headers: edge.Headers, receive: Receive) -> tuple[dict[str, Any], Any]:
        shape = self._operation.body
        if shape is None:
            return {}, Nothing()
        body = await edge.read_body(headers, receive)
        if not body:
            raw: dict[
                str, Any
            ] = {}  # every field may be left out, or the struct will say which may not
        else:
            edge.require_json(headers)
            parsed = edge.read_json(body)
            if not isinstance(parsed, dict):
                raise InvalidInput("the body must be a JSON object")
            raw = parsed
        return raw, edge.shaped(raw, shape)


async def _send_document(reply: Reply, send: Send) -> None:
    body = msgspec.json.encode(reply.document)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if reply.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    if reply.etag is not None:
        headers.append((b"etag", f'"{reply.etag}"'.encode()))
    status = 201 if reply.created else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_file(file: File, receive: Receive, send: Send) -> None:
    """Send a file; where whoever asked has gone, make no more of it."""
    headers = [
        (b"content-type", file.media_type.encode()),
        (b"cache-control", (file.cache_control or "no-store").encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if file.name is not None:
        headers.append((b"content-disposition", f'attachment; filename="{file.name}"'.encode()))
    started = False
    leaving = asyncio.ensure_future(receive())
    try:
        async for chunk in file.chunks:
            if not started:  # what fails before the first piece is still a refusal
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                started = True
            if leaving.done() and leaving.result()["type"] == "http.disconnect":
                raise ClientGone
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                raise ClientGone from None
    finally:
        leaving.cancel()
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def send_stream(reply: Stream, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async with aclosing(reply.chunks) as chunks:
        async for chunk in chunks:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                raise ClientGone from None
    await send({"type": "http.response.body", "body": b"", "more_body": False})
