"""The threads that touch the file: together in one commit, apart in what goes wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest

from signoff.core.workspace import WorkspaceSettings
from signoff.engine.ports import Commit, IntentFilter, Loaded, Lookup, Page, Store
from signoff.errors import StoreUnavailable
from signoff.storage.migrate import migrate
from signoff.storage.sqlite.store import SQLiteStore
from signoff.storage.writes import WriteConflict
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import (
    HERE,
    commit,
    execute,
    history_of,
    loaded_by,
    step,
    submission,
    submitted,
)


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    await migrate(f"sqlite:///{tmp_path / 'signoff.db'}")
    return tmp_path / "signoff.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(path, clock=ManualClock())
    await store.open()
    await store.add_workspace(HERE)
    yield store
    await store.close()


async def test_what_waits_for_the_writer_together_is_one_commit(store: SQLiteStore) -> None:
    commits: list[None] = []

    def committed() -> bool:
        commits.append(None)
        return False

    _writing(store).set_commit_hook(committed)

    async with _Busy(store):
        work = [asyncio.create_task(submitted(store)) for _ in range(10)]
        await asyncio.sleep(0.02)
    await asyncio.gather(*work)

    assert len(commits) == 2


async def test_one_that_fails_takes_nothing_with_it(store: SQLiteStore) -> None:
    def fail(loaded: Loaded, now: datetime) -> Commit:
        raise ZeroDivisionError

    async with _Busy(store):
        before = asyncio.create_task(submitted(store))
        failing = asyncio.create_task(store.transact(Lookup(), fail))
        after = asyncio.create_task(submitted(store))
        await asyncio.sleep(0.02)

    with pytest.raises(ZeroDivisionError):
        await failing
    assert await store.intent(HERE, (await before).id) is not None
    assert await store.intent(HERE, (await after).id) is not None


async def test_when_the_commit_fails_everybody_in_it_is_told_and_nothing_is_there(
    store: SQLiteStore,
) -> None:
    connection = _writing(store)
    connection.set_commit_hook(lambda: True)

    async with _Busy(store, fails=True):
        work = [asyncio.create_task(submitted(store)) for _ in range(3)]
        await asyncio.sleep(0.02)
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    connection.set_commit_hook(None)

    assert all(isinstance(outcome, StoreUnavailable | WriteConflict) for outcome in outcomes)
    assert not await store.intents(HERE, IntentFilter(), Page())
    assert (await submitted(store)).seq == 1


async def test_what_a_batch_saw_of_settings_is_forgotten_where_they_never_came_to_be(
    store: SQLiteStore,
) -> None:
    connection = _writing(store)
    connection.set_commit_hook(lambda: True)
    lost, kept = (WorkspaceSettings(version=1, zone=zone) for zone in ("Etc/GMT+1", "Etc/GMT+2"))
    known = Lookup(settings=frozenset({HERE}))

    async with _Busy(store, fails=True):
        saving = asyncio.create_task(store.save_settings(HERE, lost, by="x"))
        await asyncio.sleep(0.02)
        seeing = asyncio.create_task(store.transact(known, lambda loaded, now: Commit()))
        await asyncio.sleep(0.02)
    outcomes = await asyncio.gather(saving, seeing, return_exceptions=True)
    connection.set_commit_hook(None)
    await store.save_settings(HERE, kept, by="x")

    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert (await loaded_by(store, settings=known.settings)).directories[HERE].settings == kept
    assert await store.settings(HERE) == kept


async def test_a_full_disk_is_said_and_got_over(store: SQLiteStore) -> None:
    intent = await submitted(store)
    connection = _writing(store)
    pages = connection.execute("pragma page_count").fetchall()[0][0]
    connection.execute(f"pragma max_page_count = {pages}").fetchall()

    with pytest.raises(StoreUnavailable):
        await execute(store, step("large", "x" * 200_000), intent.id)

    assert await store.intent(HERE, intent.id) == intent
    connection.execute("pragma max_page_count = 1000000").fetchall()
    await execute(store, step("large", "x" * 200_000), intent.id)
    assert len(await history_of(store, intent.id)) == 3


async def test_readers_do_not_wait_for_the_writer_and_see_only_what_is_committed(
    store: SQLiteStore,
) -> None:
    there = await submitted(store)
    async with _Busy(store):
        coming = submission()
        work = asyncio.create_task(execute(store, coming))
        async with asyncio.timeout(5):
            assert await store.intent(HERE, there.id) == there
            assert await store.intent(HERE, coming.intent_id) is None
    assert await store.intent(HERE, (await work).id) is not None


async def test_a_caller_that_goes_away_neither_hurts_the_writer_nor_its_own_work(
    store: SQLiteStore,
) -> None:
    async with _Busy(store):
        gone = asyncio.create_task(submitted(store))
        other = asyncio.create_task(submitted(store))
        await asyncio.sleep(0.02)
        gone.cancel()

    assert await store.intent(HERE, (await other).id) is not None
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_closing_finishes_what_was_asked_for(path: Path, store: SQLiteStore) -> None:
    work = [asyncio.create_task(submitted(store)) for _ in range(5)]
    await asyncio.sleep(0)
    await store.close()
    intents = await asyncio.gather(*work)

    again = SQLiteStore(path)
    await again.open()
    kept = [await again.intent(HERE, intent.id) for intent in intents]
    await again.close()
    assert kept == intents


async def test_a_store_that_is_not_open_says_so(path: Path) -> None:
    store: Store = SQLiteStore(path)

    with pytest.raises(StoreUnavailable):
        await store.depths()
    await store.close()


async def test_the_time_never_goes_back_behind_what_is_written(
    path: Path, store: SQLiteStore
) -> None:
    intent = await submitted(store)
    behind = SQLiteStore(path, clock=ManualClock(START - timedelta(hours=1)))
    await behind.open()

    after = await execute(behind, step("x"), intent.id)
    judged_at = await commit(behind)

    assert after.updated_at == intent.updated_at == judged_at
    await behind.close()


class _Busy:
    """Keep the writer busy, so that what is asked for meanwhile waits together."""

    def __init__(self, store: SQLiteStore, *, fails: bool = False) -> None:
        self._store = store
        self._fails = fails
        self._started, self._go = threading.Event(), threading.Event()

    async def __aenter__(self) -> None:
        def wait(loaded: Loaded, now: datetime) -> Commit:
            self._started.set()
            self._go.wait(10)
            return Commit()

        self._work = asyncio.create_task(self._store.transact(Lookup(), wait))
        await asyncio.to_thread(self._started.wait, 10)

    async def __aexit__(self, *_: object) -> None:
        self._go.set()
        (outcome,) = await asyncio.gather(self._work, return_exceptions=True)
        assert isinstance(outcome, Exception) == self._fails


def _writing(store: SQLiteStore) -> apsw.Connection:
    return store._writer._connection
