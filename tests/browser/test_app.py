"""The inbox as an app: installable, and honest where there is no connection."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.window import PHONE
from tests.channels.push_service import push_service

PLAYED = """
(() => {
    const said = %s;
    const made = { endpoint: said.endpoint, toJSON: () => said, unsubscribe: async () => true };
    PushManager.prototype.getSubscription = async () => (sessionStorage.asked ? made : null);
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        const text = btoa(String.fromCharCode(...applicationServerKey));
        sessionStorage.asked = text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        return made;
    };
})();
"""
RUNG = """
async () => {
    const worker = await navigator.serviceWorker.ready;
    let rung = [];
    for (let tries = 0; rung.length === 0 && tries < 400; tries += 1) {
        rung = await worker.getNotifications();
        await new Promise((go) => setTimeout(go, 50));
    }
    return rung.map(({ title, body, tag, data }) => ({ title, body, tag, to: data.navigate }));
}
"""
ACTIVE = "navigator.serviceWorker.getRegistration().then((each) => Boolean(each?.active))"


async def until(page: Page, holds: str) -> None:
    """Wait for a condition. Asked from outside: our pages allow no script that is made of text."""
    async with asyncio.timeout(20):
        while not await page.evaluate(holds):
            await asyncio.sleep(0.05)


async def test_without_a_connection_it_says_so_and_shows_no_task(site: Site, window: Open) -> None:
    await site.ask("approval", "Refund?")

    async with window(PHONE) as theirs:
        await theirs.sign_in()
        page = theirs.page
        await expect(page.get_by_role("link", name="Refund?")).to_be_visible()
        await until(page, ACTIVE)
        await page.reload()
        await until(page, "navigator.serviceWorker.controller !== null")
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


async def test_a_browser_asked_to_ring_shows_what_asks_its_person(site: Site, window: Open) -> None:
    """The browser's push service alone is played: what it took, and decrypted, is handed on."""
    async with push_service() as service, window(PHONE) as theirs:
        key = await site.services.push.public_key()
        await theirs.context.grant_permissions(["notifications"], origin=site.url)
        await theirs.context.add_init_script(PLAYED % json.dumps(service.subscribe("phone", key)))
        worker = await theirs.context.new_cdp_session(theirs.page)
        registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        worker.on("ServiceWorker.workerRegistrationUpdated", partial(_note, registered, site.url))
        await worker.send("ServiceWorker.enable")
        await theirs.sign_in(to="/inbox/push")
        await theirs.press(theirs.page.get_by_role("button", name="Let this browser ring"))
        await expect(theirs.page.get_by_text("this one")).to_be_visible()
        assert await theirs.page.evaluate("sessionStorage.asked") == key

        task_id = await site.ask("approval", "Refund?", risk="high")
        async with asyncio.timeout(20):
            while not (shown := service.devices["phone"].shown):
                await asyncio.sleep(0.05)
            registration = await registered
        handed = {"origin": site.url, "registrationId": registration, "data": json.dumps(shown[0])}
        await worker.send("ServiceWorker.deliverPushMessage", handed)
        rung = await theirs.page.evaluate(RUNG)

    assert rung == [
        {
            "title": "[High risk] Approval: Refund?",
            "body": "You are asked to decide. refunds asks.",
            "tag": task_id,
            "to": f"{site.url}/inbox/tasks/{task_id}",
        }
    ]


def _note(registered: asyncio.Future[str], url: str, found: dict[str, Any]) -> None:
    """Take our worker's registration; a browser tells of those of other windows too."""
    for each in found["registrations"]:
        if each["scopeURL"].startswith(url) and not registered.done():
            registered.set_result(each["registrationId"])
