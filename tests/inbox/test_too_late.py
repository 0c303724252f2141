"""Between looking and answering the world moves: nothing is lost, and it is said what happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signoff.core.words import TaskState
from tests.inbox.browser import Browser, Page
from tests.inbox.world import World


async def looking(world: World, task_id: str) -> tuple[Browser, Page]:
    browser = await world.signed_in("mgr@acme.test")
    return browser, await browser.open(f"/inbox/tasks/{task_id}")


async def test_a_revision_in_between_makes_the_view_stale(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(
        "review", assignee="role:manager", content="Draft one", revisions=2, risk="high"
    )
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "changes_requested", "Shorter")
    await world.revise(task_id, "Draft two")

    page = await browser.press(page.fill("Comment", "I typed this"), "Approve")

    assert page.status == 409
    assert "The task changed after it was shown to you" in page.alerts[0]
    assert page.shown_in("Comment") == "I typed this"
    assert "Draft two" in page.text
    assert (await world.task(task_id)).decision is None
    page = await browser.press(page, "Approve")
    decision = (await world.task(task_id)).decision
    assert decision is not None
    assert decision.comment == "I typed this"


async def test_staleness_is_said_before_any_mistake_in_the_form(world: World) -> None:
    """Else a corrected form would carry the new digest of something never looked at."""
    await world.person("eve@acme.test", roles=("manager",))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    task_id = await world.ask(
        "review", assignee="role:manager", content="One", revisions=1, schema=schema
    )
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "changes_requested", "Again")
    await world.revise(task_id, "Two")

    page = await browser.press(page.fill("N", "not a number"), "Approve")

    assert page.status == 409
    assert "changed after it was shown" in page.alerts[0]
    assert page.shown_in("N") == "not a number"


async def test_an_answer_without_the_digest_of_what_was_shown_is_stale(world: World) -> None:
    task_id = await world.ask()
    browser, page = await looking(world, task_id)
    url, pairs = page.sent_by("Approve")

    page = await browser.post(url, [pair for pair in pairs if pair[0] != "view_digest"])

    assert page.status == 409
    assert (await world.task(task_id)).decision is None


async def test_an_escalation_in_between_voids_nothing(world: World) -> None:
    """It only asks more people; what is decided on is the same."""
    await world.person("vp@acme.test", roles=("vp",))
    ladder = [{"after": "1h", "do": "escalate", "to": "role:vp"}, {"after": "9h", "do": "fail"}]
    task_id = await world.ask(ladder=ladder)
    browser, page = await looking(world, task_id)
    await world.pass_time(task_id, timedelta(hours=1))

    page = await browser.press(page, "Approve")

    assert page.status == 200
    assert (await world.task(task_id)).state is TaskState.CONCLUDED
    assert "role:vp is asked as well" not in page.text


async def test_the_loser_of_a_race_is_told_who_decided_and_when(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager")
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "approved", "Fine")

    page = await browser.press(page.fill("Comment", "I would say no"), "Reject")

    assert page.status == 409
    assert (
        "eve@acme.test decided approved on 24 November 2026, 09:00 UTC, before your answer arrived."
        in page.alerts[0]
    )
    assert "What you had typed Comment I would say no" in page.alerts[0]
    decision = (await world.task(task_id)).decision
    assert decision is not None
    assert (decision.outcome, decision.by.label) == ("approved", "eve@acme.test")


async def test_everything_typed_into_a_form_is_given_back_to_the_loser(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    schema = {
        "type": "object",
        "properties": {
            "amount": {"type": "number"},
            "level": {"enum": ["low", "high"]},
            "many": {"type": "array", "items": {"enum": ["a", "b"]}},
            "sure": {"type": "boolean", "default": False},
            "untouched": {"type": "string"},
        },
    }
    task_id = await world.ask("form", assignee="role:manager", schema=schema)
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "declined")
    page.fill("Amount", "12").tick("high").tick("b").tick("Sure").fill("Evidence", "INC-1")

    page = await browser.press(page, "Submit")

    assert page.status == 409
    kept = page.root.classed("typed")[0]
    assert [node.text for node in kept.all("dt")] == [
        "Amount",
        "Level",
        "Many",
        "Sure",
        "Evidence",
    ]
    assert [node.text for node in kept.all("dd")] == ["12", "high", "b", "yes", "INC-1"]


async def test_a_double_click_is_one_answer(world: World) -> None:
    task_id = await world.ask()
    browser, page = await looking(world, task_id)
    await browser.press(page, "Approve")

    again = await browser.press(page, "Approve")

    assert again.status == 200
    assert not again.alerts


async def test_a_second_thought_of_the_same_person_comes_too_late(world: World) -> None:
    task_id = await world.ask()
    browser, page = await looking(world, task_id)
    await browser.press(page, "Approve")

    again = await browser.press(page, "Reject")

    assert again.status == 409
    assert "You decided approved on" in again.alerts[0]
    decision = (await world.task(task_id)).decision
    assert decision is not None
    assert decision.outcome == "approved"


async def test_an_answer_at_the_deadline_is_refused_before_the_ladder_is_there(
    world: World,
) -> None:
    task_id = await world.ask(deadline="1h")
    browser, page = await looking(world, task_id)
    world.clock.advance(timedelta(hours=1))

    page = await browser.press(page.fill("Comment", "So close"), "Approve")

    assert page.status == 409
    assert "The deadline passed on 24 November 2026, 10:00 UTC" in page.alerts[0]
    assert "So close" in page.alerts[0]
    assert (await world.task(task_id)).decision is None


async def test_an_expired_task_says_so(world: World) -> None:
    task_id = await world.ask(deadline="1h")
    browser, page = await looking(world, task_id)
    await world.pass_time(task_id, timedelta(hours=1))

    late = await browser.press(page, "Approve")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert late.status == 409
    assert "The deadline passed" in late.alerts[0]
    assert page.root.by_id("h-end").text == "Expired"
    assert "No decision was recorded." in page.text


async def test_a_task_the_ladder_concluded_names_the_ladder(world: World) -> None:
    task_id = await world.ask(ladder=[{"after": "1h", "conclude": "rejected"}])
    browser, page = await looking(world, task_id)
    await world.pass_time(task_id, timedelta(hours=1))

    late = await browser.press(page, "Approve")

    assert late.status == 409
    assert "Time ran out on 24 November 2026, 10:00 UTC before your answer" in late.alerts[0]
    assert "by The ladder, because time ran out" in late.text


async def test_a_withdrawn_task_says_why(world: World) -> None:
    task_id = await world.ask()
    browser, page = await looking(world, task_id)
    await world.withdraw(task_id, "The customer called")

    late = await browser.press(page, "Approve")

    assert late.status == 409
    assert "was withdrawn before your answer arrived" in late.alerts[0]
    assert "The customer called" in late.text
    assert late.root.by_id("h-end").text == "Withdrawn"


async def test_a_task_of_a_run_taken_over_says_by_whom(world: World) -> None:
    await world.person("ops@acme.test", roles=("operator",))
    task_id = await world.ask()
    browser, page = await looking(world, task_id)
    await world.take_over(task_id, "ops@acme.test", "It spends too much")

    late = await browser.press(page, "Approve")

    assert late.status == 409
    assert "ops@acme.test took the run over before your answer arrived." in late.alerts[0]
    assert "It spends too much" in late.text
    assert late.root.by_id("h-end").text == "Overridden"


async def test_a_task_claimed_by_somebody_else_waits_for_them(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager")
    browser, page = await looking(world, task_id)
    eve = await world.signed_in("eve@acme.test")
    await eve.press(await eve.open(f"/inbox/tasks/{task_id}"), "Claim it")

    late = await browser.press(page.fill("Comment", "Mine"), "Approve")
    claim = await browser.press(page, "Claim it")

    for each in (late, claim):
        assert each.status == 409
        assert "eve@acme.test has claimed this task" in each.alerts[0]
        assert not each.root.all("form", id="decide")
    assert "Mine" in late.alerts[0]
    task = await world.task(task_id)
    assert task.decision is None
    assert task.claimed_by is not None
    assert task.claimed_by.label == "eve@acme.test"


async def test_releasing_what_nobody_holds_changes_nothing(world: World) -> None:
    task_id = await world.ask()
    browser, page = await looking(world, task_id)
    page = await browser.press(page, "Claim it")
    await browser.press(page, "Release it")

    again = await browser.press(page, "Release it")

    assert again.status == 409
    assert (await world.task(task_id)).state is TaskState.OPEN


async def test_the_slower_of_two_in_one_stage_is_told_who_is_asked_now(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    await world.person("cfo@acme.test", roles=("finance",))
    task_id = await world.ask(chain=["role:manager", "role:finance"])
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "approved")

    late = await browser.press(page.fill("Comment", "No!"), "Reject")

    assert late.status == 409
    assert (
        "eve@acme.test answered approved before you; now role:finance is asked." in (late.alerts[0])
    )
    assert "No!" in late.alerts[0]
    assert (await world.task(task_id)).stage == 1


async def test_an_answer_while_the_agent_revises_is_refused(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask("review", assignee="role:manager", content="One", revisions=1)
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "changes_requested", "Shorter")

    late = await browser.press(page.fill("Comment", "Fine by me"), "Approve")

    assert late.status == 409
    assert "eve@acme.test asked for changes before your answer arrived." in late.alerts[0]
    assert "Fine by me" in late.alerts[0]
    assert (await world.task(task_id)).decision is None


@pytest.mark.parametrize("more", ["enter", "data"])
async def test_not_even_a_help_button_works_on_a_closed_task(world: World, more: str) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager")
    browser, page = await looking(world, task_id)
    await world.answered(task_id, "eve@acme.test", "approved")
    url, pairs = page.sent_by("Approve")
    sent: list[Any] = [pair for pair in pairs if pair[0] != "outcome"]

    late = await browser.post(url, [*sent, ("more", more)])

    assert late.status == 409
