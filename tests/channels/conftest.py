"""One mail server for each worker, emptied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.channels.mail_sink import MailSink, mail_sink
from tests.inbox.world import World, opened


@pytest.fixture(scope="session")
def _mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailSink]:
    with mail_sink(tmp_path_factory.mktemp("mails")) as sink:
        yield sink


@pytest.fixture
def sink(_mail_server: MailSink) -> MailSink:
    _mail_server.empty()
    return _mail_server


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as world:
        await world.person("mgr@acme.test", roles=["manager"], name="Maria", zone="Europe/Berlin")
        yield world
