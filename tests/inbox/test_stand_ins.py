"""Whoever answers in another's place: told so, and seen by everybody on the task."""

from __future__ import annotations

import pytest

from tests.inbox.world import World


@pytest.fixture
async def ana_and_ben(world: World) -> World:
    await world.person("ana@acme.test", name="Ana Pérez")
    await world.person("ben@acme.test", name="Ben Xu")
    return world


async def test_a_substitute_is_told_for_whom_and_until_when(ana_and_ben: World) -> None:
    await ana_and_ben.away("ana@acme.test", days=9.5, substitute="ben@acme.test")
    task_id = await ana_and_ben.ask(assignee="ana@acme.test")
    browser = await ana_and_ben.signed_in("ben@acme.test")
    listed = await browser.open("/inbox")
    assert "For Ana Pérez" in listed.text

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "You answer for Ana Pérez, away until Thu 3 Dec, 21:00 UTC." in page.text
    assert "Ben Xu for Ana Pérez, away until Thu 3 Dec, 21:00 UTC" in page.text
    page = await browser.press(page, "Approve")
    assert "ben@acme.test answered approved for ana@acme.test" in page.text
    decision = (await ana_and_ben.task(task_id)).decision
    assert decision is not None
    assert decision.by.label == "ben@acme.test"


async def test_an_absence_to_midnight_ends_with_the_day_before(ana_and_ben: World) -> None:
    await ana_and_ben.away("ana@acme.test", days=9 + 15 / 24, substitute="ben@acme.test")
    task_id = await ana_and_ben.ask(assignee="ana@acme.test")
    browser = await ana_and_ben.signed_in("ben@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "You answer for Ana Pérez, away until Thu 3 Dec." in page.text


async def test_somebody_away_is_told_who_answers_and_may_answer(ana_and_ben: World) -> None:
    await ana_and_ben.away("ana@acme.test", days=2, substitute="ben@acme.test")
    task_id = await ana_and_ben.ask(assignee="ana@acme.test")
    browser = await ana_and_ben.signed_in("ana@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "Ben Xu answers for you. You may still answer yourself." in page.text
    assert "Approved" in (await browser.press(page, "Approve")).text


async def test_a_delegation_is_said_to_both_and_the_owner_stays_on_record(
    ana_and_ben: World,
) -> None:
    task_id = await ana_and_ben.ask(assignee="ana@acme.test")
    browser = await ana_and_ben.signed_in("ana@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.fill("To whom", "ben@acme.test").fill("Note for them", "You know the customer")

    page = await browser.press(page, "Delegate")

    assert "You delegated this to Ben Xu. You may still answer yourself." in page.text
    ben = await ana_and_ben.signed_in("ben@acme.test")
    seen = await ben.open(f"/inbox/tasks/{task_id}")
    told = "You answer for Ana Pérez, who delegated this to you: You know the customer"
    assert told in seen.text
    assert "let ben@acme.test answer in their place" in seen.text
    done = await ben.press(seen, "Approve")
    assert "ben@acme.test answered approved for ana@acme.test" in done.text


async def test_nobody_answers_twice_in_one_place(ana_and_ben: World) -> None:
    await ana_and_ben.away("ana@acme.test", days=2, substitute="ben@acme.test")
    links = [{"who": ["ana@acme.test", "mgr@acme.test"], "need": 2}]
    task_id = await ana_and_ben.ask(chain=links)
    await ana_and_ben.answered(task_id, "ana@acme.test", "approved")
    browser = await ana_and_ben.signed_in("ben@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "has answered in the place of ana@acme.test already" in page.text
    assert not page.root.all("form", id="decide")
