"""Who waits for what: a table of bells by intent. A change rings exactly the bells of its intent.

A waiter costs one entry here and no query. Bells are hints: whoever is woken reads for itself what
has become true, so a ring too many is harmless, and ``relay`` makes up for any that got lost
between processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from signoff.core.intent import Intent
from signoff.core.words import IntentId
from signoff.engine.ports import Store
from signoff.errors import Broken
from signoff.logs import Log

_log = Log("signoff.wakeups")

OVERLAP = timedelta(seconds=10)
"""How far back a poll looks again: longer than any transaction runs."""


class Bell:
    """One waiter's bell. ``news`` is the intent as the last ring left it, where that is known."""

    __slots__ = ("_closed", "_rung", "_waiter", "news")

    def __init__(self) -> None:
        self.news: Intent | None = None
        self._rung = False
        self._closed = False
        self._waiter: asyncio.Future[None] | None = None

    async def ring(self, *, within: float) -> bool:
        """Wait for the next ring.

        :param within: seconds to wait at most.
        :returns: True where something changed since the last ring, or since listening began;
            False where the time is up or the process is about to stop.
        """
        if not self._rung and not self._closed and within > 0:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(within, self._wake)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        rung, self._rung = self._rung, False
        return rung and not self._closed

    @property
    def waiting(self) -> bool:
        """Whether somebody waits for it just now, and it has not rung."""
        return self._waiter is not None and not self._waiter.done()

    @property
    def closed(self) -> bool:
        """Whether the process is about to stop."""
        return self._closed

    def _pull(self, news: Intent | None) -> None:
        self.news = news
        self._rung = True
        self._wake()

    def _close(self) -> None:
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and self.waiting:
            self._waiter.set_result(None)


class Wakeups:
    """The table of bells of this process."""

    def __init__(self) -> None:
        self._bells: dict[IntentId, set[Bell]] = {}
        self._closed = False
        self._changes = 0
        self._next: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        """How many waiters there are."""
        return sum(len(bells) for bells in self._bells.values())

    @property
    def waiting(self) -> int:
        """How many of them wait at this very moment, and are not being served."""
        return sum(bell.waiting for bells in self._bells.values() for bell in bells)

    @property
    def closed(self) -> bool:
        """Whether the process is about to stop."""
        return self._closed

    @property
    def changes(self) -> int:
        """How often anything has changed. Read it before the store, then wait for ``anything``."""
        return self._changes

    async def anything(self, since: int, *, within: float) -> bool:
        """Wait until any intent at all changes, however many wait for that.

        :param since: the number of changes that is known already.
        :param within: seconds to wait at most.
        :returns: False where the time is up or the process is about to stop.
        """
        if self._changes == since and not self._closed:
            if self._next is None:
                self._next = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._next], timeout=within)
        return self._changes != since and not self._closed

    def _announce(self) -> None:
        self._changes += 1
        if self._next is not None and not self._next.done():
            self._next.set_result(None)
        self._next = None

    @contextmanager
    def listen(self, intent_id: IntentId) -> Iterator[Bell]:
        """Hang up a bell. Do so before reading the store, so that no change falls in between."""
        bell = Bell()
        if self._closed:
            bell._close()
        self._bells.setdefault(intent_id, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[intent_id]
            bells.discard(bell)
            if not bells:
                del self._bells[intent_id]

    def changed(self, intent: Intent) -> None:
        """Ring for an intent whose new state is at hand."""
        for bell in self._bells.get(intent.id, ()):
            bell._pull(intent)
        self._announce()

    def ring(self, intent_ids: Iterable[IntentId]) -> None:
        """Ring for intents that changed elsewhere; whoever waits reads the store."""
        for intent_id in intent_ids:
            for bell in self._bells.get(intent_id, ()):
                bell._pull(None)
        self._announce()

    def close(self) -> None:
        """Let every waiter go: the process is about to stop."""
        self._closed = True
        self._announce()
        for bells in self._bells.values():
            for bell in bells:
                bell._close()


async def relay(store: Store, wakeups: Wakeups, *, poll_seconds: float) -> None:
    """Ring here for what other processes changed: as they push it, and by polling besides.

    Returns at once for a store that only one process uses.
    """
    pushed = store.wakes()
    if pushed is None:
        return
    lost = asyncio.Event()

    async def listen() -> None:
        async for intent_ids in pushed:
            if intent_ids:
                wakeups.ring(IntentId(each) for each in intent_ids)
            else:
                lost.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(listen())
        await _poll(store, wakeups, lost, poll_seconds=poll_seconds)


async def _poll(
    store: Store, wakeups: Wakeups, lost: asyncio.Event, *, poll_seconds: float
) -> None:
    since = await store.now()
    while True:
        try:
            async with asyncio.timeout(poll_seconds):
                await lost.wait()
        except TimeoutError:
            pass
        lost.clear()
        try:
            intent_ids, since_then = await store.changed_since(since - OVERLAP)
        except Broken as error:
            _log.warning("poll_failed", reason=error.message)
            continue
        since = since_then
        wakeups.ring(IntentId(each) for each in intent_ids)
