"""One running Signoff on either store, its clock in the test's hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from signoff.app import running
from signoff.config import Settings
from signoff.engine.ports import Clock, PersonRow
from signoff.server.services import Services
from signoff.storage.migrate import migrate
from signoff.testing.clock import ManualClock
from tests.engine.asks import JONAS, MARIA, WORKSPACE
from tests.postgres import temporary_database

Replica = Callable[[], AbstractAsyncContextManager[Services]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database of either store."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'signoff.db'}"
        await migrate(address)
        yield address
        return
    async with temporary_database() as address:
        yield address


@pytest.fixture
async def signoff(database: str, clock: ManualClock) -> AsyncIterator[Services]:
    """A running Signoff that knows Maria and Jonas."""
    async with replica(database, clock) as services:
        await enlist(services)
        yield services


@asynccontextmanager
async def replica(
    database: str, clock: Clock, *, poll_seconds: float = 0.05
) -> AsyncIterator[Services]:
    """One process's worth of Signoff. It looks often, since its clock moves in jumps."""
    settings = Settings(database=database, poll_seconds=poll_seconds, lease_seconds=5)
    async with running(settings, clock=clock) as services:
        yield services


async def enlist(services: Services) -> None:
    """Make the workspace and its two approvers."""
    await services.store.add_workspace(WORKSPACE)
    for person in (MARIA, JONAS):
        row = PersonRow(
            workspace=WORKSPACE,
            person=person,
            time_zone=None,
            created_at=await services.store.now(),
        )
        await services.store.add_person(row)
