"""A load generator that costs little: keep-alive HTTP/1.1 connections with one request in flight.

The machine is shared with the server under test, so a full HTTP client would mostly measure itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httptools


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status and the body as it arrived."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire(asyncio.Protocol):
    """One connection, one key."""

    def __init__(self, host: str, key: str) -> None:
        self._head = f"Host: {host}\r\nAuthorization: Bearer {key}\r\n".encode()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._fresh()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError("the server closed the connection"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), b"".join(self._body))
        waiter, self._waiter = self._waiter, None
        self._fresh()
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)

    async def get(self, path: str) -> Answer:
        return await self._ask(b"GET %s HTTP/1.1\r\n%s\r\n" % (path.encode(), self._head))

    async def post(self, path: str, body: Any, *, key: str | None = None) -> Answer:
        data = json.dumps(body).encode()
        extra = b"" if key is None else b"Idempotency-Key: %s\r\n" % key.encode()
        head = (
            b"POST %s HTTP/1.1\r\n%s%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        )
        return await self._ask(head % (path.encode(), self._head, extra, len(data)) + data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _ask(self, request: bytes) -> Awaitable[Answer]:
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiter

    def _fresh(self) -> None:
        self._body: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)


async def connect(url: str, key: str) -> Wire:
    """Open one connection to the server at ``url``."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(
        lambda: Wire(parts.netloc, key), parts.hostname or "127.0.0.1", parts.port or 80
    )
    return wire


async def open_many(url: str, key: str, count: int) -> list[Wire]:
    """Open ``count`` connections, a few at a time."""
    wires: list[Wire] = []
    while len(wires) < count:
        some = min(50, count - len(wires))
        wires += await asyncio.gather(*(connect(url, key) for _ in range(some)))
    return wires


@contextmanager
def closing(*groups: list[Wire]) -> Iterator[None]:
    """Close them all at the end of the block."""
    try:
        yield
    finally:
        for wires in groups:
            for wire in wires:
                wire.close()


async def drive(
    wires: list[Wire], total: int, one: Callable[[Wire, int], Awaitable[Answer]]
) -> list[float]:
    """Make ``total`` requests over the connections, each as fast as it goes; seconds of each.

    :raises AssertionError: one of them was refused; a benchmark of refusals measures nothing.
    """
    loop = asyncio.get_running_loop()
    numbers = iter(range(total))
    seconds: list[float] = []

    async def work(wire: Wire) -> None:
        for number in numbers:
            began = loop.time()
            answer = await one(wire, number)
            seconds.append(loop.time() - began)
            assert answer.status < 300, answer.body[:500]

    await asyncio.gather(*(work(wire) for wire in wires))
    return seconds
