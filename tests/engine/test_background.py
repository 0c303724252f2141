"""A background loop that fails is said to fail, and is started again."""

from __future__ import annotations

import asyncio

import pytest

from signoff.engine import background
from signoff.engine.background import Background
from signoff.errors import StoreUnavailable


async def test_a_loop_that_fails_is_named_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "_FIRST_PAUSE", 0.01)
    came_back = asyncio.Event()
    seen: list[frozenset[str]] = []

    async def loop() -> None:
        seen.append(loops.failing())
        if len(seen) < 3:
            raise StoreUnavailable
        came_back.set()
        await asyncio.sleep(30)

    loops = Background({"timers": loop})
    async with loops.running(), asyncio.timeout(5):
        await came_back.wait()
        while loops.failing():
            await asyncio.sleep(0.01)

    assert seen == [frozenset(), {"timers"}, {"timers"}]


async def test_a_loop_with_nothing_to_do_may_end() -> None:
    async def nothing() -> None:
        return

    loops = Background({"relay": nothing})
    async with loops.running():
        await asyncio.sleep(0)

    assert loops.failing() == frozenset()
