"""The kit never touches a database that people use, and nobody uses one of the kit's."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from signoff.app import initialise, running
from signoff.config import Settings
from signoff.errors import Broken
from signoff.testing import ManualClock, SignoffServer


@pytest.fixture
async def live(tmp_path: Path) -> Settings:
    """A database that a real server has served."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'signoff.db'}")
    await initialise(settings.database)
    async with running(settings):
        pass
    return settings


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_the_kit_takes_no_address() -> None:
    assert set(inspect.signature(SignoffServer).parameters) == {"start", "patience"}


async def test_time_is_never_moved_on_a_database_that_people_use(
    live: Settings, tmp_path: Path
) -> None:
    before = contents(tmp_path)

    with pytest.raises(Broken, match="never used for tests"):
        async with running(live, clock=ManualClock()):
            raise AssertionError("it runs")

    assert contents(tmp_path)["signoff.db"] == before["signoff.db"]


async def test_a_database_of_the_kit_never_serves_people() -> None:
    with SignoffServer() as server:
        server.human("mgr@acme.test")
        database = server._settings

        with pytest.raises(Broken, match="made for tests"):
            async with running(database):
                raise AssertionError("it runs")


async def test_the_database_of_the_environment_is_left_alone(
    live: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_DATABASE", live.database)
    before = contents(tmp_path)

    with SignoffServer() as server:
        server.human("mgr@acme.test").approves()
        server.sync.advance("3d")

    assert contents(tmp_path) == before


async def test_a_client_of_the_environment_reaches_the_kit_and_nothing_else(
    signoff_server: SignoffServer,
) -> None:
    import signoff

    async with signoff.Client() as client:
        assert (await client.me())["agent"] == "agent://default/main/tested"
    with signoff.SyncClient() as plain:
        assert plain.me()["agent"] == "agent://default/main/tested"


def test_nothing_is_left_of_it() -> None:
    with SignoffServer() as server:
        folder = Path(server._folder.name)
        assert folder.exists()

    assert not folder.exists()
