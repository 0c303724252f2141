"""A PostgreSQL server that goes away and comes back, as they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, suppress

import pytest

from signoff.core.words import IntentId
from signoff.errors import StoreUnavailable
from signoff.storage.postgres.store import PostgresStore
from signoff.testing.contract.world import HERE, asked, execute, step, submitted
from tests.postgres import Server, start_server
from tests.storage.replicas import replicas

PATIENCE = 20.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that these tests may stop without hurting others."""
    server = start_server()
    yield server
    server.remove()


@pytest.fixture
def server(own_server: Server) -> Iterator[Server]:
    yield own_server
    own_server.crash()
    own_server.start()


@pytest.fixture
async def database(server: Server) -> str:
    return await server.fresh_database()


@pytest.fixture
async def stores(database: str) -> AsyncIterator[list[PostgresStore]]:
    async with replicas(database, 2) as opened:
        yield opened


async def test_a_store_says_so_while_its_server_is_away_and_works_when_it_is_back(
    server: Server, stores: list[PostgresStore]
) -> None:
    intent = await submitted(stores[0])

    server.stop()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await execute(stores[0], step("lost"), intent.id)
        with pytest.raises(StoreUnavailable):
            await stores[1].intent(HERE, intent.id)
    server.start()

    after = await execute(stores[0], step("kept"), intent.id)
    assert await stores[1].intent(HERE, intent.id) == after
    assert [one.name for one in await stores[1].steps(HERE, intent.id)] == ["kept"]


async def test_connections_cut_behind_a_stores_back_are_not_noticed(
    server: Server, stores: list[PostgresStore]
) -> None:
    intent = await submitted(stores[0])
    await asyncio.gather(*(stores[0].intent(HERE, intent.id) for _ in range(20)))

    server.stop()
    server.start()

    assert await stores[0].intent(HERE, intent.id) == intent
    assert (await execute(stores[0], step("next"), intent.id)).seq > intent.seq


async def test_what_was_acknowledged_before_a_crash_is_there_after_it(
    server: Server, stores: list[PostgresStore]
) -> None:
    acknowledged: list[IntentId] = []

    async def submit_until_it_fails(store: PostgresStore) -> None:
        with suppress(StoreUnavailable):
            while True:
                intent, _ = await asked(store)
                acknowledged.append(intent.id)

    busy = [asyncio.create_task(submit_until_it_fails(store)) for store in stores * 3]
    async with asyncio.timeout(PATIENCE):
        while len(acknowledged) < 50:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(server.crash)
        await asyncio.gather(*busy)
    await asyncio.to_thread(server.start)

    for intent_id in acknowledged:
        intent = await stores[0].intent(HERE, intent_id)
        assert intent is not None
        events = await stores[0].events(HERE, intent_id, after=0, limit=10)
        assert [event.seq for event in events] == list(range(1, intent.seq + 1))


async def test_listening_goes_on_after_an_outage_and_says_that_it_may_have_missed_something(
    server: Server, stores: list[PostgresStore]
) -> None:
    async with aclosing(stores[1].wakes()) as wakes, asyncio.timeout(PATIENCE):
        assert await anext(wakes) == frozenset()
        before = await submitted(stores[0])
        assert await anext(wakes) == {before.id}

        waiting = asyncio.create_task(anext(wakes))
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.start)

        assert await waiting == frozenset()
        after = await submitted(stores[0])
        assert await anext(wakes) == {after.id}


async def test_a_store_closes_at_once_while_its_server_is_away(
    server: Server, stores: list[PostgresStore]
) -> None:
    wakes = stores[1].wakes()
    async with asyncio.timeout(PATIENCE):
        await anext(wakes)
        waiting = asyncio.create_task(anext(wakes, None))
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(0.2)

        await stores[1].close()

        assert await waiting is None
        with pytest.raises(StoreUnavailable):
            await stores[1].now()


async def test_a_server_that_is_not_there_is_named_without_the_password(
    server: Server, database: str
) -> None:
    server.stop()
    store = PostgresStore(database.replace("signoff@", "signoff:hunter2@"))

    with pytest.raises(StoreUnavailable) as refused:
        await store.open()

    assert "hunter2" not in str(refused.value)
