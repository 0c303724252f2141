"""Forms in a browser: what does not apply is folded away, and shown where it applies."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.judging import findings
from tests.browser.site import Site
from tests.browser.window import DESKTOP, PHONE, Device
from tests.inbox.test_shapes import PAYMENT, REFUSAL


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda each: each.name)
async def test_what_does_not_apply_is_folded_away(site: Site, window: Open, device: Device) -> None:
    task_id = await site.ask("form", "How is it paid?", schema=PAYMENT)

    async with window(device) as theirs:
        await theirs.sign_in(to=f"/inbox/tasks/{task_id}")
        page = theirs.page
        await expect(page.get_by_label("IBAN")).to_be_hidden()
        await page.get_by_label("By wire").check()
        await expect(page.get_by_label("IBAN")).to_be_visible()
        await expect(page.get_by_label("Last four digits")).to_be_hidden()
        assert not await findings(page)
        await page.get_by_label("Amount").fill("1.240,50")
        await page.get_by_label("IBAN").fill("DE89370400440532013000")
        await theirs.press(page.get_by_role("button", name="Submit", exact=True))
        await expect(page.locator(".ending")).to_contain_text("Submitted")

    decision = await site.decision(task_id)
    assert decision is not None
    assert decision["data"] == {
        "amount": "1240.50",
        "method": {"kind": "wire", "iban": "DE89370400440532013000"},
    }


async def test_a_condition_is_followed_as_it_changes(site: Site, window: Open) -> None:
    task_id = await site.ask("form", "Refund?", schema=REFUSAL)

    async with window(DESKTOP) as theirs:
        await theirs.sign_in(to=f"/inbox/tasks/{task_id}")
        page = theirs.page
        for choice, shown in (("some", "How much"), ("none", "Why none"), ("all", None)):
            await page.get_by_label(choice, exact=True).check()
            for label in ("How much", "Why none"):
                field = page.get_by_label(label)
                await (
                    expect(field).to_be_visible()
                    if label == shown
                    else expect(field).to_be_hidden()
                )
