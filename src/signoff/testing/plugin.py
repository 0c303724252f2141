"""The pytest plugin: fixtures for testing an agent without people, a network or waiting.

Loaded by pytest wherever Signoff is installed, so nothing is imported before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from signoff import Client, SyncClient
    from signoff.testing.people import Human
    from signoff.testing.server import SignoffServer


@pytest.fixture
def signoff_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SignoffServer]:
    """A whole Signoff in this process, on a database of its own, whose time the test moves.

    While the test runs, ``SIGNOFF_URL`` and ``SIGNOFF_KEY`` mean this server and an agent of it, so
    that no client can reach another one, and ``SIGNOFF_DATABASE`` means nothing.
    """
    from signoff.testing.server import SignoffServer

    with SignoffServer() as server:
        monkeypatch.setenv("SIGNOFF_URL", server.url)
        monkeypatch.setenv("SIGNOFF_KEY", server.agent_key)
        monkeypatch.delenv("SIGNOFF_DATABASE", raising=False)
        yield server


@pytest.fixture
def signoff_client(signoff_server: SignoffServer) -> Client:
    """An async client of ``signoff_server`` with the key of an agent."""
    return signoff_server.client()


@pytest.fixture
def signoff_sync_client(signoff_server: SignoffServer) -> Iterator[SyncClient]:
    """A client for plain code, likewise."""
    with signoff_server.sync_client() as client:
        yield client


@pytest.fixture
def human(signoff_server: SignoffServer) -> Callable[..., Human]:
    """Scripted people: ``human("mgr@acme.test", roles=["manager"]).approves(after="2d")``."""
    return signoff_server.human
