"""Servers say that they are alive; the time in which none did is an outage, on record once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from signoff.engine.ports import DatabaseUse, RecordedOutage, Store
from signoff.errors import Broken
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import World, asked

MINUTE = timedelta(minutes=1)


async def beat(store: Store) -> RecordedOutage | None:
    """Say that a server is alive; a minute without is an outage."""
    return await store.beat(threshold_seconds=60)


class OutageContract(World):
    async def test_the_first_beat_of_all_records_no_outage(
        self, store: Store, clock: ManualClock
    ) -> None:
        clock.advance(timedelta(days=3))

        assert await beat(store) is None

    async def test_beats_that_follow_soon_enough_record_no_outage(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        await beat(store)
        for each in (replica, store, store, replica):
            clock.advance(MINUTE)
            assert await beat(each) is None

    async def test_a_gap_is_an_outage_until_it_is_recovered_from(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        await beat(store)
        began = clock.now()
        clock.advance(MINUTE + timedelta(microseconds=1))

        outage = await beat(store)

        assert outage is not None
        assert (outage.start, outage.end) == (began, clock.now())
        clock.advance(MINUTE)
        assert await beat(replica) == outage
        await replica.finish_outage(outage.id)
        await store.finish_outage(outage.id)
        assert await beat(store) is None
        assert await beat(replica) is None

    async def test_of_several_outages_the_oldest_comes_first(
        self, store: Store, clock: ManualClock
    ) -> None:
        await beat(store)
        clock.advance(2 * MINUTE)
        first = await beat(store)
        clock.advance(3 * MINUTE)

        assert first is not None
        assert await beat(store) == first
        await store.finish_outage(first.id)
        second = await beat(store)
        assert second is not None
        assert (second.start, second.end) == (first.end, clock.now())
        assert second.id != first.id

    async def test_servers_that_start_at_once_record_one_outage_and_all_see_it(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        await beat(store)
        clock.advance(timedelta(days=3))

        seen = await asyncio.gather(*(beat(each) for each in [store, replica] * 4))

        assert seen[0] is not None
        assert seen == [seen[0]] * 8
        await store.finish_outage(seen[0].id)
        assert await beat(replica) is None

    async def test_servers_whose_first_beats_coincide_record_no_outage(
        self, store: Store, replica: Store
    ) -> None:
        assert await asyncio.gather(*(beat(each) for each in [store, replica] * 4)) == [None] * 8

    async def test_overdue_timers_are_counted_whether_they_are_leased_or_not(
        self, store: Store, clock: ManualClock
    ) -> None:
        for minutes in (1, 2, 3):
            await asked(store, deadline=f"{minutes}m")
        start = clock.now()

        assert await store.overdue_timers(start + MINUTE - timedelta(microseconds=1)) == 0
        assert await store.overdue_timers(start + MINUTE) == 1
        clock.advance(2 * MINUTE)
        assert len(await store.claim_timers(limit=1, lease_seconds=600)) == 1
        assert await store.overdue_timers(clock.now()) == 2
        assert await store.overdue_timers(clock.now() + MINUTE) == 3

    async def test_a_database_is_for_one_use_for_good(self, store: Store, replica: Store) -> None:
        await store.dedicate(DatabaseUse.TEST)
        await replica.dedicate(DatabaseUse.TEST)
        for each in (store, replica):
            with pytest.raises(Broken, match="never serves people"):
                await each.dedicate(DatabaseUse.LIVE)
        await store.dedicate(DatabaseUse.TEST)

    async def test_a_database_that_serves_people_is_never_one_for_tests(self, store: Store) -> None:
        await store.dedicate(DatabaseUse.LIVE)
        with pytest.raises(Broken, match="serves people and is never used for tests"):
            await store.dedicate(DatabaseUse.TEST)
        await store.dedicate(DatabaseUse.LIVE)
