"""The SQLite store keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from signoff.engine.ports import Clock, Store
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.testing.store_contract import OpenStore, StoreContract


class TestSQLiteStore(StoreContract):
    @pytest.fixture
    async def open_store(self, tmp_path: Path) -> OpenStore:
        address = f"sqlite:///{tmp_path / 'signoff.db'}"
        await migrate(address)

        @asynccontextmanager
        async def opened(clock: Clock) -> AsyncIterator[Store]:
            store = connect(address, clock=clock)
            await store.open()
            try:
                yield store
            finally:
                await store.close()

        return opened
