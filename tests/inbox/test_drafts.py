"""An answer that was begun is there when its person returns, and decides nothing."""

from __future__ import annotations

from signoff.server.inbox.drafts import MOST_BYTES
from tests.inbox.world import World

SCHEMA = {"type": "object", "properties": {"who": {"title": "Who", "type": "string"}}}


async def test_a_draft_is_there_when_its_person_returns(world: World) -> None:
    task_id = await world.ask("form", schema=SCHEMA)
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.fill("Who", "Ada").fill("Comment", "Half a\nthought")

    page = await browser.press(page, "Keep as a draft")

    assert page.shown_in("Who") == "Ada"
    assert page.shown_in("Comment") == "Half a\nthought"
    assert "Your draft, kept just now" in page.text
    assert (await world.task(task_id)).decision is None
    page = await browser.press(page, "Submit")
    assert (await world.task(task_id)).decision.data == {"who": "Ada"}  # type: ignore[union-attr]
    row = world.people["mgr@acme.test"]
    store = world.services.store
    assert await store.draft(row.workspace, task_id, row.person.id) is None


async def test_a_draft_is_of_one_person_alone_and_can_be_thrown_away(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask("form", schema=SCHEMA, assignee="role:manager")
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page = await browser.press(page.fill("Who", "Ada"), "Keep as a draft")

    other = await (await world.signed_in("eve@acme.test")).open(f"/inbox/tasks/{task_id}")

    assert other.shown_in("Who") == ""
    assert "draft, kept" not in other.text
    page = await browser.press(page, "Throw the draft away")
    assert page.shown_in("Who") == ""
    assert "draft, kept" not in page.text


async def test_a_draft_of_what_has_changed_since_says_so(world: World) -> None:
    task_id = await world.ask("review", content="One", revisions=2, assignee="role:manager")
    await world.person("eve@acme.test", roles=("manager",))
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    await browser.press(page.fill("Comment", "I think"), "Keep as a draft")
    await world.answered(task_id, "eve@acme.test", "changes_requested", "More of it")
    await world.revise(task_id, "Two")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert page.shown_in("Comment") == "I think"
    assert "The task has changed since" in page.text


async def test_what_is_too_much_is_not_kept(world: World) -> None:
    task_id = await world.ask("form", schema=SCHEMA)
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page.fill("Who", "a" * MOST_BYTES), "Keep as a draft")

    assert page.status == 413


async def test_a_forged_draft_is_refused(world: World) -> None:
    task_id = await world.ask("form", schema=SCHEMA)
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    url, pairs = page.sent_by("Keep as a draft")

    page = await browser.post(url, [pair for pair in pairs if pair[0] != "csrf"])

    assert page.status == 403
