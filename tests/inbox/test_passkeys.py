"""Passkeys on the inbox's pages: registering them, and signing answers with them.

What the script does is done here by hand, with the device of ``tests.passkeys``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from signoff.core.credential import Strength
from signoff.core.events import TaskAnswered
from signoff.engine.ports import PasskeyRow
from tests.inbox.browser import FORM, Browser, Page
from tests.inbox.dom import Node
from tests.inbox.world import HERE, World
from tests.passkeys import Authenticator

ORIGIN = "https://inbox.test"
MGR = "mgr@acme.test"
REFUND = {"name": "refund", "arguments": {"amount": 240, "customer": "cus_123"}}
Json = dict[str, Any]


@pytest.fixture
def world(secure_world: World) -> World:
    """People reach it over HTTPS, where browsers allow passkeys."""
    return secure_world


@dataclass
class Signer:
    """A person in a browser that runs the script, with a device of theirs."""

    world: World
    browser: Browser
    device: Authenticator
    email: str = MGR

    async def passkeys(self) -> list[PasskeyRow]:
        person = self.world.people[self.email].person
        return list(await self.world.services.store.passkeys(HERE, person.id))

    async def ask(self, path: str, pairs: list[tuple[str, str]]) -> httpx2.Response:
        """What the script fetches: the form as it stands, sent elsewhere."""
        sent = {"content-type": FORM, "origin": ORIGIN, "sec-fetch-site": "same-origin"}
        return await self.browser.client.post(
            path, content=str(httpx2.QueryParams(pairs)), headers=sent
        )

    async def add(self, label: str = "", **said: Any) -> Page:
        page = await self.browser.open("/inbox/passkeys")
        url, pairs = page.fill("Name", label).sent_by("Add a passkey")
        answer = await self.ask(the_form(page, "data-add").attrs["data-add"], pairs)
        assert answer.status_code == 200, answer.text
        made = self.device.create(answer.json()["options"], **said)
        return await self.browser.post(url, filled(pairs, credential=json.dumps(made)))

    async def open(self, task_id: str) -> Page:
        return await self.browser.open(f"/inbox/tasks/{task_id}")

    async def challenge(self, page: Page, outcome: str) -> httpx2.Response:
        """What the script asks for when a signing button is pressed."""
        form = the_form(page, "data-sign")
        return await self.ask(form.attrs["data-sign"], pressed(page, outcome))

    async def sign(self, page: Page, outcome: str, **said: Any) -> Page:
        """Press a signing button and follow the device; ``said`` is what it says that is not so."""
        answer = await self.challenge(page, outcome)
        assert answer.status_code == 200, answer.text
        return await self.send(page, outcome, self.device.get(answer.json()["options"], **said))

    async def send(self, page: Page, outcome: str, signature: Json | None) -> Page:
        added = {"signing": "yes"}
        if signature is not None:
            added["signature"] = json.dumps(signature)
        url = page.root.by_id("decide").attrs["action"]
        return await self.browser.post(url, filled(pressed(page, outcome), **added))

    async def answers(self, task_id: str) -> list[TaskAnswered]:
        """What is on record of answers to this task."""
        task = await self.world.task(task_id)
        events = await self.world.services.store.events(HERE, task.intent_id, after=0, limit=100)
        return [each.body for each in events if isinstance(each.body, TaskAnswered)]


def pressed(page: Page, outcome: str) -> list[tuple[str, str]]:
    """What the form of the task holds, as the script sends it."""
    button = page.root.one("button", lambda node: node.attrs.get("data-outcome") == outcome)
    return [*page.sent_with(button), ("outcome", outcome)]


def the_form(page: Page, attribute: str) -> Node:
    return page.root.one("form", lambda node: attribute in node.attrs)


def filled(pairs: list[tuple[str, str]], **values: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if name not in values] + list(values.items())


async def signer_of(world: World, email: str = MGR) -> Signer:
    browser = await world.signed_in(email)
    return Signer(world=world, browser=browser, device=Authenticator(ORIGIN), email=email)


@pytest.fixture
async def signer(world: World) -> Signer:
    return await signer_of(world)


async def test_a_passkey_is_added_listed_and_removed(signer: Signer) -> None:
    page = await signer.browser.open("/inbox")
    assert page.root.one("a", href="/inbox/passkeys").text == "My passkeys"
    page = await signer.browser.open("/inbox/passkeys")
    assert "You have no passkey yet." in page.text

    page = await signer.add("My <b>phone</b>")

    (kept,) = await signer.passkeys()
    assert kept.label == "My <b>phone</b>"
    assert page.status == 200
    assert "My <b>phone</b> Added just now" in page.text

    page = await signer.browser.press(page, "Remove My <b>phone</b>")
    assert await signer.passkeys() == []
    assert "You have no passkey yet." in page.text


async def test_the_page_says_what_needs_a_script_and_offers_nothing_dead(signer: Signer) -> None:
    page = await signer.browser.open("/inbox/passkeys")

    assert "needs JavaScript" in page.root.one("noscript").text
    assert "hidden" in the_form(page, "data-add").attrs
    policy = page.response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    (script,) = page.root.all("script")
    assert not script.raw.strip()
    got = await signer.browser.client.get(script.attrs["src"])
    assert got.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("said", [{"origin": "https://evil.test"}, {"challenge": "AAAA"}])
async def test_a_passkey_made_elsewhere_is_not_kept(signer: Signer, said: Json) -> None:
    page = await signer.add("Phone", **said)

    assert page.status == 422
    assert "Nothing was saved" in page.text
    assert page.shown_in("Name") == "Phone"
    assert await signer.passkeys() == []


async def test_a_challenge_ends_with_its_session(signer: Signer) -> None:
    page = await signer.browser.open("/inbox/passkeys")
    _, pairs = page.sent_by("Add a passkey")
    answer = await signer.ask("/inbox/passkeys/challenge", pairs)
    made = signer.device.create(answer.json()["options"])
    again = await signer_of(signer.world)
    page = await again.browser.open("/inbox/passkeys")
    url, pairs = page.sent_by("Add a passkey")

    page = await again.browser.post(url, filled(pairs, credential=json.dumps(made)))

    assert page.status == 422
    assert await signer.passkeys() == []


async def test_where_browsers_allow_none_the_page_says_so(tmp_path: Any) -> None:
    from tests.inbox.world import opened

    async with opened(tmp_path, origin="http://10.0.0.7:8600") as plain:
        await plain.person(MGR)
        browser = await plain.signed_in(MGR)
        page = await browser.open("/inbox/passkeys")

        assert "Browsers allow no passkeys at http://10.0.0.7:8600" in page.text
        assert not page.root.all("form", lambda node: "data-add" in node.attrs)


# Signing


@pytest.fixture
async def ready(signer: Signer) -> Signer:
    """Somebody who has a passkey."""
    await signer.add("Phone")
    return signer


async def test_an_answer_is_signed_with_a_passkey(ready: Signer) -> None:
    task_id = await ready.world.ask(action=REFUND)
    page = await ready.open(task_id)
    assert "Approve: Sign with passkey" in [node.text for node in page.root.all("button")]

    page = await ready.sign(page.fill("Comment", "Checked\nwith them"), "approved")

    assert page.status == 200, page.text
    (answered,) = await ready.answers(task_id)
    credential, (passkey,) = answered.credential, await ready.passkeys()
    assert credential.strength is Strength.SIGNED
    assert (credential.method, credential.id) == ("passkey", passkey.credential_id)
    assert credential.authenticated_at == ready.world.clock.now()
    assert credential.signature is not None
    assert credential.signature.credential_id == passkey.credential_id
    assert json.loads(credential.signature.statement) == {
        "type": "signoff.answer/v1",
        "workspace": HERE,
        "task": task_id,
        "outcome": "approved",
        "answer": answered.answer_digest,
        "view": answered.view_digest,
    }
    assert passkey.sign_count == 1
    assert "signed with a passkey" in page.text
