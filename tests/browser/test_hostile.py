"""Hostile text in a real browser: shown escaped and counted, run by nothing, in nobody's way."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.judging import sideways
from tests.browser.site import Site
from tests.browser.window import DEVICES, Device

HOSTILE = (
    "<img src=x onerror=\"fetch('https://evil.test')\"><script>alert(1)</script> "
    "pay \u202e042 RUE\u202c pаypal\u200b \x1b[31m **bold** [x](https://evil.test) "
    "<!channel> =cmd()"
)
BLANK = "\n" * 5000 + "the end"
ESCAPES = ("⟨U+202E⟩", "⟨U+0430⟩", "⟨U+200B⟩", "⟨U+001B⟩")


@pytest.mark.parametrize("device", DEVICES, ids=lambda each: each.name)
async def test_hostile_text_is_shown_for_what_it_is(
    site: Site, window: Open, device: Device
) -> None:
    action = {"name": HOSTILE, "arguments": {HOSTILE: HOSTILE + BLANK, "long": "x" * 3000}}
    task_id = await site.ask(
        "approval",
        HOSTILE,
        risk="low",
        action=action,
        description=HOSTILE + BLANK,
        run=HOSTILE,
        payload={HOSTILE: HOSTILE},
    )

    async with window(device) as theirs:
        await theirs.sign_in()
        page = theirs.page
        await expect(page.locator("#queue .task")).to_have_count(1)
        for escaped in ESCAPES:
            await expect(page.locator("#queue")).to_contain_text(escaped)
        assert not await sideways(page)
        await theirs.open(f"/inbox/tasks/{task_id}")
        for escaped in (*ESCAPES, "⟨U+000A⟩×4999", "the end", "<!channel>", "=cmd()"):
            await expect(page.locator("#main")).to_contain_text(escaped)
        await expect(page.locator("#main")).to_contain_text("hidden characters in this request")
        assert await page.locator("#main img, #main a[href*=evil], #main b[onerror]").count() == 0
        assert not await sideways(page)
        height = await page.evaluate("document.documentElement.scrollHeight")
        assert height < 30 * device.height


async def test_what_hides_something_is_not_decided_together(site: Site, window: Open) -> None:
    for title in (HOSTILE, "Refund one", "Refund two"):
        await site.ask("approval", title, risk="low", description="a" + BLANK[:3000])

    async with window(DEVICES[1]) as theirs:
        await theirs.sign_in()
        boxes = theirs.page.locator("#queue input[name=task]")
        await expect(boxes).to_have_count(3)
        ids = [await box.get_attribute("value") for box in await boxes.all()]
        await theirs.open("/inbox/together?" + "&".join(f"task={each}" for each in ids))
        await expect(theirs.page.locator("#main")).to_contain_text("Nothing to decide together")
