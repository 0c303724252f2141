"""The line between a client and the server in this process, for both clients, with its faults.

Faults come in twins: the request is lost on its way, or it arrives and its answer is lost.
"""

from __future__ import annotations

import asyncio

import httpx2
from starlette.types import ASGIApp

BEFORE = "before"
AFTER = "after"


class Wire(httpx2.AsyncBaseTransport):
    """Carries requests to an application.

    :ivar faults: what happens to the requests to come, one each: ``before``, ``after``, or a
        status that something in front of the server answers with.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.faults: list[str | int] = []
        self.sent: list[str] = []

    @property
    def writes(self) -> list[str]:
        return [line for line in self.sent if not line.startswith("GET")]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(f"{request.method} {request.url.path}")
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            return httpx2.Response(fault)
        if fault == BEFORE:
            raise httpx2.ConnectError("lost on its way", request=request)
        response = await self._inner.handle_async_request(request)
        if fault == AFTER:
            await response.aread()
            raise httpx2.ReadError("the answer was lost", request=request)
        return response


class Bridge(httpx2.BaseTransport):
    """Lets a sync client in another thread use a wire of this event loop."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        return asyncio.run_coroutine_threadsafe(self._carry(request), self._loop).result(30)

    async def _carry(self, request: httpx2.Request) -> httpx2.Response:
        copy = httpx2.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        response = await self._wire.handle_async_request(copy)
        content = await response.aread()
        return httpx2.Response(response.status_code, headers=response.headers, content=content)
