"""The requests on their way to a server of the kit: carried from any thread, and counted.

Requests come from wherever the agent runs, an event loop of its own or a plain thread, and are
served on the loop of the server. No socket is involved.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx2
from starlette.types import ASGIApp

from signoff.client._nearby import Nearby


class Traffic:
    """Carries requests to the application that runs just now, and knows how many are under way.

    :param loop: the loop on which the server runs.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.open = 0
        self.count = 0
        self.stirred = asyncio.Event()
        self.app: ASGIApp | None = None
        self._loop = loop
        self._callers: Counter[asyncio.AbstractEventLoop] = Counter()
        self._broken: asyncio.Future[None] = loop.create_future()

    @property
    def transports(self) -> Nearby:
        """What either client reaches the server through."""
        return Nearby(plainly=_Plainly(self, self._loop), awaited=_Awaited(self, self._loop))

    @property
    def callers(self) -> tuple[asyncio.AbstractEventLoop, ...]:
        """The loops on which somebody waits for an answer."""
        return tuple(loop for loop, waiting in self._callers.items() if waiting)

    def break_off(self, error: Exception) -> None:
        """Raise this to everybody who waits for an answer, instead of answering."""
        broken, self._broken = self._broken, self._loop.create_future()
        broken.set_exception(error)
        broken.exception()  # nobody may be waiting

    async def carry(
        self, request: httpx2.Request, caller: asyncio.AbstractEventLoop | None
    ) -> httpx2.Response:
        """Serve one request, on the server's loop.

        :param caller: the loop on which its answer is awaited, where it is one.
        :raises httpx2.ConnectError: no server runs just now.
        """
        if self.app is None:
            raise httpx2.ConnectError("the server is down", request=request)
        self._step(+1, caller)
        serving, broken = asyncio.create_task(_served(self.app, request)), self._broken
        try:
            await asyncio.wait((serving, broken), return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                broken.result()
            return await serving
        finally:
            serving.cancel()
            self._step(-1, caller)

    def _step(self, change: int, caller: asyncio.AbstractEventLoop | None) -> None:
        self.open += change
        self.count += 1
        self.stirred.set()
        if caller is not None:
            self._callers[caller] += change


async def _served(app: ASGIApp, request: httpx2.Request) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)
    response = await transport.handle_async_request(request)
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    body = b"".join([part async for part in response.stream])
    return httpx2.Response(
        response.status_code, headers=response.headers.raw, stream=httpx2.ByteStream(body)
    )


class _Awaited(httpx2.AsyncBaseTransport):
    """For async clients, on whatever loop."""

    def __init__(self, traffic: Traffic, loop: asyncio.AbstractEventLoop) -> None:
        self._traffic = traffic
        self._loop = loop

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        carried = self._traffic.carry(request, asyncio.get_running_loop())
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(carried, self._loop))


class _Plainly(httpx2.BaseTransport):
    """For plain clients, in whatever thread."""

    def __init__(self, traffic: Traffic, loop: asyncio.AbstractEventLoop) -> None:
        self._traffic = traffic
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        carried = self._traffic.carry(request, None)
        return asyncio.run_coroutine_threadsafe(carried, self._loop).result()
