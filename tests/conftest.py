"""What every test has in common: after it, the log of every store it used is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
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


@pytest.fixture(autouse=True)
def the_log_is_rebuilt_and_compared(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """When a test closes a store, everything in its log is made once more and compared.

    A test that damages a log on purpose is marked ``damages_the_log``.
    """
    wrong: list[str] = []
    if request.node.get_closest_marker("damages_the_log") is None:
        for store in (SQLiteStore, PostgresStore):
            monkeypatch.setattr(store, "close", _checked(store.close, wrong))
    yield
    assert not wrong, "the log does not hold: " + "; ".join(wrong)


def _checked(
    close: Callable[[Any], Awaitable[None]], wrong: list[str]
) -> Callable[[Any], Awaitable[None]]:
    async def checked(store: Any) -> None:
        try:
            wrong.extend(await differences(store))
        except SignoffError:
            pass  # it was closed before, or its database is gone: what some tests are about
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
