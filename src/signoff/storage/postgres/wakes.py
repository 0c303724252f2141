"""Wake-ups between processes: one connection that listens, opened again whenever it breaks.

They are hints. Whoever needs to be sure polls ``changed_since``; the empty set says when that is
due, because something may have been missed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

import asyncpg

from signoff.errors import Broken
from signoff.storage.postgres.bundle import CHANNEL
from signoff.storage.postgres.database import Connection

HEARTBEAT_SECONDS = 20.0
"""How long a silent connection is trusted before it is asked whether it is still there."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_BROKEN = (Broken, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Wakes:
    """Every listening connection of one store, so that they end with it.

    :param connect: opens a connection of its own; a pooler between would lose notifications.
    :param name: whose notifications are our own, and are passed over.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, name: str) -> None:
        self._connect = connect
        self._name = name
        self._ears: set[_Ear] = set()
        self._closed = asyncio.Event()

    def close(self) -> None:
        """Let every listener finish."""
        self._closed.set()
        for ear in self._ears:
            ear.lose()

    async def listen(self) -> AsyncGenerator[frozenset[str], None]:
        """Yield what is heard; first, and after each interruption, the empty set."""
        pause = _FIRST_PAUSE
        while not self._closed.is_set():
            ear = _Ear(self._name)
            self._ears.add(ear)
            try:
                await ear.open(self._connect)
                pause = _FIRST_PAUSE
                yield frozenset()
                while (heard := await ear.hear()) is not None:
                    yield heard
            except _BROKEN:
                pass
            finally:
                self._ears.discard(ear)
                ear.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.5, 1.0)):  # noqa: S311
                    await self._closed.wait()
            pause = min(2 * pause, _LONGEST_PAUSE)


class _Ear:
    """One connection that listens. What arrives while nobody takes it is kept as one set."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._connection: Connection | None = None
        self._heard: set[str] = set()
        self._stirred = asyncio.Event()
        self._lost = False

    async def open(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connection = connection = await connect()
        connection.add_termination_listener(lambda _: self.lose())
        await connection.add_listener(CHANNEL, self._take)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()

    def lose(self) -> None:
        self._lost = True
        self._stirred.set()

    async def hear(self) -> frozenset[str] | None:
        """What was heard since the last time, waiting for it; None once the connection is lost."""
        assert self._connection is not None
        while not self._lost:
            if self._heard:
                heard, self._heard = frozenset(self._heard), set()
                return heard
            self._stirred.clear()
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._stirred.wait()
            except TimeoutError:
                await self._connection.execute("select 1", timeout=HEARTBEAT_SECONDS)
        return None

    def _take(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        sender, *intent_ids = str(payload).split(" ")
        if sender != self._name:
            self._heard.update(intent_ids)
            self._stirred.set()
