"""Why one is asked or is not, and what happens next and when, on the page of a task."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.inbox.browser import Page
from tests.inbox.dom import Node
from tests.inbox.world import World

OFFICE = {"zone": "Europe/Berlin", "hours": "Mon-Fri 09:00-17:30"}


@pytest.fixture
async def people(world: World) -> World:
    await world.person("ana@acme.test", roles=("engineer",), name="Ana Pérez")
    await world.person("ben@acme.test", roles=("engineer",), name="Ben Xu", zone="Europe/Berlin")
    await world.person("ops@acme.test", roles=("operator",))
    return world


async def opened(world: World, email: str, task_id: str) -> Page:
    return await (await world.signed_in(email)).open(f"/inbox/tasks/{task_id}")


def beside(page: Page, heading: str) -> Node:
    section = page.root.one("h2", when=lambda node: node.text == heading).within("section")
    assert section is not None
    return section


async def test_who_is_asked_reads_why_and_who_else(people: World) -> None:
    await people.away("ana@acme.test", days=9, substitute="ben@acme.test")
    task_id = await people.ask(assignee="role:engineer", exclude=["ops@acme.test"])

    page = await opened(people, "ben@acme.test", task_id)

    why = beside(page, "Why you are asked").text
    assert "You may answer: asked as role:engineer." in why
    assert "Ana Pérez (ana@acme.test): asked as role:engineer; is away until" in why
    assert "3 December 2026, 10:00 CET" in why
    assert "May not ops@acme.test" not in why
    assert "ops@acme.test is excluded from this task" in why


async def test_a_requester_reads_why_they_are_not_asked(people: World) -> None:
    task_id = await people.ask(assignee="role:engineer", on_behalf_of="ana@acme.test")

    page = await opened(people, "ana@acme.test", task_id)

    why = beside(page, "Why you are not asked").text
    assert "nobody decides on their own request" in why
    assert "Ben Xu (ben@acme.test): asked as role:engineer" in why


async def test_a_reader_reads_whom_it_asks(people: World) -> None:
    task_id = await people.ask(assignee="role:engineer")

    page = await opened(people, "ops@acme.test", task_id)

    why = beside(page, "Why you are not asked").text
    assert "You may not answer: ops@acme.test is not asked; this task asks role:engineer." in why


async def test_a_claim_is_a_reason(people: World) -> None:
    task_id = await people.ask(assignee="role:engineer")
    browser = await people.signed_in("ana@acme.test")
    await browser.press(await browser.open(f"/inbox/tasks/{task_id}"), "Claim it")

    page = await opened(people, "ben@acme.test", task_id)

    assert "You may not answer: ana@acme.test has claimed this task." in page.text


async def test_nobody_is_explained_once_it_is_decided(people: World) -> None:
    task_id = await people.ask(assignee="role:engineer")
    await people.answered(task_id, "ana@acme.test", "approved")

    page = await opened(people, "ben@acme.test", task_id)

    headings = [node.text for node in page.root.all("h2")]
    assert not [text for text in headings if text.startswith("Why")]


async def test_a_ladder_in_working_time_gives_its_moments_and_reasons(people: World) -> None:
    people.clock.advance(timedelta(days=3))  # Friday, 27 November, 10:00 in Berlin
    rungs = [
        {"after": "4 working hours", "do": "remind"},
        {"after": "8 working hours", "do": "escalate", "to": "ops@acme.test"},
        {"after": "3 business days", "do": "fail"},
    ]
    task_id = await people.ask(assignee="ben@acme.test", ladder=rungs, calendar=OFFICE)

    page = await opened(people, "ben@acme.test", task_id)

    steps = [node.text for node in beside(page, "If nobody answers").all("li")]
    assert "A reminder goes to ben@acme.test in 4 hours 27 November 2026, 14:00 CET" in steps[0]
    assert "ops@acme.test is asked as well in 3 days 30 November 2026, 09:30 CET" in steps[1]
    assert "2026-11-28 and Sun 2026-11-29 are days off." in steps[1]
    assert "Hours are Mon-Fri 09:00-17:30 (Europe/Berlin)." in steps[1]
    assert "the task expires and the agent's run fails" in steps[2]
    assert "2 December 2026, 10:00 CET" in steps[2]


async def test_what_has_fired_and_what_was_skipped_stay_on_the_ladder(people: World) -> None:
    task_id = await people.ask(assignee="ben@acme.test")
    browser = await people.signed_in("ben@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    page.tick("At this date and time").fill("Date and time", "2026-11-25T20:00")
    await browser.press(page, "Put off")
    await people.pass_time(task_id, timedelta(hours=24))

    page = await opened(people, "ben@acme.test", task_id)

    steps = beside(page, "If nobody answers").all("li")
    assert "Snoozed until 25 November 2026, 20:00 CET" in steps[0].text
    assert "skipped" in steps[0].classes
    assert "now" in steps[1].classes
    assert any("A reminder that was put off" in step.text for step in steps)
