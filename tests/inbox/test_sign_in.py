"""Signing in: a link is spent once, by a button, and a session ends when it should."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.engine.sessions import LASTS
from signoff.server.inbox.sign_in import LINK_LASTS, safe_next
from tests.inbox.browser import Browser
from tests.inbox.world import World

GONE = "This link no longer works"


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.open("/inbox")).heading == "Inbox"


async def test_a_link_signs_a_person_in_by_its_button(world: World) -> None:
    browser = world.browser()

    page = await browser.press(await browser.open(await world.link("mgr@acme.test")), "Sign in")

    assert page.heading == "Inbox"
    assert page.root.one("header").text == "Signoff My absence Settings My passkeys Mgr Sign out"


async def test_opening_a_link_never_spends_it(world: World) -> None:
    link = await world.link("mgr@acme.test")
    scanner, person = world.browser(), world.browser()
    for _ in range(3):
        assert (await scanner.open(link)).status == 200
        assert (await scanner.client.head(link)).status_code == 200

    page = await person.press(await person.open(link), "Sign in")

    assert page.heading == "Inbox"
    assert not await is_signed_in(scanner)


async def test_a_link_works_once(world: World) -> None:
    link = await world.link("mgr@acme.test")
    first, second = world.browser(), world.browser()
    await first.press(await first.open(link), "Sign in")

    page = await second.press(await second.open(link), "Sign in")

    assert (page.status, page.heading) == (410, GONE)
    assert "Other ways in" in page.text
    assert not await is_signed_in(second)
    assert await is_signed_in(first)


async def test_a_link_expires(world: World) -> None:
    browser = world.browser()
    page = await browser.open(await world.link("mgr@acme.test"))
    world.clock.advance(LINK_LASTS)

    page = await browser.press(page, "Sign in")

    assert (page.status, page.heading) == (410, GONE)


async def test_an_invented_link_is_answered_like_a_spent_one(world: World) -> None:
    browser = world.browser()

    page = await browser.press(await browser.open("/sign-in?token=invented"), "Sign in")

    assert (page.status, page.heading) == (410, GONE)


async def test_a_link_cannot_be_spent_from_another_site(world: World) -> None:
    """Nobody can be signed in as somebody else by a page that posts its own token."""
    link = await world.link("mgr@acme.test")
    victim = world.browser()
    token = link.partition("token=")[2]

    page = await victim.post("/sign-in", [("token", token), ("csrf", "guessed")])

    assert page.status == 403
    assert not await is_signed_in(victim)
    own = world.browser()
    assert (await own.press(await own.open(link), "Sign in")).heading == "Inbox"


async def test_signing_out_ends_the_session_in_the_store(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")
    kept = dict(browser.client.cookies)

    page = await browser.press(await browser.open("/inbox"), "Sign out")

    assert page.heading == "You are signed out"
    assert not await is_signed_in(browser)
    thief = world.browser()
    for name, value in kept.items():
        thief.client.cookies.set(name, value)
    assert not await is_signed_in(thief)


async def test_signing_in_again_ends_the_session_before(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")
    old = dict(browser.client.cookies)
    await browser.press(await browser.open(await world.link("mgr@acme.test")), "Sign in")

    thief = world.browser()
    for name, value in old.items():
        thief.client.cookies.set(name, value)

    assert not await is_signed_in(thief)
    assert await is_signed_in(browser)


async def test_disabling_a_person_ends_their_session(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")

    await world.disable("mgr@acme.test")

    assert not await is_signed_in(browser)


async def test_a_disabled_person_cannot_sign_in(world: World) -> None:
    link = await world.link("mgr@acme.test")
    await world.disable("mgr@acme.test")
    browser = world.browser()

    page = await browser.press(await browser.open(link), "Sign in")

    assert (page.status, page.heading) == (410, GONE)


async def test_a_session_ends_after_twelve_hours(world: World) -> None:
    browser = await world.signed_in("mgr@acme.test")
    for _ in range(5):
        world.clock.advance(LASTS / 6)
        assert await is_signed_in(browser)
    world.clock.advance(LASTS / 6 - timedelta(seconds=1))
    assert await is_signed_in(browser)

    world.clock.advance(timedelta(seconds=1))

    assert not await is_signed_in(browser)


async def test_somebody_signed_out_is_brought_back_to_the_page_they_wanted(world: World) -> None:
    task_id = await world.ask()
    browser = world.browser()
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert page.heading == "You are not signed in"

    link = await world.link("mgr@acme.test", next_path=f"/inbox/tasks/{task_id}")
    page = await browser.press(await browser.open(link), "Sign in")

    assert page.heading == "Refund 240 EUR to cus_123?"


async def test_an_answer_of_somebody_signed_out_is_not_lost_in_silence(world: World) -> None:
    task_id = await world.ask()
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    world.clock.advance(LASTS)

    page = await browser.press(page, "Approve")

    assert (page.status, page.heading) == (401, "You are signed out")
    assert "Nothing was sent" in page.text
    assert (await world.task(task_id)).decision is None


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/inbox",
        "//evil.example/inbox",
        "/\\evil.example",
        "/inbox\\@evil.example",
        "/inboxes",
        "/sign-out",
        "javascript:alert(1)",
        "/inbox/\r\nSet-Cookie: a=b",
        "/inbox/ä",
        "",
    ],
)
async def test_next_never_leads_away_from_the_inbox(world: World, path: str) -> None:
    assert safe_next(path) == "/inbox"
    browser = world.browser()
    page = await browser.open(await world.link("mgr@acme.test", next_path=path))

    page = await browser.press(page, "Sign in")

    assert page.heading == "Inbox"


async def test_the_session_cookie_is_for_the_server_only(world: World) -> None:
    browser = world.browser()
    page = await browser.open(await world.link("mgr@acme.test"))
    url, pairs = page.sent_by("Sign in")

    response = await browser.client.post(url, data=dict(pairs))

    (cookie,) = [c for c in response.headers.get_list("set-cookie") if "session" in c]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_over_https_the_cookies_are_bound_to_the_host(secure_world: World) -> None:
    browser = secure_world.browser()
    page = await browser.open(await secure_world.link("mgr@acme.test"))

    page = await browser.press(page, "Sign in")

    names = set(browser.client.cookies)
    assert page.heading == "Inbox"
    assert names == {"__Host-signoff"}
