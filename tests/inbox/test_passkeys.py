"""Passkeys on the inbox's pages: registering them, and signing answers with them.

What the script does is done here by hand, with the device of ``tests.passkeys``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from signoff.engine.ports import PasskeyRow
from tests.inbox.browser import FORM, Browser, Page
from tests.inbox.dom import Node
from tests.inbox.world import HERE, World
from tests.passkeys import Authenticator

ORIGIN = "https://inbox.test"
MGR = "mgr@acme.test"
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
