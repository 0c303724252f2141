"""Waiting on behalf of a request: until a bell rings, time is up, or the client is gone.

A waiter holds a connection and a few small objects; no thread, no query, no database connection.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

from starlette.types import Receive

from signoff.engine.wakeups import Bell


class ClientGone(Exception):
    """The client hung up; there is nobody left to answer."""


class Patience:
    """How long one request waits; a context manager, so that nothing of it is left behind.

    :param seconds: how long to wait at most, all in all; None for as long as the client stays.
    """

    __slots__ = ("_gone", "_loop", "_receive", "_until")

    def __init__(self, receive: Receive, *, seconds: float | None = None) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._until = None if seconds is None else self._loop.time() + seconds
        self._gone: asyncio.Task[None] | None = None

    def __enter__(self) -> Patience:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._gone is not None:
            self._gone.cancel()

    async def ring(self, bell: Bell, *, within: float = 3600.0) -> bool:
        """Wait for the bell.

        :param within: seconds to wait at most this time.
        :returns: False where the time is up or the process is about to stop.
        :raises ClientGone: the client has hung up.
        """
        if self._until is not None:
            within = min(within, self._until - self._loop.time())
        if within <= 0:
            return False
        if self._gone is None:
            self._gone = asyncio.create_task(_until_gone(self._receive))
        ring = asyncio.create_task(bell.ring(within=within))
        try:
            await asyncio.wait((ring, self._gone), return_when=asyncio.FIRST_COMPLETED)
            if ring.done():
                return ring.result()
            raise ClientGone
        finally:
            ring.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
