"""A whole server in this process, and clients of it that need no socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import signoff
from tests.client.wire import Wire
from tests.server.world import World, world


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


@pytest.fixture
def wire(server: World) -> Wire:
    """The agent's line to the server; what goes over it is counted, and can be lost."""
    return Wire(server.app)


@pytest.fixture
async def agent(server: World, wire: Wire) -> AsyncIterator[signoff.Client]:
    async with agent_of(server, wire) as client:
        yield client


@pytest.fixture
async def manager(server: World) -> AsyncIterator[signoff.Client]:
    async with person_of(server, "manager") as client:
        yield client


@pytest.fixture
async def operator(server: World) -> AsyncIterator[signoff.Client]:
    async with person_of(server, "operator") as client:
        yield client


def agent_of(server: World, wire: Wire) -> signoff.Client:
    return signoff.Client("http://signoff.test", server.keys["agent"], transport=wire)


def person_of(server: World, who: str) -> signoff.Client:
    return signoff.Client("http://signoff.test", server.keys[who], transport=Wire(server.app))
