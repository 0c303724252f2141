"""A change rings the bells of its intent and no others, and no ring is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast

from signoff.core.words import IntentId
from signoff.engine.ports import Store
from signoff.engine.wakeups import Wakeups, relay

A, B = IntentId("int_a"), IntentId("int_b")
LONG = 30.0


async def test_a_ring_wakes_every_bell_of_its_intent_and_no_other() -> None:
    wakeups = Wakeups()
    with wakeups.listen(A) as first, wakeups.listen(A) as second, wakeups.listen(B) as other:
        waiting = [asyncio.create_task(bell.ring(within=LONG)) for bell in (first, second)]
        await asyncio.sleep(0)

        wakeups.ring([A])

        assert await asyncio.gather(*waiting) == [True, True]
        assert await other.ring(within=0) is False


async def test_a_ring_before_the_waiting_begins_is_not_lost() -> None:
    wakeups = Wakeups()
    with wakeups.listen(A) as bell:
        wakeups.ring([A])
        wakeups.ring([A])

        assert await bell.ring(within=LONG) is True
        assert await bell.ring(within=0.01) is False


async def test_nobody_is_left_in_the_table_after_listening() -> None:
    wakeups = Wakeups()
    with wakeups.listen(A), wakeups.listen(A):
        assert len(wakeups) == 2

    assert len(wakeups) == 0
    wakeups.ring([A])


async def test_a_waiter_that_is_cancelled_leaves_nothing_behind() -> None:
    wakeups = Wakeups()

    async def wait() -> None:
        with wakeups.listen(A) as bell:
            await bell.ring(within=LONG)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert len(wakeups) == 0


async def test_closing_lets_everybody_go_and_nobody_wait_any_more() -> None:
    wakeups = Wakeups()
    with wakeups.listen(A) as bell:
        waiting = asyncio.create_task(bell.ring(within=LONG))
        await asyncio.sleep(0)
        wakeups.close()
        assert await waiting is False
        assert bell.closed

    with wakeups.listen(B) as late:
        assert await late.ring(within=LONG) is False


async def test_what_another_process_pushes_rings_here() -> None:
    wakeups = Wakeups()
    store = _Pushing([frozenset({A})])
    with wakeups.listen(A) as bell:
        relaying = asyncio.create_task(relay(cast(Store, store), wakeups, poll_seconds=LONG))

        assert await bell.ring(within=LONG) is True

        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)


async def test_what_a_reconnecting_listener_may_have_missed_is_polled_for() -> None:
    wakeups = Wakeups()
    store = _Pushing([frozenset()], changed=frozenset({A}))
    with wakeups.listen(A) as bell:
        relaying = asyncio.create_task(relay(cast(Store, store), wakeups, poll_seconds=LONG))

        assert await bell.ring(within=LONG) is True

        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)


async def test_polling_alone_suffices() -> None:
    wakeups = Wakeups()
    store = _Pushing([], changed=frozenset({A}))
    with wakeups.listen(A) as bell:
        relaying = asyncio.create_task(relay(cast(Store, store), wakeups, poll_seconds=0.01))

        assert await bell.ring(within=LONG) is True

        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)


class _Pushing:
    """The two methods of a store that a relay uses, as another process would move them."""

    def __init__(
        self, pushed: list[frozenset[str]], *, changed: frozenset[str] = frozenset()
    ) -> None:
        self._pushed = pushed
        self._changed = changed

    async def now(self) -> datetime:
        return datetime.now(UTC)

    def wakes(self) -> AsyncIterator[frozenset[str]]:
        return self._wakes()

    async def _wakes(self) -> AsyncIterator[frozenset[str]]:
        for each in self._pushed:
            yield each
        await asyncio.sleep(LONG)

    async def changed_since(self, moment: datetime) -> tuple[frozenset[str], Any]:
        return self._changed, await self.now()
