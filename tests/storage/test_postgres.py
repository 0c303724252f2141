"""PostgreSQL keeps every sentence of the store contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from signoff.engine.ports import Clock, Store
from signoff.storage.postgres.store import PostgresStore
from signoff.testing.store_contract import OpenStore, StoreContract
from tests.postgres import temporary_database


@pytest.fixture
async def database() -> AsyncIterator[str]:
    async with temporary_database() as address:
        yield address


class TestPostgres(StoreContract):
    @pytest.fixture
    def open_store(self, database: str) -> OpenStore:
        @asynccontextmanager
        async def opened(clock: Clock) -> AsyncIterator[Store]:
            store = PostgresStore(database, clock=clock)
            await store.open()
            try:
                yield store
            finally:
                await store.close()

        return opened
