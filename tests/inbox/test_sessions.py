"""Where somebody is signed in: seen, ended, over when it is idle, and shown again for high risk."""

from __future__ import annotations

from datetime import timedelta

from signoff.core.credential import FRESH
from signoff.engine.sessions import IDLE
from signoff.server.inbox.session import device
from tests.inbox.browser import Browser
from tests.inbox.world import World

MGR = "mgr@acme.test"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36"


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.open("/inbox")).heading == "Inbox"


async def on_a_phone(world: World) -> Browser:
    browser = world.browser()
    browser.client.headers["user-agent"] = PHONE
    await browser.press(await browser.open(await world.link(MGR)), "Sign in")
    return browser


async def test_sessions_are_listed_with_what_their_person_knows_them_by(world: World) -> None:
    browser = await world.signed_in(MGR)
    await on_a_phone(world)

    page = await browser.open("/inbox/sessions")

    assert "Chrome on Android" in page.text
    assert page.text.count("this one") == 1
    assert page.text.count("with a one-time link") == 2


async def test_a_session_that_is_ended_is_over_at_once(world: World) -> None:
    browser, phone = await world.signed_in(MGR), await on_a_phone(world)

    await browser.press(await browser.open("/inbox/sessions"), "End it Chrome on Android")

    assert not await is_signed_in(phone)
    assert await is_signed_in(browser)


async def test_all_others_can_be_ended_together(world: World) -> None:
    browser = await world.signed_in(MGR)
    others = [await world.signed_in(MGR), await on_a_phone(world)]

    page = await browser.press(await browser.open("/inbox/sessions"), "End all others")

    assert [await is_signed_in(each) for each in others] == [False, False]
    assert await is_signed_in(browser)
    assert "End all others" not in page.buttons()


async def test_nobody_ends_the_session_of_another(world: World) -> None:
    await world.person("eve@acme.test")
    mine, theirs = await world.signed_in(MGR), await world.signed_in("eve@acme.test")
    row = world.people["eve@acme.test"]
    (session,) = await world.services.store.sessions(row.workspace, row.person.id)
    await world.signed_in(MGR)
    url, pairs = (await mine.open("/inbox/sessions")).sent_by("End it")

    forged = [(name, session.id if name == "which" else text) for name, text in pairs]
    await mine.post(url, forged)

    assert await is_signed_in(theirs)


async def test_a_session_that_nobody_uses_is_over(world: World) -> None:
    used, idle = await world.signed_in(MGR), await world.signed_in(MGR)
    world.clock.advance(IDLE / 2)
    assert await is_signed_in(used)

    world.clock.advance(IDLE / 2)

    assert await is_signed_in(used)
    assert not await is_signed_in(idle)


async def test_signing_in_again_ends_the_session_before_it(world: World) -> None:
    browser = await world.signed_in(MGR)
    await browser.press(await browser.open(await world.link(MGR)), "Sign in")

    row = world.people[MGR]
    assert len(await world.services.store.sessions(row.workspace, row.person.id)) == 1


async def test_high_risk_asks_to_show_again_that_it_is_they(world: World) -> None:
    grave = await world.ask(risk="high", deadline="3d")
    usual = await world.ask(risk="medium", deadline="3d")
    browser = await world.signed_in(MGR)
    before = await browser.open(f"/inbox/tasks/{grave}")
    assert "Approve" in before.buttons()
    world.clock.advance(FRESH)

    page = await browser.open(f"/inbox/tasks/{grave}")

    assert "Approve" not in page.buttons()
    assert "it is a while since you showed who you are" in page.text
    link = page.root.one("a", when=lambda each: each.text == "Show that it is you")
    assert link.attrs["href"] == f"/sign-in?again=yes&next=/inbox/tasks/{grave}"
    assert (await browser.open(link.attrs["href"])).heading == "Show that it is you"
    refused = await browser.press(before, "Approve")
    assert refused.status == 403
    assert (await world.task(grave)).decision is None
    await browser.press(await browser.open(f"/inbox/tasks/{usual}"), "Approve")
    assert (await world.task(usual)).decision is not None

    await browser.press(await browser.open(await world.link(MGR)), "Sign in")
    await browser.press(await browser.open(f"/inbox/tasks/{grave}"), "Approve")
    assert (await world.task(grave)).decision is not None


def test_a_browser_is_called_what_its_person_calls_it() -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"
    assert device(firefox) == "Firefox on Linux"
    assert device(iphone) == "Safari on iPhone"
    assert device(edge) == "Edge on Windows"
    assert device(PHONE) == "Chrome on Android"
    assert device("curl/8") is None


async def test_a_session_that_is_used_is_noted_once_a_minute_at_most(world: World) -> None:
    browser = await world.signed_in(MGR)
    row = world.people[MGR]
    began = world.clock.now()
    world.clock.advance(timedelta(seconds=59))
    await browser.open("/inbox")
    (session,) = await world.services.store.sessions(row.workspace, row.person.id)
    assert session.seen_at == began

    world.clock.advance(timedelta(seconds=1))
    await browser.open("/inbox")

    (session,) = await world.services.store.sessions(row.workspace, row.person.id)
    assert session.seen_at == world.clock.now()
