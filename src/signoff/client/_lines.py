"""The two shells: the only code of the SDK that touches the network, the clock and chance.

A line drives conversations. It keeps one pool of connections without a limit, because a thousand
waits are a thousand connections that do nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import httpx2

from signoff.client._json import seconds
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
from signoff.errors import InvalidInput, Unauthenticated

T = TypeVar("T")

_log = logging.getLogger("signoff")

DEFAULT_URL = "http://127.0.0.1:8600"
_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 30.0  # the server hangs up after 75, proxies after 60; that moment is best not met


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the server is, who we are, and how many seconds a plain answer may take."""

    url: str
    key: str
    timeout: float

    @classmethod
    def of(cls, url: str | None, key: str | None, timeout: float | timedelta) -> Address:
        """Take what was given, or what ``SIGNOFF_URL`` and ``SIGNOFF_KEY`` say.

        :raises InvalidInput: the URL is none.
        :raises Unauthenticated: there is no key.
        """
        url = (url or os.environ.get("SIGNOFF_URL") or DEFAULT_URL).rstrip("/")
        key = (key or os.environ.get("SIGNOFF_KEY") or "").strip()
        if not _is_url(url):
            raise InvalidInput(f"SIGNOFF_URL must be like https://signoff.acme.test, not {url!r}")
        if not (key and key.isascii() and key.isprintable()):
            raise Unauthenticated(
                "no usable key: set SIGNOFF_KEY or give key=. Make one with `signoff keys create`"
            )
        return cls(url=url, key=key, timeout=seconds(timeout))

    def settings(self) -> dict[str, Any]:
        return {
            "base_url": self.url,
            "headers": {"Authorization": f"Bearer {self.key}", "User-Agent": "signoff-python"},
            "limits": httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=None,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        }

    def arguments(self, request: Request) -> dict[str, Any]:
        """The arguments of httpx2 for one request."""
        headers = {}
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        if request.view is not None:
            headers["If-Match"] = f'"{request.view}"'
        return {
            "method": request.method,
            "url": request.path,
            "params": request.query,
            "json": request.body,
            "headers": headers,
            "timeout": httpx2.Timeout(
                self.timeout + request.wait,
                connect=min(self.timeout, _CONNECT_SECONDS),
                pool=None,
            ),
        }


class AsyncLine:
    """Drives conversations on the running event loop."""

    def __init__(self, address: Address, transport: httpx2.AsyncBaseTransport | None) -> None:
        self._address = address
        self._transport = transport
        self._http: httpx2.AsyncClient | None = None

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
        if self._http is not None:
            http, self._http = self._http, None
            await http.aclose()

    async def _perform(self, effect: Effect) -> object:
        match effect:
            case Request():
                return await self._send(effect)
            case Pause():
                await asyncio.sleep(_length(effect))
                return None
            case Now():
                return time.monotonic()
            case Call():
                found = effect.function(*effect.args, **effect.kwargs)
                return await found if inspect.isawaitable(found) else found

    async def _send(self, request: Request) -> Reply:
        if self._http is None:
            self._http = httpx2.AsyncClient(transport=self._transport, **self._address.settings())
        try:
            response = await self._http.request(**self._address.arguments(request))
        except httpx2.TransportError as error:
            return _no_answer(error)
        return _response(response)


class SyncLine:
    """Drives conversations in the calling thread; several threads may share one line."""

    def __init__(self, address: Address, transport: httpx2.BaseTransport | None) -> None:
        self._address = address
        self._transport = transport
        self._http: httpx2.Client | None = None
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


def _is_url(text: str) -> bool:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _response(response: httpx2.Response) -> Response:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status_code, headers=headers, content=response.content)


def _no_answer(error: httpx2.TransportError) -> NoAnswer:
    said = str(error)
    return NoAnswer(reason=f"{type(error).__name__}: {said}" if said else type(error).__name__)


def _length(pause: Pause) -> float:
    """How long to rest this time. A herd that lost its server must not come back as one."""
    if pause.why:
        level = logging.WARNING if pause.loud else logging.DEBUG
        _log.log(level, "no answer from the Signoff server (%s); trying again", pause.why)
    return pause.seconds * random.uniform(0.5, 1.0)  # noqa: S311


def _plainly(found: object, function: Callable[..., object]) -> object:
    """What a function of the sync client's caller returned; a coroutine can be of no use here."""
    if inspect.isawaitable(found):
        if inspect.iscoroutine(found):
            found.close()
        name = getattr(function, "__name__", repr(function))
        raise TypeError(f"{name} is async; use signoff.Client, or a plain function")
    return found
