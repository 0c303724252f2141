"""A review goes round: comment, revision, difference, decision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.server.inbox import rounds
from tests.inbox.world import World


async def test_a_request_for_changes_comes_back_with_the_difference(world: World) -> None:
    draft = "\n".join(f"line {n}" for n in range(1, 13))
    task_id = await world.ask("review", content=draft, revisions=2)
    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert page.root.by_id("h-draft").text.startswith("The draft written by the agent")
    assert (
        "you are asked again about the new version" in page.root.by_id("o-changes_requested").text
    )

    page = await browser.press(page.fill("Comment", "Line 6 <b>must</b> go"), "Request changes")
    assert (await world.task(task_id)).awaiting_revision
    assert "You are asked again when refunds hands in its revision." in page.text
    assert "The agent has not answered this yet." in page.text
    assert not page.root.all("form", id="decide")

    await world.revise(task_id, draft.replace("line 6", "line six"))
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert "version 2" in page.root.by_id("h-draft").text
    assert "Line 6 <b>must</b> go" in page.text
    diff = page.root.classed("diff")[0]
    assert [node.text for node in diff.classed("removed")] == ["−Removed: line 6"]
    assert [node.text for node in diff.classed("added")] == ["+Added: line six"]
    assert len(diff.classed("same")) == 6
    assert [node.text for node in diff.classed("skip")] == [
        "2 unchanged lines",
        "3 unchanged lines",
    ]

    await browser.press(page, "Approve")
    task = await world.task(task_id)
    assert task.decision is not None
    assert task.decision.outcome == "approved"


async def test_the_last_round_is_said_to_be_the_last(world: World) -> None:
    task_id = await world.ask("review", content="One", revisions=0)
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    said = page.root.by_id("o-changes_requested").text
    assert said == "The task ends here. refunds is told changes requested."


async def test_answers_of_a_round_before_are_not_shown_as_standing(world: World) -> None:
    await world.person("cfo@acme.test", roles=("finance",))
    task_id = await world.ask(
        "review", content="One", revisions=1, chain=["mgr@acme.test", "role:finance"]
    )
    await world.answered(task_id, "mgr@acme.test", "approved")
    await world.answered(task_id, "cfo@acme.test", "changes_requested", "Cheaper")
    await world.revise(task_id, "Two")
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "Approve" in page.buttons()
    assert "approved" not in page.root.one("aside").text
    assert "then role:finance is asked" in page.root.by_id("o-approved").text


async def test_a_round_that_ended_without_a_revision_shows_no_difference(world: World) -> None:
    task_id = await world.ask("review", content="One", revisions=1, deadline="2h")
    await world.answered(task_id, "mgr@acme.test", "changes_requested", "Shorter")
    await world.pass_time(task_id, timedelta(hours=2))
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert page.root.by_id("h-end").text == "Expired"
    assert "The agent has not answered this yet." in page.text
    assert not page.root.classed("diff")


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("a", "a", ["skip"]),
        ("", "a", ["removed", "added"]),
        ({"a": 1}, {"a": 2}, ["same", "removed", "added", "same"]),
        ("a\nb", "b", ["removed", "same"]),
        (None, "a", ["removed", "added"]),
        ("a\n" * 3000, "b", ["skip"]),
    ],
)
def test_any_two_versions_can_be_compared(before: object, after: object, kinds: list[str]) -> None:
    found = [line.kind for line in rounds.line_diff(before, after)]  # type: ignore[arg-type]

    assert found == kinds
