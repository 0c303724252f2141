"""What every test has in common: after it, the log of every store it used is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings

from signoff.engine.log.fsck import fsck
from signoff.engine.log.keys import Seal
from signoff.engine.log.sequencer import Sequencer
from signoff.errors import SignoffError
from signoff.storage.postgres.store import PostgresStore
from signoff.storage.sqlite.store import SQLiteStore

# Machines are shared: an example that takes long says nothing. A failure prints how to repeat it.
settings.register_profile("signoff", deadline=None, print_blob=True)
settings.load_profile("signoff")


_MADE_UP = frozenset(
    {
        "signoff.testing.contract.log",
        "signoff.testing.contract.erasing",
        "tests.storage.test_sqlite_log",
        "tests.storage.test_postgres_log",
        "tests.anchors.test_anchoring",
        "tests.anchors.test_git",
        "tests.anchors.test_witnesses",
    }
)


@pytest.fixture(autouse=True)
def the_log_is_rebuilt_and_compared(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """When a test closes a store, everything in its log is made once more and compared.

    But not where the leaves, tiles or checkpoints are made up, because the store is what is tested.
    """
    wrong: list[str] = []
    if getattr(request.function, "__module__", None) not in _MADE_UP:
        for store in (SQLiteStore, PostgresStore):
            monkeypatch.setattr(store, "close", _checked(store.close, wrong))
    yield
    assert not wrong, "the log does not hold: " + "; ".join(wrong)


def _checked(
    close: Callable[[Any], Awaitable[None]], wrong: list[str]
) -> Callable[[Any], Awaitable[None]]:
    async def checked(store: Any) -> None:
        with suppress(SignoffError):  # closed before, or gone: what some tests are about
            wrong.extend(await differences(store))
        await close(store)

    return checked


async def differences(store: Any) -> list[str]:
    """In words, what of the logs in a store is not what its events and facts give."""
    await Sequencer(store, origin="", seal=Seal("")).flush()
    found = []
    for workspace in await store.workspaces():
        if await store.log_head(workspace) is not None:
            report = await fsck(store, workspace)
            found += [f"{workspace} {each.index}: {each.what}" for each in report.findings]
    return found
