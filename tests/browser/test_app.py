"""The inbox as an app: installable, and honest where there is no connection."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.window import PHONE

ACTIVE = "navigator.serviceWorker.getRegistration().then((each) => Boolean(each?.active))"


async def test_without_a_connection_it_says_so_and_shows_no_task(site: Site, window: Open) -> None:
    await site.ask("approval", "Refund?")

    async with window(PHONE) as theirs:
        await theirs.sign_in()
        page = theirs.page
        await expect(page.get_by_role("link", name="Refund?")).to_be_visible()
        await page.wait_for_function(ACTIVE)
        await page.reload()
        await page.wait_for_function("navigator.serviceWorker.controller !== null")
        await theirs.context.set_offline(True)
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no connection")
        await expect(page.get_by_text("Refund?")).to_have_count(0)
        await theirs.context.set_offline(False)
        await page.reload()
        await expect(page.get_by_role("link", name="Refund?")).to_be_visible()
        theirs.faults.clear()  # what could not be loaded meanwhile is what the test is about


async def test_the_browser_finds_nothing_wrong_with_the_manifest(site: Site, window: Open) -> None:
    async with window(PHONE) as theirs:
        await theirs.sign_in()
        await theirs.page.wait_for_url("**/inbox")
        session = await theirs.context.new_cdp_session(theirs.page)
        found = await session.send("Page.getAppManifest")

    assert found["errors"] == []
    assert found["url"] == f"{site.url}/manifest.webmanifest"
