"""What happens is under a published checkpoint within a second, however busy the server is."""

from __future__ import annotations

import asyncio

import pytest

from signoff.engine.ports import Store
from tests.engine.asks import WORKSPACE, request, submission
from tests.logs import Faulty, logbook, require_sound

SECONDS = 2.0
AT_ONCE = 32
PROMISED_SECONDS = 1.0


@pytest.mark.slow
async def test_the_log_is_a_second_behind_at_most(database: str) -> None:
    published: list[tuple[int, float]] = []
    faulty = Faulty()

    async def look(call: str) -> None:
        if call == "publish":
            head = await store.log_head(WORKSPACE)
            if head is not None and head.published_at is not None:
                published.append((head.size, head.published_at.timestamp()))

    faulty.around = look
    async with logbook(database, faulty=faulty) as book:
        store = book.store
        working = asyncio.create_task(book.sequencer.run())
        until = asyncio.get_running_loop().time() + SECONDS

        async def agent() -> None:
            while asyncio.get_running_loop().time() < until:
                await book.door.execute(WORKSPACE, submission(task=request()))

        await asyncio.gather(*(agent() for _ in range(AT_ONCE)))
        async with asyncio.timeout(10):
            while (await store.depths()).unlogged:
                await asyncio.sleep(0.05)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        lags = sorted(await _lags(store, published))
        await require_sound(store)

    p99 = lags[len(lags) * 99 // 100]
    print(f"{len(lags)} entries, lag p50 {lags[len(lags) // 2]:.3f} s, p99 {p99:.3f} s")
    assert len(lags) > 1000
    assert p99 <= PROMISED_SECONDS


async def _lags(store: Store, published: list[tuple[int, float]]) -> list[float]:
    """For every entry, how long after it had happened the first checkpoint covered it."""
    found = []
    covering = iter(sorted(set(published)))
    size, at = next(covering)
    for entry in await store.log_entries(WORKSPACE, 2, limit=1_000_000):
        while size <= entry.index:
            size, at = next(covering)
        found.append(at - entry.at.timestamp())
    return found
