"""Several tasks decided at once: of low risk alone, shown with what will run, each on its own."""

from __future__ import annotations

from typing import Any

from signoff.core.words import TaskId
from tests.inbox.browser import Browser, Page
from tests.inbox.world import World

REFUND = {"name": "refund", "arguments": {"amount": "12.00 EUR", "to": "Ana"}}


async def chosen(world: World, *task_ids: str) -> tuple[Browser, Page]:
    browser = await world.signed_in("mgr@acme.test")
    query = "&".join(f"task={task_id}" for task_id in task_ids)
    return browser, await browser.open(f"/inbox/together?{query}")


async def low(world: World, **fields: Any) -> TaskId:
    return await world.ask(**{"risk": "low", "action": REFUND, **fields})


async def test_only_what_is_of_low_risk_and_takes_a_word_can_be_chosen(world: World) -> None:
    plain = await low(world, title="plain")
    other = await low(world, title="other")
    await low(world, title="grave", risk="high")
    await low(world, title="usual", risk="medium")
    await low(world, title="why", comment="required")
    await world.ask("clarification", title="which", risk="low", choices=["a", "b"])

    page = await (await world.signed_in("mgr@acme.test")).open("/inbox")

    boxes = page.root.all("input", name="task")
    assert {box.attrs["value"] for box in boxes} >= {plain, other}
    shown = {box.within("li").one("h2").text for box in boxes}  # type: ignore[union-attr]
    assert shown <= {"plain", "other", "why"}


async def test_each_is_shown_with_what_will_run_and_decided_by_itself(world: World) -> None:
    first, second = await low(world, title="one"), await low(world, title="two")
    browser, page = await chosen(world, first, second)
    assert page.text.count("12.00 EUR") == 2

    page = await browser.press(page, "Approve · 2 tasks")

    assert page.heading == "Approved: 2 tasks"
    for task_id in (first, second):
        task = await world.task(task_id)
        assert task.decision is not None
        assert task.decision.outcome == "approved"


async def test_one_that_is_decided_meanwhile_holds_up_no_other(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    asked = {"assignee": "role:manager"}
    gone, open_ = await low(world, title="gone", **asked), await low(world, title="open", **asked)
    browser, page = await chosen(world, gone, open_)
    await world.answered(gone, "eve@acme.test", "rejected")

    page = await browser.press(page, "Approve · 2 tasks")

    assert page.heading == "Approved: 1 task"
    assert "gone: It is closed already." in page.alerts[0]
    assert (await world.task(gone)).decision.outcome == "rejected"  # type: ignore[union-attr]
    assert (await world.task(open_)).decision.outcome == "approved"  # type: ignore[union-attr]


async def test_what_may_not_be_decided_together_is_refused_however_it_is_sent(
    world: World,
) -> None:
    fine, grave = await low(world, title="fine"), await low(world, title="grave", risk="high")
    usual = await low(world, title="usual", risk="medium")
    browser, page = await chosen(world, fine, grave, usual)
    assert "2 of those you chose are left out" in page.text
    assert "grave" not in page.text

    url, pairs = page.sent_by("Approve · 1 task")
    for task_id in (grave, usual):
        pairs.append(("task", f"{task_id} {(await world.task(task_id)).view_digest}"))
    page = await browser.post(url, pairs)

    assert page.heading == "Approved: 1 task"
    assert "2 were not decided by you" in page.alerts[0]
    assert (await world.task(grave)).decision is None
    assert (await world.task(usual)).decision is None


async def test_a_stale_digest_decides_nothing(world: World) -> None:
    task_id = await low(world, title="one")
    browser, page = await chosen(world, task_id)
    url, pairs = page.sent_by("Approve · 1 task")
    stale = [(name, f"{task_id} {'0' * 64}" if name == "task" else text) for name, text in pairs]

    page = await browser.post(url, stale)

    assert page.heading == "Approved: 0 tasks"
    assert (await world.task(task_id)).decision is None


async def test_what_does_not_fit_whole_or_hides_something_is_left_out(world: World) -> None:
    long = {"name": "send", "arguments": {"body": "x" * 5000}}
    cut = await low(world, title="long", action=long)
    hidden = await low(world, title="pay\u200bpal")
    many = {"name": "send", "arguments": {f"field {number}": 1 for number in range(30)}}
    wide = await low(world, title="wide", action=many)

    _, page = await chosen(world, cut, hidden, wide, "nonsense", "task_" + "0" * 32)

    assert "Nothing to decide together" in page.text


async def test_nobody_decides_together_what_does_not_ask_them(world: World) -> None:
    await world.person("eve@acme.test", roles=("ops",))
    task_id = await low(world, title="secret", assignee="eve@acme.test")
    browser, page = await chosen(world, task_id)
    assert "secret" not in page.text

    mine = await low(world, title="mine")
    url, pairs = (await browser.open(f"/inbox/together?task={mine}")).sent_by("Approve · 1 task")
    digest = (await world.task(task_id)).view_digest
    page = await browser.post(url, [*pairs, ("task", f"{task_id} {digest}")])

    assert "secret" not in page.text
    assert (await world.task(task_id)).decision is None


async def test_those_with_no_answer_in_common_are_told_so(world: World) -> None:
    first = await low(world, title="one")
    second = await world.ask("confirmation", title="two", risk="low", statement="So it is.")

    _, page = await chosen(world, first, second)

    assert "They have no answer in common." in page.text
