"""The operators' pages: what waits, what came of it, where it sticks; and one run as a picture."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.core.commands import RecordStep
from signoff.engine.ports import Lane
from signoff.server.inbox.timeline import PickUp, timeline
from tests.inbox.browser import Browser
from tests.inbox.world import AGENT, HERE, World

MGR = "mgr@acme.test"
OPS = "ops@acme.test"


@pytest.fixture
async def operated(world: World) -> World:
    await world.person(OPS, roles=["operator"])
    return world


async def operator(world: World) -> Browser:
    return await world.signed_in(OPS)


async def test_only_those_who_read_everything_by_role_come_here(operated: World) -> None:
    task_id = await operated.ask()
    intent_id = (await operated.task(task_id)).intent_id
    theirs = await operated.signed_in(MGR)

    for path in ("/inbox/operate", f"/inbox/operate/runs/{intent_id}"):
        assert (await theirs.open(path)).status == 404
        assert (await (await operator(operated)).open(path)).status == 200
    assert "Operations" not in (await theirs.open("/inbox")).root.one("header").text
    assert "Operations" in (await (await operator(operated)).open("/inbox")).root.one("header").text


async def test_the_figures_are_those_of_what_has_closed(operated: World) -> None:
    first = await operated.ask(title="one", deadline="3h")
    await operated.ask(title="two", risk="high", deadline="3h")
    operated.clock.advance(timedelta(minutes=10))
    await operated.answered(first, MGR, "approved")
    operated.clock.advance(timedelta(minutes=50))

    page = await (await operator(operated)).open("/inbox/operate?period=day")

    assert "Open now 1 1 of high risk" in page.text
    assert "Oldest open 1 hour" in page.text or "Oldest open 60 minutes" in page.text
    assert "Decided by people 1" in page.text
    assert "Time to decide 10 minutes" in page.text
    assert "Decided in time 100%" in page.text
    outcomes = page.section("h-outcomes").classed("chip")
    assert [each.text for each in outcomes] == ["Approved 1"]
    (column,) = page.root.one("svg").all("rect")
    assert column.text.endswith(": 1")


async def test_nothing_yet_is_no_error(operated: World) -> None:
    page = await (await operator(operated)).open("/inbox/operate?period=nonsense")

    assert page.status == 200
    assert "Nothing has closed in this time." in page.text
    assert "No agent has submitted anything yet." in page.text


async def test_what_is_decided_and_not_picked_up_is_shown_and_told_again(operated: World) -> None:
    task_id = await operated.ask()
    await operated.answered(task_id, MGR, "approved")
    store = operated.services.store
    (item,) = await store.claim_outbox(Lane.RESUME, limit=9, lease_seconds=60)
    later = operated.clock.now() + timedelta(days=1)
    await store.settle_outbox([], [], retry_at={item.id: later})
    browser = await operator(operated)
    assert "Every agent has read what was decided." in (await browser.open("/inbox/operate")).text
    operated.clock.advance(timedelta(minutes=6))

    page = await browser.open("/inbox/operate")
    assert "Decided, but not picked up 1" in page.text
    button = next(each for each in page.buttons() if each.startswith("Tell it again"))
    await browser.press(page, button)

    assert len(await store.claim_outbox(Lane.RESUME, limit=9, lease_seconds=60)) == 1
    task = await store.task(HERE, task_id)
    assert task is not None
    await operated.services.pickups.note(task)
    await operated.services.pickups.flush()
    assert "Every agent has read" in (await browser.open("/inbox/operate")).text


async def test_a_run_is_a_picture_and_a_list_that_says_the_same(operated: World) -> None:
    task_id = await operated.ask(title="Refund?")
    intent_id = (await operated.task(task_id)).intent_id
    step = RecordStep(actor=AGENT, name="look up the order", kind="step", output=None)
    await operated.do(step, intent_id)
    operated.clock.advance(timedelta(hours=3))
    await operated.answered(task_id, MGR, "approved", "Fine.")

    page = await (await operator(operated)).open(f"/inbox/operate/runs/{intent_id}")

    items = [each.text for each in page.section("h-list").all("li")]
    said = [text.rsplit(" 24 November", 1)[0] for text in items]
    assert said[:4] == ["submitted", "look up the order", f"{MGR}: approved", "decided: approved"]
    assert said[4:] == ["went on", "completed"]
    picture = page.root.one("svg", when=lambda node: "timeline" in node.classes)
    assert [mark.text for mark in picture.all("circle")] == said
    xs = [int(mark.attrs["cx"]) for mark in picture.all("circle")]
    assert xs == sorted(xs)
    assert 150 <= xs[0] < xs[-1] <= 970
    assert "Refund?" in picture.text


async def test_a_run_that_is_none_is_not_found(operated: World) -> None:
    browser = await operator(operated)

    for intent_id in ("nonsense", "int_" + "0" * 32, "%00", "x" * 500):
        assert (await browser.open(f"/inbox/operate/runs/{intent_id}")).status == 404


async def test_nobody_else_tells_agents_again(operated: World) -> None:
    own = await operator(operated)
    page = await own.open("/inbox/operate")
    theirs = await operated.signed_in(MGR)
    home = await theirs.open("/inbox/settings")
    token = home.root.all("input", name="csrf")[0].attrs["value"]

    refused = await theirs.post("/inbox/operate/tell-again", [("csrf", token)])

    assert page.status == 200
    assert refused.status == 404


async def test_a_run_that_was_read_shows_when(operated: World) -> None:
    task_id = await operated.ask()
    intent_id = (await operated.task(task_id)).intent_id
    operated.clock.advance(timedelta(minutes=5))
    await operated.answered(task_id, MGR, "approved")
    history = await operated.services.store.events(HERE, intent_id, after=0, limit=99)
    read = operated.clock.now() + timedelta(minutes=1)

    picture = timeline(history, [], [PickUp(task_id=task_id, at=read)], now=read)

    last = picture.marks[-1]
    assert (last.kind, last.says, last.at) == ("pickup", "picked up", read)
    assert last.y == picture.lanes[1].y
