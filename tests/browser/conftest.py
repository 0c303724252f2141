"""One browser for all these tests, on one loop; for each test a server and windows of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import launched
from tests.browser.site import Site, served
from tests.browser.window import Window, opened

HERE = Path(__file__).parent
Open = Callable[..., AbstractAsyncContextManager[Window]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives on the loop of the session, so what uses it runs there."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with served(tmp_path, webhook_allow="127.0.0.1/32") as made:
        yield made


@pytest.fixture
def window(browser: Browser, site: Site) -> Open:
    """Opens windows on the site: ``async with window(PHONE) as phone``."""
    return partial(opened, browser, site)
