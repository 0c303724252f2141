"""The list: what asks me, newest first, a page at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.server.inbox.listing import PAGE
from tests.inbox.browser import Page
from tests.inbox.world import World


def titles(page: Page) -> list[str]:
    return [node.text for node in page.root.all("h2")]


async def test_an_empty_inbox_says_so(world: World) -> None:
    page = await (await world.signed_in("mgr@acme.test")).open("/inbox")

    assert page.root.one("h2").text == "Nothing waits for you"
    assert not page.root.all("nav")


async def test_the_list_holds_what_asks_me_by_name_role_and_group(world: World) -> None:
    await world.person("ops@acme.test", roles=("ops",), groups=("oncall",))
    await world.ask(title="by role", assignee="role:ops")
    await world.ask(title="by group", assignee="group:oncall")
    await world.ask(title="by name", assignee="ops@acme.test")
    await world.ask(title="not me", assignee="mgr@acme.test")

    page = await (await world.signed_in("ops@acme.test")).open("/inbox")

    assert titles(page) == ["by name", "by group", "by role"]
    assert "3 open tasks asking for you, newest first." in page.text


async def test_a_line_says_who_asks_what_and_until_when(world: World) -> None:
    task_id = await world.ask("form", risk="high", deadline="3h", title="Fill <b>this</b> in")

    page = await (await world.signed_in("mgr@acme.test")).open("/inbox")

    (line,) = page.root.classed("task")
    assert line.one("a").attrs["href"] == f"/inbox/tasks/{task_id}"
    assert line.one("a").text == "Fill <b>this</b> in"
    assert "Form High risk" in line.text
    assert "From refunds" in line.text
    assert "Due in 3 hours 24 November 2026, 12:00 UTC" in line.text
    assert line.one("time").attrs["datetime"] == "2026-11-24T12:00:00+00:00"


async def test_times_are_those_of_the_readers_zone(world: World) -> None:
    await world.person("eve@acme.test", zone="Europe/Berlin")
    await world.ask(assignee="eve@acme.test", deadline="3h")

    page = await (await world.signed_in("eve@acme.test")).open("/inbox")

    assert "24 November 2026, 13:00 CET" in page.text


async def test_what_is_decided_or_late_or_claimed_is_marked_or_gone(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    done = await world.ask(title="done")
    await world.ask(title="late", deadline="1h")
    claimed = await world.ask(title="claimed", assignee="role:manager")
    revising = await world.ask("review", title="revising", content="a", revisions=1)
    await world.answered(done, "mgr@acme.test", "approved")
    await world.answered(revising, "mgr@acme.test", "changes_requested", "b")
    eve = await world.signed_in("eve@acme.test")
    await eve.press(await eve.open(f"/inbox/tasks/{claimed}"), "Claim it")
    world.clock.advance(timedelta(hours=1))

    page = await (await world.signed_in("mgr@acme.test")).open("/inbox")

    assert titles(page) == ["revising", "claimed", "late"]
    assert "Waiting for the agent's revision" in page.text
    assert "Claimed by eve@acme.test" in page.text
    assert "Deadline passed" in page.text


@pytest.mark.parametrize("count", [PAGE, PAGE + 1, 2 * PAGE + 3])
async def test_every_task_is_on_exactly_one_page(world: World, count: int) -> None:
    for number in range(count):
        await world.ask(title=f"task {number}")
    browser = await world.signed_in("mgr@acme.test")

    found: list[str] = []
    page = await browser.open("/inbox")
    while True:
        found += titles(page)
        older = page.root.all("a", rel="next")
        if not older:
            break
        page = await browser.open(older[0].attrs["href"])

    assert found == [f"task {number}" for number in reversed(range(count))]
    if count > PAGE:
        assert [node.text for node in page.root.one("nav").all("a")] == ["Newest"]


@pytest.mark.parametrize("before", ["", "x", "'", "task_", "%00", "task_" + "z" * 32, "9" * 5000])
async def test_a_nonsense_cursor_shows_the_first_page(world: World, before: str) -> None:
    await world.ask(title="here")

    page = await (await world.signed_in("mgr@acme.test")).open(f"/inbox?before={before}")

    assert titles(page) == ["here"]


async def test_the_root_leads_to_the_inbox(world: World) -> None:
    page = await (await world.signed_in("mgr@acme.test")).open("/")

    assert page.heading == "Inbox"
