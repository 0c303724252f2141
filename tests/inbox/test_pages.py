"""Every page: its headers, its structure for those who do not see it, and no strange script."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.inbox.browser import Browser, Page
from tests.inbox.dom import Node
from tests.inbox.test_eight_types import EVERY_OUTCOME, EVERYTHING
from tests.inbox.world import World

TYPES = {kind: fields for kind, fields, _ in EVERY_OUTCOME}


async def every_page(world: World) -> AsyncIterator[tuple[str, Page]]:
    """One of each page there is, by a name for it."""
    stranger = world.browser()
    yield "not signed in", await stranger.open("/sign-in")
    link = await stranger.open(await world.link("mgr@acme.test"))
    yield "sign in", link
    yield "no token", await stranger.post("/sign-in", [("token", "x")])
    spent = await stranger.open("/sign-in?token=x")
    yield "spent", await stranger.press(spent, "Sign in")
    yield "signed out post", await stranger.post("/inbox/tasks/x", [])
    browser = await world.signed_in("mgr@acme.test")
    yield "empty list", await browser.open("/inbox")
    yield "no task", await browser.open("/inbox/tasks/x")
    yield "nowhere", await browser.open("/inbox/nowhere/at/all")
    yield "no file", await browser.open("/inbox/static/no.css")
    for kind, fields in TYPES.items():
        async for each in pages_of(world, browser, kind, fields):
            yield each
    form = await world.ask("form", schema=EVERYTHING)
    page = await browser.open(f"/inbox/tasks/{form}")
    yield "everything", page
    yield "everything wrong", await browser.press(page, "Submit")
    review = await world.ask("review", content="a\nb", revisions=3)
    await world.answered(review, "mgr@acme.test", "changes_requested", "c")
    yield "revising", await browser.open(f"/inbox/tasks/{review}")
    await world.revise(review, "a\nc")
    yield "revised", await browser.open(f"/inbox/tasks/{review}")
    yield "list", await browser.open("/inbox")
    async for each in pages_of_people(world, browser):
        yield each
    yield "not a form", await browser.post("/inbox/tasks/x", [], headers={"content-type": "a/b"})
    yield "signed out", await browser.press(await browser.open("/inbox"), "Sign out")


async def pages_of_people(world: World, browser: Browser) -> AsyncIterator[tuple[str, Page]]:
    """Stages, deputies and everything beside answering, each form refused once too."""
    await world.person("eng@acme.test", roles=("engineer",))
    await world.person("ops@acme.test", roles=("operator", "administrator"))
    await world.away("mgr@acme.test", days=3, substitute="eng@acme.test", note="Skiing")
    links: list[Any] = [
        {"need": {"role:engineer": 1, "role:manager": 1}, "veto": ["role:manager"]},
        {"who": "ops@acme.test", "when": "payload.amount > 5", "distinct": True},
        {"who": "ops@acme.test", "when": "payload.amount > 500"},
    ]
    task_id = await world.ask(chain=links, pause=True, payload={"amount": 240})
    page = await browser.open(f"/inbox/tasks/{task_id}")
    yield "chain", page
    for act in ("Delegate", "Put off", "Ask them instead", "Stop the clock", "Add comment"):
        if act in page.buttons():
            yield f"{act} refused", await browser.press(page, act)
    operator = await world.signed_in("ops@acme.test")
    seen = await operator.open(f"/inbox/tasks/{task_id}")
    for act in ("Give more time", "Ask them instead"):
        yield f"{act} refused", await operator.press(seen, act)
    deputy = await world.signed_in("eng@acme.test")
    paused = (await deputy.open(f"/inbox/tasks/{task_id}")).fill("What it waits for", "Invoice")
    yield "paused", await deputy.press(paused, "Stop the clock")
    commented = page.fill("Your comment", "Which invoice?")
    yield "commented", await browser.press(commented, "Add comment")
    yield "answered", await browser.press(page, "Approve")
    absence = await operator.open("/inbox/absence")
    yield "no absence", absence
    yield "absence refused", await operator.press(absence, "Add absence")
    yield "nobody found", await operator.press(absence, "Open their page")
    yield "absence", await browser.open("/inbox/absence")


async def pages_of(
    world: World, browser: Browser, kind: str, fields: dict[str, Any]
) -> AsyncIterator[tuple[str, Page]]:
    task_id = await world.ask(kind, risk="high", description="Words", payload={"a": 1}, **fields)
    page = await browser.open(f"/inbox/tasks/{task_id}")
    yield kind, page
    url, pairs = page.sent_by(page.root.by_id("decide").all("button", type="submit")[0].text)
    wrong = [(name, value) for name, value in pairs if name != "more"]
    yield f"{kind} wrong", await browser.post(url, wrong)
    await world.withdraw(task_id, "Over")
    yield f"{kind} over", await browser.post(url, wrong)


async def test_every_page_carries_the_headers_that_protect_it(world: World) -> None:
    async for name, page in every_page(world):
        headers = page.response.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "script-src" not in policy or "script-src 'self';" in policy, name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "form-action 'self'" in policy, name
        assert "base-uri 'none'" in policy, name
        assert headers["cache-control"] == "no-store", name
        assert headers["referrer-policy"] == "no-referrer", name
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["x-frame-options"] == "DENY", name
        assert headers["content-type"] == "text/html; charset=utf-8", name


async def test_no_page_holds_a_script_but_files_of_ours(world: World) -> None:
    async for name, page in every_page(world):
        assert not page.strange_scripts, name
        for node in page.root.all():
            assert not [attr for attr in node.attrs if attr.startswith("on")], name
            assert "style" not in node.attrs, name
            assert node.tag != "style", name
            assert not node.attrs.get("href", "").startswith("javascript:"), name
        for form in page.root.all("form"):
            assert form.attrs["method"] in ("get", "post", "dialog"), name
            assert form.attrs["method"] == "dialog" or form.attrs["action"].startswith("/"), name
            assert form.all("button", type="submit"), name


async def test_every_page_can_be_heard_as_well_as_seen(world: World) -> None:
    async for name, page in every_page(world):
        root = page.root
        assert root.one("html").attrs["lang"] == "en", name
        assert root.one("title").text, name
        assert root.one("main").attrs["id"] == "main", name
        assert root.one("a", href="#main").classes == ["skip"], name
        assert len(root.all("h1")) == 1, name
        assert len(root.all("header")) == len(root.all("footer")) == 1, name
        assert "width=device-width" in root.one("meta", name="viewport").attrs["content"], name
        assert "user-scalable" not in page.html, name
        levels = [int(node.tag[1]) for node in root.all() if re.fullmatch("h[1-6]", node.tag)]
        assert levels[0] == 1, name
        assert all(b - a <= 1 for a, b in pairwise(levels)), (name, levels)
        for control in root.all(when=is_control):
            assert named(root, control), (name, control)
        for node in root.all():
            for attr in ("aria-describedby", "aria-labelledby", "for"):
                for target in node.attrs.get(attr, "").split():
                    assert root.all(id=target), (name, target)
        for link in root.all("a"):
            if (target := link.attrs["href"]).startswith("#"):
                assert root.all(id=target[1:]), (name, target)
        for fieldset in root.all("fieldset"):
            inside = [child for child in fieldset.children if isinstance(child, Node)]
            grouped = any(each.attrs.get("role") == "group" for each in fieldset.up())
            assert inside[0].tag == "legend" or grouped, name
        for image in root.all("img"):
            assert image.attrs["alt"] == "", name


def is_control(node: Node) -> bool:
    kind = node.attrs.get("type")
    return node.tag in ("input", "textarea", "select") and kind != "hidden"


def named(root: Node, control: Node) -> bool:
    if control.within("label"):
        return True
    return any(label.attrs.get("for") == control.attrs.get("id") for label in root.all("label"))


async def test_an_error_moves_the_focus_to_its_summary(world: World) -> None:
    task_id = await world.ask("form", schema=EVERYTHING)
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert not page.root.all(when=lambda node: "autofocus" in node.attrs)

    page = await browser.press(page, "Submit")

    (focused,) = page.root.all(when=lambda node: "autofocus" in node.attrs)
    assert focused.attrs["role"] == "alert"
    assert focused.attrs["tabindex"] == "-1"


async def test_static_files_are_kept_for_ever_under_the_hash_of_their_content(
    world: World,
) -> None:
    browser = world.browser()
    page = await browser.open("/sign-in")
    for address in (
        page.root.one("link", rel="stylesheet").attrs["href"],
        page.root.one("link", rel="icon").attrs["href"],
    ):
        response = await browser.client.get(address)

        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "url(" not in response.text
        assert "@import" not in response.text


@pytest.mark.parametrize("kind", TYPES)
async def test_the_page_says_by_when_and_what_happens_otherwise(world: World, kind: str) -> None:
    ladder = [
        {"after": "1h", "do": "remind"},
        {"after": "2h", "do": "escalate", "to": "role:vp"},
        {"after": "3h", "do": "fail"},
    ]
    task_id = await world.ask(kind, ladder=ladder, **TYPES[kind])

    page = await (await world.signed_in("mgr@acme.test")).open(f"/inbox/tasks/{task_id}")

    assert "Due in 3 hours 24 November 2026, 12:00 UTC" in page.text
    aside = page.root.one("aside").text
    assert "A reminder goes to mgr@acme.test in 60 minutes" in aside or "in 1 hour" in aside
    assert "role:vp is asked as well in 2 hours" in aside
    assert "Nobody decided: the task expires and the agent's run fails in 3 hours" in aside


def test_the_library_is_the_one_that_was_fetched_by_its_lock() -> None:
    root = Path(__file__).parents[2]
    digest, name = (root / "vendor/SHA256SUMS").read_text("utf-8").split()

    assert hashlib.sha256((root / name).read_bytes()).hexdigest() == digest
    locked = json.loads((root / "vendor/package-lock.json").read_text("utf-8"))
    version = locked["packages"]["node_modules/htmx.org"]["version"]
    assert f'version="{version}"' in (root / name).read_text("utf-8")
