"""The log as others see it: a checkpoint with its tiles, moved by compare-and-swap, and anchors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from signoff.core import commands as c
from signoff.engine.log.ports import Anchored, Tile
from signoff.engine.ports import Depths, Store
from signoff.errors import StoreUnavailable
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.logged import (
    filled,
    logged,
    opened,
    publish,
)
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    THERE,
    World,
    execute,
    fresh,
    submitted,
)


class LogContract(World):
    async def test_a_checkpoint_moves_with_its_tiles_and_only_from_where_it_was_thought_to_be(
        self, store: Store, clock: ManualClock
    ) -> None:
        await filled(store, 5)
        moved_at = clock.advance(timedelta(seconds=1))

        assert await publish(store, 0, 3, {(0, 0): b"a" * 96})
        assert not await publish(store, 0, 5, {(0, 0): b"b" * 160, (1, 0): b"c" * 32})
        assert not await publish(store, 2, 5, {(0, 0): b"b" * 160})

        head = await store.log_head(HERE)
        assert head is not None
        assert (head.size, head.checkpoint, head.published_at) == (3, "size 3", moved_at)
        wanted = [(0, 0), (1, 0)]
        assert await store.log_tiles(HERE, wanted) == {(0, 0): b"a" * 96}
        assert await publish(store, 3, 5, {(0, 0): b"a" * 160, (1, 0): b"c" * 32})
        assert await store.log_tiles(HERE, wanted) == {(0, 0): b"a" * 160, (1, 0): b"c" * 32}
        assert await store.log_tiles(HERE, []) == {}
        assert await store.log_tiles(THERE, wanted) == {}

    async def test_a_checkpoint_goes_neither_back_nor_past_what_has_a_place(
        self, store: Store
    ) -> None:
        await filled(store, 5)
        assert await publish(store, 0, 4, {})

        assert not await publish(store, 4, 3, {})
        assert not await publish(store, 4, 6, {})
        assert not await publish(store, 0, 0, {}, workspace=THERE)
        assert await publish(store, 4, 4, {}), "it may be signed anew, by another key"

        head = await store.log_head(HERE)
        assert head is not None
        assert head.size == 4

    async def test_a_tile_only_grows(self, store: Store) -> None:
        await filled(store, 5)
        assert await publish(store, 0, 3, {(0, 0): b"a" * 96})

        for other in (b"a" * 64, b"b" * 160):
            with pytest.raises(Exception, match=r"never shrinks|did not answer"):
                await publish(store, 3, 5, {(0, 0): other})

        head = await store.log_head(HERE)
        assert head is not None
        assert head.size == 3
        assert await store.log_tiles(HERE, [(0, 0)]) == {(0, 0): b"a" * 96}

    async def test_of_those_who_publish_at_once_one_does(
        self, store: Store, replica: Store
    ) -> None:
        await filled(store, 5)

        results = await asyncio.gather(
            *(
                publish(each, 0, 5, {(0, 0): bytes([n]) * 160})
                for n, each in enumerate([store, replica] * 4)
            )
        )

        assert sorted(results) == [False] * 7 + [True]
        won = results.index(True)
        assert await store.log_tiles(HERE, [(0, 0)]) == {(0, 0): bytes([won]) * 160}

    @pytest.mark.parametrize("persisted", [False, True], ids=["failed", "had persisted"])
    async def test_whoever_is_told_of_a_failure_finds_out_what_is_so(
        self, store: Store, *, persisted: bool
    ) -> None:
        await filled(store, 5)
        faulty = _Faulty(store, persisted=persisted)

        with pytest.raises(StoreUnavailable):
            await faulty.publish(3, {(0, 0): b"a" * 96})

        head = await store.log_head(HERE)
        assert head is not None
        assert head.size == (3 if persisted else 0)
        assert await publish(store, 0, 3, {(0, 0): b"a" * 96}) is not persisted
        assert await store.log_tiles(HERE, [(0, 0)]) == {(0, 0): b"a" * 96}
        assert await publish(store, 3, 5, {(0, 0): b"a" * 160})

    async def test_workspaces_whose_checkpoint_is_behind_are_named_until_it_is_not(
        self, store: Store
    ) -> None:
        await filled(store, 3)

        assert await store.sequence(limit=9) == [HERE]
        await publish(store, 0, 2, {})
        assert await store.sequence(limit=9) == [HERE]
        await publish(store, 2, 3, {})
        assert await store.sequence(limit=9) == []

    async def test_what_others_hold_of_checkpoints_is_listed_newest_first(
        self, store: Store
    ) -> None:
        kept = [_anchor(size) for size in (3, 5, 9)]
        for each in kept:
            await store.add_anchor(each)

        assert await store.anchors(HERE) == kept[::-1]
        assert await store.anchors(HERE, limit=1) == [kept[2]]
        assert await store.anchors(HERE, up_to=5) == [kept[1], kept[0]]
        assert await store.anchors(THERE) == []

    async def test_depths_say_how_much_waits_for_the_log_and_since_when(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert await store.depths() == Depths()
        first = clock.now()
        intent = await submitted(store)
        there = clock.advance(timedelta(seconds=1))
        await submitted(store, workspace=THERE)
        waiting = await store.depths()
        assert (waiting.unlogged, waiting.oldest_unlogged) == (2, first)

        await opened(store)
        entries = await logged(store)
        sequenced = await store.depths()
        assert (sequenced.unlogged, sequenced.oldest_unlogged) == (3, first)
        await publish(store, 0, len(entries), {})
        published = await store.depths()
        assert (published.unlogged, published.oldest_unlogged) == (1, there)
        await execute(store, c.CancelIntent(actor=AGENT, reason="x"), intent.id)
        assert (await store.depths()).unlogged == 2


class _Faulty:
    """A store whose answer to ``publish`` is lost, before or after it had done it."""

    def __init__(self, store: Store, *, persisted: bool) -> None:
        self._store = store
        self._persisted = persisted

    async def publish(self, size: int, tiles: Mapping[Tile, bytes]) -> bool:
        if self._persisted:
            await publish(self._store, 0, size, tiles)
        raise StoreUnavailable("the connection is gone")


def _anchor(size: int) -> Anchored:
    failed = size == 5
    return Anchored(
        workspace=HERE,
        id=fresh("anc"),
        kind="timestamp",
        name="tsa.test",
        size=size,
        checkpoint=f"size {size}",
        at=START + timedelta(seconds=size),
        evidence=None if failed else "ZXZpZGVuY2U=",
        detail="it did not answer" if failed else None,
    )
