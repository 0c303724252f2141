"""The two shells: the only code of the SDK that touches the network, the clock and chance.

A thousand waits are a thousand connections that do nothing. A pool of httpx2 looks at all of its
connections for every request, so they are spread over many small pools; requests that are
answered at once share one of these.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx2

from signoff.client._address import Address
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
from signoff.client._nearby import NEARBY

T = TypeVar("T")

_log = logging.getLogger("signoff")

_POOL_SIZE = 64
"""Requests that share a pool, and requests at a time that are to be answered at once."""

_WARN_SECONDS = 30.0


class AsyncLine:
    """Drives conversations on the running event loop."""

    def __init__(self, address: Address, transport: httpx2.AsyncBaseTransport | None) -> None:
        self._address = address
        if transport is None and (nearby := NEARBY.get(address.url)) is not None:
            transport = nearby.awaited
        self._pools = _Pools(address, transport)
        self._at_once = asyncio.Semaphore(_POOL_SIZE)
        self._herald = _Herald()

    async def drive(self, conversation: Conversation[T]) -> T:
        """Carry out what the conversation asks for until it returns its result."""
        try:
            effect = next(conversation)
            while True:
                try:
                    came = await self._perform(effect)
                except Exception as error:
                    effect = conversation.throw(error)
                else:
                    effect = conversation.send(came)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            conversation.close()

    async def close(self) -> None:
        await self._pools.close()

    async def _perform(self, effect: Effect) -> object:
        match effect:
            case Request():
                return await self._send(effect)
            case Pause():
                self._herald.tell(effect)
                await asyncio.sleep(_length(effect))
                return None
            case Now():
                return time.monotonic()
            case Call():
                found = effect.function(*effect.args, **effect.kwargs)
                return await found if inspect.isawaitable(found) else found

    async def _send(self, request: Request) -> Reply:
        if not request.wait:
            async with self._at_once:
                return await self._carry(request)
        return await self._carry(request)

    async def _carry(self, request: Request) -> Reply:
        try:
            async with self._pools.taken() as http:
                response = await http.request(**self._address.arguments(request))
        except httpx2.TransportError as error:
            return _no_answer(error)
        return _response(response)


class _Pools:
    """Connections to one server, in pools that stay small. Pools are made when they are needed."""

    def __init__(self, address: Address, transport: httpx2.AsyncBaseTransport | None) -> None:
        self._settings = address.settings()
        self._transport = transport
        self._busy: dict[httpx2.AsyncClient, int] = {}

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A place in one of the pools."""
        pool = next((pool for pool, busy in self._busy.items() if busy < _POOL_SIZE), None)
        pool = pool or self._new()
        self._busy[pool] = self._busy.get(pool, 0) + 1
        try:
            yield pool
        finally:
            if pool in self._busy:  # else all was closed meanwhile
                self._busy[pool] -= 1

    async def close(self) -> None:
        pools, self._busy = list(self._busy), {}
        for pool in pools:
            await pool.aclose()

    def _new(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=self._transport, **self._settings)


class SyncLine:
    """Drives conversations in the calling thread; several threads may share one line."""

    def __init__(self, address: Address, transport: httpx2.BaseTransport | None) -> None:
        self._address = address
        if transport is None and (nearby := NEARBY.get(address.url)) is not None:
            transport = nearby.plainly
        self._transport = transport
        self._http: httpx2.Client | None = None
        self._herald = _Herald()
        self._lock = threading.Lock()

    def drive(self, conversation: Conversation[T]) -> T:
        """Carry out what the conversation asks for until it returns its result."""
        try:
            effect = next(conversation)
            while True:
                try:
                    came = self._perform(effect)
                except Exception as error:
                    effect = conversation.throw(error)
                else:
                    effect = conversation.send(came)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            conversation.close()

    def close(self) -> None:
        if self._http is not None:
            http, self._http = self._http, None
            http.close()

    def _perform(self, effect: Effect) -> object:
        match effect:
            case Request():
                return self._send(effect)
            case Pause():
                self._herald.tell(effect)
                time.sleep(_length(effect))
                return None
            case Now():
                return time.monotonic()
            case Call():
                return _plainly(effect.function(*effect.args, **effect.kwargs), effect.function)

    def _send(self, request: Request) -> Reply:
        with self._lock:
            if self._http is None:
                self._http = httpx2.Client(transport=self._transport, **self._address.settings())
        try:
            response = self._http.request(**self._address.arguments(request))
        except httpx2.TransportError as error:
            return _no_answer(error)
        return _response(response)


class _Herald:
    """Says that the server is away: aloud now and then, not once for everybody who waits."""

    def __init__(self) -> None:
        self._warned = -_WARN_SECONDS

    def tell(self, pause: Pause) -> None:
        if not pause.why:
            return
        level = logging.DEBUG
        if pause.loud and time.monotonic() - self._warned >= _WARN_SECONDS:
            level, self._warned = logging.WARNING, time.monotonic()
        _log.log(level, "no answer from the Signoff server (%s); trying again", pause.why)


def _response(response: httpx2.Response) -> Response:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status_code, headers=headers, content=response.content)


def _no_answer(error: httpx2.TransportError) -> NoAnswer:
    said = str(error)
    return NoAnswer(reason=f"{type(error).__name__}: {said}" if said else type(error).__name__)


def _length(pause: Pause) -> float:
    """How long to rest this time. A herd that lost its server must not come back as one."""
    return pause.seconds * random.uniform(0.5, 1.0)  # noqa: S311


def _plainly(found: object, function: Callable[..., object]) -> object:
    """What a function of the sync client's caller returned; a coroutine can be of no use here."""
    if inspect.isawaitable(found):
        if inspect.iscoroutine(found):
            found.close()
        name = getattr(function, "__name__", repr(function))
        raise TypeError(f"{name} is async; use signoff.Client, or a plain function")
    return found
