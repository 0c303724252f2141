"""The list: what asks me, due soonest first, a page at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.server.inbox.listing import PAGE
from tests.inbox.browser import Page
from tests.inbox.world import World


def titles(page: Page) -> list[str]:
    return [node.text for node in page.root.one("main").all("h2")]


async def test_an_empty_inbox_says_so(world: World) -> None:
    page = await (await world.signed_in("mgr@acme.test")).open("/inbox")

    assert titles(page) == ["Nothing waits for you"]
    assert "For you 0 Claimed by you 0 Waiting for others 0 Watching 0" in page.text
    assert not page.root.all("a", rel="next")


async def test_the_list_holds_what_asks_me_by_name_role_and_group(world: World) -> None:
    await world.person("ops@acme.test", roles=("ops",), groups=("oncall",))
    await world.ask(title="by role", assignee="role:ops")
    await world.ask(title="by group", assignee="group:oncall")
    await world.ask(title="by name", assignee="ops@acme.test")
    await world.ask(title="not me", assignee="mgr@acme.test")

    page = await (await world.signed_in("ops@acme.test")).open("/inbox")

    assert titles(page) == ["by role", "by group", "by name"]
    assert "For you 3" in page.text


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

    assert titles(page) == ["late", "claimed", "revising"]
    assert "Waiting for the agent's revision" in page.text
    assert "Claimed by eve@acme.test" in page.text
    assert "Deadline passed" in page.text


@pytest.mark.parametrize("order", ["due", "newest", "risk"])
@pytest.mark.parametrize("count", [PAGE, PAGE + 1, 2 * PAGE + 3])
async def test_every_task_is_on_exactly_one_page(world: World, count: int, order: str) -> None:
    for number in range(count):
        await world.ask(title=f"task {number}", risk=("low", "high")[number % 2])
    browser = await world.signed_in("mgr@acme.test")

    found: list[str] = []
    page = await browser.open(f"/inbox?sort={order}")
    while True:
        found += titles(page)
        older = page.root.all("a", rel="next")
        if not older:
            break
        page = await browser.open(older[0].attrs["href"])

    numbers = {
        "due": range(count),
        "newest": reversed(range(count)),
        "risk": [*range(1, count, 2), *range(0, count, 2)],
    }
    assert found == [f"task {number}" for number in numbers[order]]
    if count > PAGE:
        assert "First page" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "after=",
        "after=x",
        "after='",
        "after=high.1.task_",
        "after=%00",
        "after=high.99999999999999999999." + "task_" + "0" * 32,
        "after=high.999999999999999999." + "task_" + "0" * 32,
        "after=" + "9" * 5000,
        "view=nothing&sort=x&risk=%00&type=y&due=z",
        "q=%00",
        "q=" + "here+" * 50,
    ],
)
async def test_what_makes_no_sense_in_an_address_is_left_out(world: World, query: str) -> None:
    await world.ask(title="here")

    page = await (await world.signed_in("mgr@acme.test")).open(f"/inbox?{query}")

    assert titles(page) == ["here"]


async def test_the_list_is_narrowed_and_says_so_where_nothing_fits(world: World) -> None:
    await world.ask(title="Refund Özgür", risk="low", deadline="2h")
    await world.ask("form", title="Wire money", risk="high", deadline="3d")
    browser = await world.signed_in("mgr@acme.test")

    async def listed(query: str) -> list[str]:
        return titles(await browser.open(f"/inbox?{query}"))

    assert await listed("q=özgür") == ["Refund Özgür"]
    assert await listed("q=REFUND") == ["Refund Özgür", "Wire money"]  # the agent is "refunds"
    assert await listed("risk=high") == ["Wire money"]
    assert await listed("type=form") == ["Wire money"]
    assert await listed("due=soon") == ["Refund Özgür"]
    assert await listed("sort=risk") == ["Wire money", "Refund Özgür"]
    assert await listed("q=nowhere&risk=high") == ["Nothing like that"]
    page = await browser.open("/inbox?q=nowhere&risk=high")
    assert page.control("Search").attrs["value"] == "nowhere"
    assert page.root.one("a", when=lambda each: each.text == "Show all").attrs["href"] == "/inbox"


async def test_what_one_has_claimed_is_a_list_of_its_own(world: World) -> None:
    await world.ask(title="free", assignee="role:manager")
    task_id = await world.ask(title="taken", assignee="role:manager")
    browser = await world.signed_in("mgr@acme.test")
    await browser.press(await browser.open(f"/inbox/tasks/{task_id}"), "Claim it")

    page = await browser.open("/inbox?view=claimed")

    assert titles(page) == ["taken"]
    assert "For you 2 Claimed by you 1" in page.text


async def test_a_list_is_kept_under_a_name_and_forgotten_again(world: World) -> None:
    await world.ask(title="calm", risk="low")
    await world.ask(title="grave", risk="high")
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open("/inbox?risk=high&sort=due&nonsense=1")
    page = await browser.press(page.fill("Name", " Grave  ones "), "Keep it")

    assert page.url.endswith("/inbox?risk=high")
    assert titles(page) == ["grave"]
    page = await browser.open("/inbox")
    link = page.root.one("a", when=lambda each: each.text == "Grave ones")
    assert link.attrs["href"] == "/inbox?risk=high"
    page = await browser.press(await browser.open(link.attrs["href"]), "Forget Grave ones")
    assert "Grave ones" not in page.text


async def test_a_name_that_is_none_is_refused_on_the_page(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.press(await browser.open("/inbox?risk=high"), "Keep it")

    assert page.status == 422
    assert page.alerts == ["a name has 1 to 60 characters"]


async def test_the_root_leads_to_the_inbox(world: World) -> None:
    page = await (await world.signed_in("mgr@acme.test")).open("/")

    assert page.heading == "Inbox"
