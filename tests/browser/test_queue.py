"""The inbox in a browser: by keyboard, kept current, narrowed as one types, decided together."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from signoff.core.commands import ClaimTask
from signoff.core.routing import Person
from tests.browser.conftest import Open
from tests.browser.site import MIRA, Site
from tests.browser.window import DESKTOP, PHONE, Device, Window

REFUND = {"name": "refund", "arguments": {"amount": "12.00 EUR", "to": "Ana"}}


async def three(site: Site) -> list[str]:
    """Three tasks of low risk, the first due soonest."""
    return [
        await site.ask("approval", f"Refund {each}", risk="low", action=REFUND, deadline=due)
        for each, due in (("one", "1h"), ("two", "2h"), ("three", "3h"))
    ]


async def signed_in(window: Window) -> None:
    await window.sign_in()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Inbox")


async def test_several_are_chosen_and_approved_by_keyboard_alone(site: Site, window: Open) -> None:
    first, second, third = await three(site)

    async with window(DESKTOP) as theirs:
        await signed_in(theirs)
        keys, page = theirs.page.keyboard, theirs.page
        for key in "jxjx":
            await keys.press(key)
        await expect(page.get_by_role("link", name="Refund two")).to_be_focused()
        await keys.press("a")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Decide 2 tasks together")
        await keys.press("a")
        await expect(page.get_by_role("button", name="Approve · 2 tasks")).to_be_focused()
        assert await site.decision(first) is None
        await keys.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Approved: 2 tasks")
        await keys.press("u")
        await expect(page.locator("#queue .task")).to_have_count(1)

    assert [await site.decision(each) is not None for each in (first, second, third)] == [
        True,
        True,
        False,
    ]


async def test_a_key_leads_to_a_button_and_never_presses_it(site: Site, window: Open) -> None:
    task_id = await site.ask("approval", "Wire 4 000 EUR?", risk="high", action=REFUND)

    async with window(DESKTOP) as theirs:
        await signed_in(theirs)
        for key in ("j", "a"):
            await theirs.page.keyboard.press(key)
        await expect(theirs.page.get_by_role("heading", level=1)).to_have_text("Wire 4 000 EUR?")
        await theirs.page.keyboard.press("r")
        await expect(theirs.page.get_by_role("button", name="Reject", exact=True)).to_be_focused()
        await theirs.page.keyboard.press("a")
        await expect(theirs.page.get_by_role("button", name="Approve", exact=True)).to_be_focused()

    assert await site.decision(task_id) is None


async def test_keys_are_explained_can_be_turned_off_and_do_not_disturb_typing(
    site: Site, window: Open
) -> None:
    await three(site)

    async with window(DESKTOP) as theirs:
        await signed_in(theirs)
        page, keys = theirs.page, theirs.page.keyboard
        await keys.press("/")
        await keys.type("jakx?")
        await expect(page.get_by_label("Search")).to_have_value("jakx?")
        await page.get_by_label("Search").fill("")
        await page.get_by_role("heading", level=1).click()
        await keys.press("?")
        await expect(page.get_by_role("dialog", name="By keyboard")).to_be_visible()
        await page.get_by_label("Keys are on").uncheck()
        await page.get_by_role("button", name="Close").click()
        await page.reload()
        await keys.press("j")
        await expect(page.locator(".task :focus")).to_have_count(0)
        await keys.press("?")
        await expect(page.get_by_label("Keys are on")).not_to_be_checked()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda each: each.name)
async def test_the_list_follows_what_happens_and_keeps_what_was_chosen(
    site: Site, window: Open, device: Device
) -> None:
    first, second, _ = await three(site)

    async with window(device) as theirs:
        await signed_in(theirs)
        page = theirs.page
        await page.get_by_label("Choose Refund two").check()
        await site.ask("approval", "Refund four", risk="low", action=REFUND, deadline="4h")
        await expect(page.get_by_role("link", name="Refund four")).to_be_visible()
        await expect(page.get_by_label("Choose Refund two")).to_be_checked()
        mira: Person = site.people[MIRA].person
        await site.do(ClaimTask(actor=mira.actor, task_id=first))  # type: ignore[arg-type]
        await expect(page.locator(f"[id='{first}']")).to_contain_text("Claimed by you")
        await expect(page.get_by_role("link", name="Claimed by you")).to_contain_text("1")

    assert await site.decision(second) is None


async def test_a_task_that_stands_open_says_that_something_happened(
    site: Site, window: Open
) -> None:
    task_id = await site.ask("approval", "Refund?", assignee="role:manager", action=REFUND)
    row = await site.person("eve@acme.test", name="Eve", roles=("manager",))

    async with window(DESKTOP) as theirs:
        await theirs.sign_in(to=f"/inbox/tasks/{task_id}")
        await theirs.page.get_by_label("Comment").first.fill("Half a thought")
        changed = theirs.page.get_by_text("Something has happened here")
        await expect(changed).to_be_hidden()
        await site.do(ClaimTask(actor=row.person.actor, task_id=task_id))
        await expect(changed).to_be_visible()
        await expect(theirs.page.get_by_label("Comment").first).to_have_value("Half a thought")


async def test_the_list_is_narrowed_as_one_types_and_the_address_says_so(
    site: Site, window: Open
) -> None:
    await three(site)

    async with window(DESKTOP) as theirs:
        await signed_in(theirs)
        page = theirs.page
        await page.get_by_label("Search").press_sequentially("TWO")
        await expect(page.locator("#queue .task")).to_have_count(1)
        await expect(page.get_by_label("Search")).to_be_focused()
        await page.get_by_label("Risk", exact=True).select_option("High risk")
        await expect(page.get_by_role("heading", name="Nothing like that")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Search")).to_have_value("TWO")
        await page.get_by_role("link", name="Show all").click()
        await expect(page.locator("#queue .task")).to_have_count(3)


async def test_who_else_looks_at_a_task_is_seen_while_they_do(site: Site, window: Open) -> None:
    task_id = await site.ask("approval", "Refund?", assignee="role:manager", action=REFUND)
    await site.person("eve@acme.test", name="Eve Adler", roles=("manager",))

    async with window(DESKTOP) as theirs:
        await theirs.sign_in(to=f"/inbox/tasks/{task_id}")
        present = theirs.page.locator("#present")
        await expect(present).to_have_text("")
        async with window(PHONE) as other:
            await other.sign_in("eve@acme.test", to=f"/inbox/tasks/{task_id}")
            await expect(other.page.locator("#present")).to_contain_text("Mira Okafor")
            await expect(present).to_contain_text("Looking at this just now: Eve Adler")
        await expect(present).to_have_text("")


async def test_what_is_typed_is_kept_and_there_in_another_window(site: Site, window: Open) -> None:
    task_id = await site.ask("approval", "Refund?", action=REFUND)

    async with window(DESKTOP) as theirs:
        await theirs.sign_in(to=f"/inbox/tasks/{task_id}")
        await theirs.page.get_by_label("Comment").first.press_sequentially("Half a thought")
        await expect(theirs.page.get_by_text("Draft kept.")).to_be_visible()
    async with window(PHONE) as again:
        await again.sign_in(to=f"/inbox/tasks/{task_id}")
        await expect(again.page.get_by_label("Comment").first).to_have_value("Half a thought")

    assert await site.decision(task_id) is None
