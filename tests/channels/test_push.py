"""Browsers ring: for whom they were asked to, with what only they can read, until they are gone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from signoff.core.preferences import Channel
from signoff.core.words import TaskId
from signoff.engine.addressing import Addressing
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.outbox import Notices
from signoff.engine.sending import Sending
from tests.channels.push_service import PushService, push_service
from tests.inbox.browser import Browser, Page
from tests.inbox.world import HERE, World, opened

LEASE = 30.0
MGR = "mgr@acme.test"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, webhook_allow="127.0.0.1/32") as world:
        await world.person(MGR, roles=["manager"], name="Maria", zone="Europe/Berlin")
        yield world


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as opened:
        yield opened


async def send(world: World) -> None:
    """Ring for whatever is due."""
    store, sender = world.services.store, world.services.push
    addressing = Addressing(store, [sender])
    await Notices(store, addressing, poll_seconds=60, lease_seconds=LEASE).flush()
    await Sending(store, sender, addressing, poll_seconds=60, lease_seconds=LEASE).flush()


async def sent(browser: Browser, path: str, **fields: str) -> Page:
    """Send a form of the page as its script would."""
    page = await browser.open("/inbox/push")
    csrf = page.root.all("input", name="csrf")[0].attrs["value"]
    return await browser.post(f"/inbox/push/{path}", [("csrf", csrf), *fields.items()])


async def add(browser: Browser, service: PushService, name: str) -> Page:
    """Do what the page's script does."""
    page = await browser.open("/inbox/push")
    (form,) = page.root.all("form", when=lambda each: "data-push-key" in each.attrs)
    said = service.subscribe(name, form.attrs["data-push-key"])
    return await sent(browser, "add", subscription=json.dumps(said))


async def rung(world: World, task_id: TaskId) -> list[Notice]:
    found = await world.services.store.notices(HERE, task_id)
    return [each for each in found if each.channel == Channel.PUSH]


async def test_a_browser_rings_with_what_only_it_can_read(
    world: World, service: PushService
) -> None:
    page = await add(await world.signed_in(MGR), service, "phone")
    task_id = await world.ask(title="Refund 240 EUR?", risk="high", deadline="2h")

    await send(world)

    phone = service.devices["phone"]
    (said,) = phone.shown
    assert said["web_push"] == 8030
    assert said["notification"] == {
        "title": "[High risk] Approval: Refund 240 EUR?",
        "body": "You are asked to decide. refunds asks.",
        "navigate": f"http://inbox.test/inbox/tasks/{task_id}",
        "tag": task_id,
        "lang": "en",
    }
    (asked,) = phone.asked
    assert (asked["ttl"], asked["urgency"]) == ("7200", "high")
    (notice,) = await rung(world, task_id)
    assert (notice.state, notice.detail) == (NoticeState.SENT, None)
    assert "phone" not in str(notice.address)
    assert "An unknown browser" in page.text


async def test_what_is_said_later_of_a_task_takes_the_place_of_what_was_said_before(
    world: World, service: PushService
) -> None:
    await add(await world.signed_in(MGR), service, "phone")
    ladder = [{"after": "1h", "do": "remind"}, {"after": "3h", "do": "fail"}]
    task_id = await world.ask(title="One", ladder=ladder)
    await world.ask(title="Two")
    await send(world)
    await world.pass_time(task_id, timedelta(hours=1))
    await send(world)

    phone = service.devices["phone"]
    titles = [each["notification"]["title"] for each in phone.shown]
    assert sorted(titles) == ["Approval: One", "Approval: Two", "Reminder: One"]
    topics = {
        each["notification"]["title"]: asked["topic"]
        for each, asked in zip(phone.shown, phone.asked, strict=True)
    }
    assert topics["Approval: One"] == topics["Reminder: One"] != topics["Approval: Two"]


async def test_a_long_title_and_hidden_characters_fit_and_are_seen(
    world: World, service: PushService
) -> None:
    await add(await world.signed_in(MGR), service, "phone")
    await world.ask(title="pay \u202eevil\u200b\n<b>" + "ä" * 400)
    await send(world)

    (said,) = service.devices["phone"].shown
    title = said["notification"]["title"]
    assert "\\u202e" in title.lower() or "U+202E" in title
    assert not {"\u202e", "\u200b", "\n"} & set(title)
    assert len(title) < 250


async def test_a_browser_that_is_gone_is_forgotten_and_the_others_ring(
    world: World, service: PushService
) -> None:
    browser = await world.signed_in(MGR)
    for name in ("old", "new"):
        await add(browser, service, name)
    service.unsubscribe("old")
    task_id = await world.ask()
    await send(world)

    assert len(service.devices["new"].shown) == 1
    assert [each.state for each in await rung(world, task_id)] == [NoticeState.SENT]
    left = await world.services.store.subscriptions(HERE, [world.people[MGR].person.id])
    assert [each.endpoint for each in left] == [f"{service.url}/push/new"]


async def test_a_push_service_that_is_busy_is_tried_again(
    world: World, service: PushService
) -> None:
    await add(await world.signed_in(MGR), service, "phone")
    service.answers = lambda request: PlainTextResponse(
        "busy", status_code=429, headers={"retry-after": "60"}
    )
    task_id = await world.ask()
    await send(world)
    (waiting,) = await rung(world, task_id)
    assert (waiting.state, waiting.detail) == (NoticeState.DUE, "it answered 429")
    assert waiting.due_at == world.clock.now() + timedelta(seconds=60)

    service.answers = None
    world.clock.advance(timedelta(seconds=60))
    await send(world)
    assert len(service.devices["phone"].shown) == 1
    (told,) = await rung(world, task_id)
    assert told.state is NoticeState.SENT


async def test_a_message_nobody_takes_has_failed_and_says_why(
    world: World, service: PushService
) -> None:
    await add(await world.signed_in(MGR), service, "phone")
    service.answers = lambda request: PlainTextResponse("no", status_code=403)
    task_id = await world.ask()
    await send(world)

    (failed,) = await rung(world, task_id)
    assert (failed.state, failed.detail) == (NoticeState.FAILED, "it answered 403")


async def test_a_key_of_another_server_is_no_key_here(world: World, service: PushService) -> None:
    """The control: the stand-in does refuse, and the sender does sign with what it told."""
    await add(await world.signed_in(MGR), service, "phone")
    service.devices["phone"].server_key = "another"
    task_id = await world.ask()
    await send(world)

    (failed,) = await rung(world, task_id)
    assert (failed.state, failed.detail) == (NoticeState.FAILED, "it answered 400")


async def test_a_browser_can_be_tried_out_and_taken_off(world: World, service: PushService) -> None:
    browser = await world.signed_in(MGR)
    page = await add(browser, service, "phone")
    page = await browser.press(page, "Ring once, to try it out")
    assert "An unknown browser: rung." in page.text
    assert service.devices["phone"].shown[0]["notification"]["title"] == "This browser rings"

    page = await browser.press(page, "Remove An unknown browser")
    assert "No browser rings for you yet." in page.text
    await world.ask()
    await send(world)
    assert len(service.devices["phone"].shown) == 1


async def test_nobody_takes_the_browser_of_another_off(world: World, service: PushService) -> None:
    await world.person("eve@acme.test")
    await add(await world.signed_in(MGR), service, "phone")
    (hers,) = await world.services.store.subscriptions(HERE, [world.people[MGR].person.id])
    eve = await world.signed_in("eve@acme.test")
    await sent(eve, "remove", which=hers.id)

    left = await world.services.store.subscriptions(HERE, [world.people[MGR].person.id])
    assert left == [hers]


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://127.0.0.2/push"},
        {"endpoint": "http://169.254.169.254/latest"},
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": 7},
        {"keys": {"p256dh": "AAAA", "auth": "MDEyMzQ1Njc4OWFiY2RlZg"}},
        {"keys": {}},
        {"keys": None},
    ],
)
async def test_what_is_no_browser_is_refused(
    world: World, service: PushService, change: dict[str, object]
) -> None:
    said = json.dumps(service.subscribe("phone", "key") | change)
    answer = await sent(await world.signed_in(MGR), "add", subscription=said)

    assert answer.status == 422
    assert answer.alerts
    assert not await world.services.store.subscriptions(HERE, [world.people[MGR].person.id])


async def test_there_is_room_for_ten(world: World, service: PushService) -> None:
    browser = await world.signed_in(MGR)
    pages = [await add(browser, service, f"b{number}") for number in range(10)]
    assert pages[-1].status == 200
    said = json.dumps(service.subscribe("eleven", "key"))
    answer = await sent(browser, "add", subscription=said)

    assert answer.alerts == ["Nothing was saved There is room for 10 browsers."]
