"""Stages with quorum on a page: how far they have come, what is missing, what is left out."""

from __future__ import annotations

import pytest

from tests.inbox.browser import Page
from tests.inbox.world import World

TWO_OF_THREE = [{"who": ["role:engineer"], "need": 2}]
QUOTAS = [{"need": {"role:engineer": 1, "role:manager": 1}}]


@pytest.fixture
async def engineers(world: World) -> World:
    for name in ("ana", "ben", "cleo"):
        await world.person(f"{name}@acme.test", roles=("engineer",))
    return world


def chain(page: Page) -> list[str]:
    """What the page says of each stage."""
    heading = page.root.one("h2", when=lambda node: node.text == "Who is asked")
    section = heading.within("section")
    assert section is not None
    return [node.text for node in section.all("li", when=lambda n: n.within("ul") is None)]


async def test_a_quorum_says_how_far_it_has_come_and_who_is_missing(engineers: World) -> None:
    task_id = await engineers.ask(chain=TWO_OF_THREE)
    browser = await engineers.signed_in("ana@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    (stage,) = chain(page)
    assert "0 of 2" in stage
    assert "Two more approvals are needed, from role:engineer." in stage
    consequence = page.root.by_id("o-approved").text
    assert "is recorded; then one more approval is needed, from role:engineer." in consequence


async def test_an_answer_that_does_not_decide_is_confirmed(engineers: World) -> None:
    task_id = await engineers.ask(chain=QUOTAS)
    browser = await engineers.signed_in("ana@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    page = await browser.press(page, "Approve")

    said = "Recorded: approved. One more approval is needed: one of role:manager."
    assert page.root.one(role="status").text == said
    (stage,) = chain(page)
    assert "1 of 2" in stage
    assert "You: approved" in stage
    assert "It needs one of role:engineer and one of role:manager; nobody counts twice." in stage
    assert (await engineers.task(task_id)).decision is None
    manager = await engineers.signed_in("mgr@acme.test")
    last = await manager.open(f"/inbox/tasks/{task_id}")
    assert "once, exactly as shown" in last.root.by_id("o-approved").text
    assert "Approved" in (await manager.press(last, "Approve")).text


async def test_the_same_answer_sent_twice_is_confirmed_and_recorded_once(engineers: World) -> None:
    task_id = await engineers.ask(chain=TWO_OF_THREE)
    browser = await engineers.signed_in("ana@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    url, pairs = page.sent_by("Approve")
    await browser.post(url, pairs)

    again = await browser.post(url, pairs)

    assert again.status == 200
    assert not again.alerts
    assert "Recorded: approved." in again.text
    assert len((await engineers.task(task_id)).votes) == 1


async def test_one_may_change_ones_mind_while_others_are_asked(engineers: World) -> None:
    task_id = await engineers.ask(chain=[{**TWO_OF_THREE[0], "veto": False}])
    browser = await engineers.signed_in("ana@acme.test")
    page = await browser.press(await browser.open(f"/inbox/tasks/{task_id}"), "Approve")
    assert page.root.by_id("decide").within("details") is not None
    assert "counts against it" in page.root.by_id("o-rejected").text

    page = await browser.press(page.fill("Comment", "On second thoughts"), "Reject")

    assert "Recorded: rejected. Two more approvals are needed" in page.text
    (vote,) = (await engineers.task(task_id)).votes
    assert vote.outcome == "rejected"


async def test_a_veto_says_that_it_ends_the_task(engineers: World) -> None:
    task_id = await engineers.ask(chain=TWO_OF_THREE)
    browser = await engineers.signed_in("ana@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "does not run" in page.root.by_id("o-rejected").text


async def test_a_stage_left_out_shows_its_condition(engineers: World) -> None:
    links = [
        {"who": ["mgr@acme.test"]},
        {"who": ["role:engineer"], "when": "payload.amount > 10000"},
        {"who": ["cleo@acme.test"], "distinct": True},
    ]
    task_id = await engineers.ask(chain=links, payload={"amount": 240})
    browser = await engineers.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    first, second, third = chain(page)
    assert "Asked now" in first
    assert "Left out" in second
    assert "because this does not hold: payload.amount > 10000" in second
    assert "Whoever answered an earlier stage is out of this one." in third
    assert "then cleo@acme.test is asked" in page.root.by_id("o-approved").text


async def test_the_list_says_how_far_each_task_has_come(engineers: World) -> None:
    task_id = await engineers.ask(chain=TWO_OF_THREE)
    await engineers.answered(task_id, "ben@acme.test", "approved")
    browser = await engineers.signed_in("ana@acme.test")

    page = await browser.open("/inbox")

    assert [chip.text for chip in page.root.classed("chip")][:2] == ["Approval", "1 of 2"]
    own = await engineers.signed_in("ben@acme.test")
    assert "Nothing waits for you" in (await own.open("/inbox")).text
    assert "You answered approved" in (await own.open("/inbox?view=answered")).text


async def test_a_vote_of_somebody_disabled_since_is_told_to_count_no_more(engineers: World) -> None:
    task_id = await engineers.ask(chain=TWO_OF_THREE)
    await engineers.answered(task_id, "ben@acme.test", "approved")
    await engineers.disable("ben@acme.test")
    browser = await engineers.signed_in("ana@acme.test")

    page = await browser.press(await browser.open(f"/inbox/tasks/{task_id}"), "Approve")

    assert "no longer counts the answer of ben@acme.test" in page.text
    assert "1 of 2" in chain(page)[0]
    assert "ben@acme.test: approved" not in chain(page)[0]
