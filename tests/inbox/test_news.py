"""A page that stands open is told of what happens from when it was made, not since it listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from signoff.server.inbox import news, session
from tests.inbox.browser import Browser, Page
from tests.inbox.world import World

_Stream = Callable[[session.Visit], Awaitable[Response]]


async def first_said(
    world: World, browser: Browser, page: Page, stream: _Stream, task_id: str = ""
) -> list[str]:
    """What a stream says at once to somebody who has this page open."""
    cookies = "; ".join(f"{each.name}={each.value}" for each in browser.client.cookies.jar)
    mark = page.root.one(when=lambda node: "data-mark" in node.attrs).attrs["data-mark"]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/inbox/news",
        "path_params": {"task_id": task_id},
        "query_string": f"mark={mark}".encode(),
        "headers": [(b"cookie", cookies.encode())],
    }
    visit = await session.visit(Request(scope), world.services)
    assert visit is not None
    answer = await stream(visit)
    assert isinstance(answer, StreamingResponse)
    said = []
    try:
        async with asyncio.timeout(0.5):
            async for each in answer.body_iterator:
                said.append(str(each).strip().partition("\n")[0])
    except TimeoutError:
        pass
    return said[1:]


async def test_what_came_in_before_the_list_listens_is_told_at_once(world: World) -> None:
    await world.ask(title="there")
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open("/inbox")
    assert await first_said(world, browser, page, news.of_the_list) == []

    await world.ask(title="new")

    assert await first_said(world, browser, page, news.of_the_list) == ["event: changed"]
    page = await browser.open("/inbox")
    assert await first_said(world, browser, page, news.of_the_list) == []


async def test_what_happened_before_a_task_listens_is_told_at_once(world: World) -> None:
    task_id = await world.ask(assignee="role:manager")
    await world.person("eve@acme.test", roles=("manager",))
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert await first_said(world, browser, page, news.of_a_task, task_id) == []

    await world.answered(task_id, "eve@acme.test", "approved")

    said = await first_said(world, browser, page, news.of_a_task, task_id)
    assert said == ["event: changed"]
