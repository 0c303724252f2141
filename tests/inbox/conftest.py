"""The world every test of the inbox starts from: one manager, nothing asked yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.inbox.world import World, opened


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as made:
        await made.person("mgr@acme.test", roles=("manager",))
        yield made


@pytest.fixture
async def secure_world(tmp_path: Path) -> AsyncIterator[World]:
    """The same, reached over HTTPS."""
    async with opened(tmp_path, origin="https://inbox.test") as made:
        await made.person("mgr@acme.test", roles=("manager",))
        yield made
