"""Passkeys on the inbox's pages: registering them, and signing answers with them.

What the script does is done here by hand, with the device of ``tests.passkeys``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from signoff.core.credential import Strength
from signoff.core.events import TaskAnswered
from signoff.engine.ports import PasskeyRow
from tests.inbox.browser import FORM, Browser, Page
from tests.inbox.dom import Node
from tests.inbox.world import HERE, World, opened
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
        return await self.browser.client.post(path, content=urlencode(pairs), headers=sent)

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


async def test_where_browsers_allow_none_the_page_says_so(tmp_path: Path) -> None:
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


EVERY_TYPE: list[tuple[str, Json, dict[str, str], str, Any]] = [
    (
        "approval",
        {"action": REFUND, "editable": True},
        {"amount": "200"},
        "approved",
        {
            "arguments": {"amount": 200, "customer": "cus_123"},
            "edited": True,
            "original": {"amount": 240, "customer": "cus_123"},
        },
    ),
    ("review", {"content": "Dear customer"}, {}, "approved", None),
    ("confirmation", {"phrase": "I am sure"}, {"Type the phrase": "I am sure"}, "confirmed", None),
    ("assignment", {}, {"Who takes it?": "role:clerk"}, "assigned", {"assignee": "role:clerk"}),
    ("form", {"initial": {"amount": 240}}, {"amount": "300"}, "submitted", {"amount": 300}),
    (
        "clarification",
        {},
        {"Your answer": "Now\nor never"},
        "answered",
        {"answer": "Now\nor never"},
    ),
    ("manual_action", {"evidence": "required"}, {"Evidence": "REF-7"}, "completed", None),
    ("override", {"reason": "It loops"}, {}, "overridden", {"action": "stop"}),
]


@pytest.mark.parametrize(
    ("kind", "fields", "typed", "outcome", "data"), EVERY_TYPE, ids=[each[0] for each in EVERY_TYPE]
)
async def test_every_type_can_be_signed(
    ready: Signer, kind: str, fields: Json, typed: dict[str, str], outcome: str, data: Any
) -> None:
    task_id = await ready.world.ask(kind, credential="signed", **fields)
    page = await ready.open(task_id)
    for label, text in typed.items():
        page.fill(label, text)
    page.fill("Justification" if kind == "override" else "Comment", "Because")

    page = await ready.sign(page, outcome)

    assert page.status == 200, page.text
    (answered,) = await ready.answers(task_id)
    assert answered.credential.strength is Strength.SIGNED
    assert (answered.outcome, answered.comment) == (outcome, "Because")
    task = await ready.world.task(task_id)
    assert task.decision is not None
    assert task.decision.strength is Strength.SIGNED
    if data is not None:
        assert task.decision.data == data
    assert "signed with a passkey" in page.text


async def held(signer: Signer, task_id: str, page: Page, *, says: str, status: int = 403) -> None:
    """Hold that a page refuses, and that nothing is recorded."""
    assert page.status == status, page.text
    assert says in page.text
    assert await signer.answers(task_id) == []
    assert (await signer.world.task(task_id)).live


@pytest.mark.parametrize(
    "said",
    [{"origin": "https://evil.test"}, {"type": "webauthn.create"}, {"crossOrigin": True}],
)
async def test_a_signature_made_elsewhere_is_refused(ready: Signer, said: Json) -> None:
    task_id = await ready.world.ask(action=REFUND)

    page = await ready.sign(await ready.open(task_id), "approved", **said)

    await held(ready, task_id, page, says="The passkey was not accepted")


async def test_what_is_typed_stays_where_a_signature_is_refused(ready: Signer) -> None:
    task_id = await ready.world.ask()
    ready.device.verifies = False
    page = (await ready.open(task_id)).fill("Comment", "Checked")

    page = await ready.sign(page, "approved")

    await held(ready, task_id, page, says="The passkey was not accepted")
    assert page.shown_in("Comment") == "Checked"


async def test_an_answer_changed_after_it_was_signed_is_refused(ready: Signer) -> None:
    task_id = await ready.world.ask()
    page = (await ready.open(task_id)).fill("Comment", "Checked")
    options = (await ready.challenge(page, "approved")).json()["options"]
    page.fill("Comment", "Not checked")

    page = await ready.send(page, "approved", ready.device.get(options))

    await held(ready, task_id, page, says="it signs another answer")


async def test_a_signature_on_another_task_is_refused(ready: Signer) -> None:
    one, other = await ready.world.ask(), await ready.world.ask()
    options = (await ready.challenge(await ready.open(one), "approved")).json()["options"]

    page = await ready.send(await ready.open(other), "approved", ready.device.get(options))

    await held(ready, other, page, says="it signs another answer")


async def test_a_signature_of_somebody_else_is_refused(ready: Signer) -> None:
    await ready.world.person("cfo@acme.test", roles=("manager",))
    task_id = await ready.world.ask(assignee="role:manager")
    options = (await ready.challenge(await ready.open(task_id), "approved")).json()["options"]
    theirs = await signer_of(ready.world, "cfo@acme.test")
    await theirs.add()

    page = await theirs.send(await theirs.open(task_id), "approved", ready.device.get(options))

    await held(ready, task_id, page, says="it is none of yours")


async def test_a_removed_passkey_signs_nothing_any_more(ready: Signer) -> None:
    task_id = await ready.world.ask()
    page = await ready.open(task_id)
    options = (await ready.challenge(page, "approved")).json()["options"]
    await ready.browser.press(await ready.browser.open("/inbox/passkeys"), "Remove Phone")

    page = await ready.send(page, "approved", ready.device.get(options))

    await held(ready, task_id, page, says="it is none of yours, or was removed")


async def test_a_copy_of_a_passkey_is_found_out_by_its_counter(ready: Signer) -> None:
    first, second = await ready.world.ask(), await ready.world.ask()
    await ready.sign(await ready.open(first), "approved")
    ready.device.passkeys[0].count = 0

    page = await ready.sign(await ready.open(second), "approved")

    await held(ready, second, page, says="The passkey was not accepted")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": 7}', '{"id": "AA", "response": {}}'])
async def test_where_a_signature_is_meant_nothing_counts_without_one(
    ready: Signer, text: str
) -> None:
    task_id = await ready.world.ask()
    page = await ready.open(task_id)
    url = page.root.by_id("decide").attrs["action"]
    added = {"signing": "yes", "signature": text}

    page = await ready.browser.post(url, filled(pressed(page, "approved"), **added))

    assert page.status in (403, 422)
    assert await ready.answers(task_id) == []


async def test_an_answer_that_would_be_refused_is_not_signed(ready: Signer) -> None:
    task_id = await ready.world.ask(evidence="required", action=REFUND, editable=True)
    page = (await ready.open(task_id)).fill("amount", "many")

    assert (await ready.challenge(page, "approved")).status_code == 422
    page = await ready.send(page, "approved", None)

    await held(ready, task_id, page, says="Nothing was sent yet", status=422)
    assert [node.attrs["href"] for node in page.root.one(role="alert").all("a")] == [
        "#f-data_2e_arguments_2e_amount",
        "#f-evidence",
    ]


async def test_what_has_changed_meanwhile_is_not_signed(ready: Signer) -> None:
    task_id = await ready.world.ask("review", content="Draft", revisions=1)
    page = await ready.open(task_id)
    await ready.world.answered(task_id, MGR, "changes_requested", "Shorter")
    await ready.world.revise(task_id, "Dr")

    assert (await ready.challenge(page, "approved")).status_code == 409
    page = await ready.send(page, "approved", None)
    assert page.status == 409
    assert "changed after it was shown" in page.text


async def test_the_same_signed_answer_sent_twice_is_one_answer(ready: Signer) -> None:
    await ready.world.person("cfo@acme.test", roles=("manager",))
    task_id = await ready.world.ask(chain=[{"who": ["role:manager"], "need": 2}])
    page = await ready.open(task_id)
    options = (await ready.challenge(page, "approved")).json()["options"]
    signature = ready.device.get(options)
    await ready.send(page, "approved", signature)

    again = await ready.send(page, "approved", signature)

    assert again.status == 200
    assert "Recorded: approved." in again.text
    assert len(await ready.answers(task_id)) == 1


async def test_whoever_has_no_passkey_is_offered_none(signer: Signer) -> None:
    page = await signer.open(await signer.world.ask())

    assert page.buttons()[:2] != []
    assert not page.root.all("button", lambda node: "data-outcome" in node.attrs)
    assert "passkeys" not in " ".join(each.attrs["src"] for each in page.root.all("script"))


async def test_a_task_that_takes_only_signed_answers_says_why(signer: Signer) -> None:
    task_id = await signer.world.ask(credential="signed")

    page = await signer.open(task_id)

    form = page.root.by_id("decide")
    assert "takes only answers that are signed with a passkey" in form.text
    assert form.one("a").attrs["href"] == "/inbox/passkeys"
    assert not form.all("textarea")
    assert [node.text for node in form.all("button")] == ["Not yet"]

    await signer.add()
    page = await signer.open(task_id)
    form = page.root.by_id("decide")
    assert "needs JavaScript" in form.one("noscript").text
    assert "hidden" in form.one("div", lambda node: "data-signable" in node.attrs).attrs
    (approve, reject) = form.all("button", lambda node: "data-outcome" in node.attrs)
    assert (approve.text, reject.text) == ("Approve with passkey", "Reject with passkey")
    assert approve.attrs["type"] == "button"


async def test_a_plain_answer_to_such_a_task_is_refused(ready: Signer) -> None:
    task_id = await ready.world.ask(credential="signed")
    page = await ready.open(task_id)
    url = page.root.by_id("decide").attrs["action"]

    page = await ready.browser.post(url, pressed(page, "approved"))

    await held(ready, task_id, page, says="takes only answers that are signed with a passkey")


async def test_where_browsers_allow_no_passkeys_such_a_task_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path, origin="http://10.0.0.7:8600") as plain:
        await plain.person(MGR)
        task_id = await plain.ask(credential="signed")
        page = await (await plain.signed_in(MGR)).open(f"/inbox/tasks/{task_id}")

        form = page.root.by_id("decide")
        assert "Browsers allow no passkeys at http://10.0.0.7:8600" in form.text
        assert not form.all("a")


# Signing in with one


async def signing_in(signer: Signer, *, to: str = "/inbox", **said: Any) -> tuple[Browser, Page]:
    """Sign in with the device in a browser that has never been here."""
    browser = signer.world.browser()
    page = await browser.open(f"/sign-in?next={to}")
    form = the_form(page, "data-use")
    other = replace(signer, browser=browser)
    pairs = page.sent_with(form.one("button"))
    answer = await other.ask(form.attrs["data-use"], pairs)
    assert answer.status_code == 200, answer.text
    used = signer.device.get(answer.json()["options"], **said)
    url = form.attrs["action"]
    return browser, await browser.post(url, filled(pairs, credential=json.dumps(used)))


async def test_a_passkey_signs_its_person_in_with_more_than_a_link(signer: Signer) -> None:
    await signer.add("phone")
    task_id = await signer.world.ask(risk="high")

    browser, page = await signing_in(signer, to=f"/inbox/tasks/{task_id}")

    assert page.url.endswith(f"/inbox/tasks/{task_id}")
    await browser.press(page, "Approve")
    (answer,) = await signer.answers(task_id)
    assert answer.credential.strength == "mfa"


async def test_a_sign_in_is_good_for_one_browser_and_a_while(signer: Signer) -> None:
    await signer.add("phone")
    browser, page = await signing_in(signer, challenge="AAAA" * 20)
    assert page.status == 422
    assert "took too long, or was begun in another window" in page.text
    assert (await browser.open("/inbox")).heading == "You are not signed in"


@pytest.mark.parametrize("why", ["removed", "disabled", "unverified", "elsewhere"])
async def test_a_passkey_that_is_not_good_signs_nobody_in(signer: Signer, why: str) -> None:
    await signer.add("phone")
    said: dict[str, Any] = {}
    match why:
        case "removed":
            (key,) = await signer.passkeys()
            await signer.world.services.store.remove_passkey(HERE, key.credential_id, [])
        case "disabled":
            await signer.world.disable(MGR)
        case "unverified":
            signer.device.verifies = False
        case "elsewhere":
            said = {"origin": "https://evil.test"}

    browser, page = await signing_in(signer, **said)

    assert page.status == 422
    assert (await browser.open("/inbox")).heading == "You are not signed in"
