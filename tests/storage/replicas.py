"""Several servers' stores on one PostgreSQL database, by the database's own clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from signoff.storage.postgres.store import PostgresStore
from signoff.testing.contract.world import HERE, JONAS, MARIA, person_row


@asynccontextmanager
async def replicas(database: str, count: int) -> AsyncIterator[list[PostgresStore]]:
    """That many opened stores; the database knows Maria and Jonas."""
    async with AsyncExitStack() as stack:
        stores = []
        for _ in range(count):
            store = PostgresStore(database)
            await store.open()
            stack.push_async_callback(store.close)
            stores.append(store)
        if await stores[0].add_workspace(HERE):
            for who in (MARIA, JONAS):
                await stores[0].add_person(person_row(who))
        yield stores


@asynccontextmanager
async def outsider(database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that is no store's, to get in the way with."""
    connection = await asyncpg.connect(database)
    try:
        yield connection
    finally:
        await connection.close()
