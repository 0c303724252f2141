"""A mail scanner that asks for every address in a mail, runs scripts and sends every form.

It comes from three addresses. At medium and high risk it decides nothing, and the person decides
normally afterwards, by the very same mail. Of high risk no mail holds a link that answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

import httpx2
import pytest
from playwright.async_api import Browser, Error, Page, expect

from signoff.channels.email.sender import EmailSender
from signoff.engine.addressing import Addressing
from signoff.engine.outbox import Notices
from signoff.engine.sending import Sending
from signoff.smtp import Mailer, mail_server
from tests.browser import walk
from tests.browser.conftest import Open
from tests.browser.scenarios import SCENARIOS, Scenario
from tests.browser.site import Site
from tests.browser.window import PHONE
from tests.channels.mail_sink import MailSink, mail_sink
from tests.channels.test_mail import code_in, text_of

ADDRESSES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
GUESSES = {
    "text": "123456",
    "search": "a",
    "email": "a@b.test",
    "url": "https://a.test",
    "date": "2026-11-25",
}
MOST_BUTTONS = 20


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailSink]:
    with mail_sink(tmp_path_factory.mktemp("mails")) as made:
        yield made


CASES = [*((each, "medium") for each in SCENARIOS), (SCENARIOS[0], "high")]


@pytest.mark.parametrize(("scenario", "risk"), CASES, ids=lambda each: getattr(each, "kind", each))
async def test_a_scanner_decides_nothing_and_the_person_does_afterwards(
    site: Site, window: Open, browser: Browser, sink: MailSink, scenario: Scenario, risk: str
) -> None:
    fields = {**scenario.fields, "risk": risk}
    task_id = await site.ask(scenario.kind, scenario.title, payload=scenario.payload, **fields)
    mail = await mailed(site, sink)
    links = addresses_in(mail, site)
    assert any("/l/" in each for each in links) == (risk != "high")

    for url in links:
        for address in ADDRESSES:
            await fetched(url, address)
        await scanned(browser, url)

    task = await site.read(task_id)
    assert task["state"] == "open"
    assert task["decision"] is None

    async with window(PHONE) as theirs:
        if risk == "high":
            await theirs.sign_in(to=f"/inbox/tasks/{task_id}")
            await expect(theirs.page.get_by_role("heading", level=1)).to_have_text(scenario.title)
        else:
            (link,) = (each for each in links if "/l/" in each)
            await theirs.open(link)
            await theirs.page.get_by_label("Code from the mail").fill(code_in(mail))
        await walk.get_it_wrong(theirs, scenario)
        if risk != "high":
            await theirs.page.get_by_label("Code from the mail").fill(code_in(mail))
        await walk.get_it_right(theirs, scenario)
    decision = await site.decision(task_id)
    assert decision is not None
    assert decision["outcome"] == scenario.outcome


async def test_the_scanner_of_these_tests_does_decide_where_it_may(
    site: Site, browser: Browser, sink: MailSink
) -> None:
    """Otherwise what it does not decide would say nothing."""
    task_id = await site.ask("approval", "Refund?", risk="low")
    links = addresses_in(await mailed(site, sink), site)

    for url in links:
        await scanned(browser, url)

    assert await site.decision(task_id) is not None


async def mailed(site: Site, sink: MailSink) -> EmailMessage:
    """Send what is due by mail, and return the mail."""
    sink.empty()
    store, address = site.services.store, site.services.settings.address
    sender = EmailSender(store, Mailer(mail_server(sink.url)), address)
    addressing = Addressing(store, [sender])
    await Notices(store, addressing, poll_seconds=60, lease_seconds=60).flush()
    await Sending(store, sender, addressing, poll_seconds=60, lease_seconds=60).flush()
    (mail,) = sink.mails
    return mail


def addresses_in(mail: EmailMessage, site: Site) -> Sequence[str]:
    """Every address of ours in either half of a mail, each once."""
    both = text_of(mail) + text_of(mail, "html")
    return list(dict.fromkeys(re.findall(rf"{re.escape(site.url)}[\w/?=&%.-]*", both)))


async def fetched(url: str, address: str) -> None:
    """Ask for it as a program does, from one address, with its redirects."""
    transport = httpx2.AsyncHTTPTransport(local_address=address)
    async with httpx2.AsyncClient(transport=transport, follow_redirects=True) as client:
        for method in ("HEAD", "GET", "GET"):
            await client.request(method, url.replace("localhost", "127.0.0.1"))


async def scanned(browser: Browser, url: str) -> None:
    """Open it with scripts on, fill in everything, press every button, each in a new browser."""
    pressed = 0
    while True:
        context = await browser.new_context()
        try:
            page = await context.new_page()
            await page.goto(url)
            await filled(page)
            buttons = page.locator("button:visible, [type=submit]:visible")
            if pressed >= min(await buttons.count(), MOST_BUTTONS):
                return
            await sent_all(page)
            button = buttons.nth(pressed)
            if await button.count():
                await button.click(force=True, timeout=2000)
                await page.wait_for_load_state()
        except Error:
            pass  # a page it cannot go on with
        finally:
            await context.close()
        pressed += 1


async def filled(page: Page) -> None:
    for field in await page.locator("input:visible, textarea:visible").all():
        kind = await field.get_attribute("type") or "text"
        if kind in ("checkbox", "radio"):
            await field.check(force=True)
        elif kind in GUESSES:
            await field.fill(GUESSES[kind])
    for choice in await page.locator("select:visible").all():
        await choice.select_option(index=1)


async def sent_all(page: Page) -> None:
    """Send every form by script, the way a person's browser never would: beside each other."""
    await page.evaluate(
        """async () => {
          for (const form of document.forms) {
            if (form.method !== "post") continue;
            const outcomes = [...form.querySelectorAll("[name=outcome]")].map((each) => each.value);
            for (const outcome of outcomes.length ? outcomes : [""]) {
              const body = new URLSearchParams(new FormData(form));
              if (outcome) body.set("outcome", outcome);
              await fetch(form.action, { method: "POST", body }).catch(() => null);
            }
          }
        }"""
    )
