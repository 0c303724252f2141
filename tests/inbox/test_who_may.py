"""Who sees a task, and who may answer it."""

from __future__ import annotations

import pytest

from tests.inbox.world import ELSEWHERE, World

PATHS = ("", "/claim", "/release")


async def sees(world: World, email: str, task_id: str) -> bool:
    browser = await world.signed_in(email)
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert page.status in (200, 404)
    if page.status == 404:
        assert page.heading == "Not found"
        assert "Refund" not in page.html
    return page.status == 200


async def test_somebody_who_is_not_asked_gets_a_404(world: World) -> None:
    await world.person("eve@acme.test", roles=("clerk",))
    task_id = await world.ask()

    assert not await sees(world, "eve@acme.test", task_id)


async def test_a_person_of_another_workspace_gets_the_same_404(world: World) -> None:
    await world.person("mgr@acme.test", roles=("manager", "administrator"), workspace=ELSEWHERE)
    task_id = await world.ask(assignee="role:manager")
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")
    unknown = await browser.open("/inbox/tasks/task_00000000000000000000000000000099")

    assert page.status == unknown.status == 404
    assert page.text == unknown.text
    listed = await browser.open("/inbox")
    assert "Nothing waits for you" in listed.text
    token = listed.root.all("input", name="csrf")[0].attrs["value"]
    for verb in PATHS:
        sent = [("csrf", token), ("outcome", "approved")]
        posted = await browser.post(f"/inbox/tasks/{task_id}{verb}", sent)
        assert posted.status == 404
    task = await world.task(task_id)
    assert task.live
    assert task.claimed_by is None


@pytest.mark.parametrize("task_id", ["x", "task_1%00", "task_" + "0" * 200, "..%2f..", "%F0%9F"])
async def test_no_address_breaks_the_page(world: World, task_id: str) -> None:
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert page.status == 404


async def test_a_requester_never_decides(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager", on_behalf_of="mgr@acme.test")
    browser = await world.signed_in("mgr@acme.test")
    listed = await browser.open("/inbox")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "You requested this" in listed.text
    assert "You requested this, and nobody decides on their own request." in page.text
    assert not page.root.all("form", id="decide")
    assert "Claim it" not in page.buttons()
    token = page.root.all("input", name="csrf")[0].attrs["value"]
    digest = (await world.task(task_id)).view_digest
    forged = [("csrf", token), ("outcome", "approved"), ("view_digest", digest)]
    page = await browser.post(f"/inbox/tasks/{task_id}", [*forged, ("comment", "for me")])
    assert page.status == 403
    assert "for me" in page.alerts[0]
    assert (await world.task(task_id)).decision is None


@pytest.mark.parametrize("written", ["MGR@acme.test", "person:mgr@acme.test"])
async def test_a_requester_is_known_however_they_are_named(world: World, written: str) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager", on_behalf_of=written)
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert not page.root.all("form", id="decide")


async def test_a_requester_may_be_the_one_who_knows(world: World) -> None:
    task_id = await world.ask(
        "clarification", assignee="role:manager", on_behalf_of="mgr@acme.test"
    )
    browser = await world.signed_in("mgr@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert page.root.all("form", id="decide")


@pytest.mark.parametrize("role", ["administrator", "operator"])
async def test_a_reading_role_sees_a_task_but_cannot_answer_it(world: World, role: str) -> None:
    await world.person("ops@acme.test", roles=(role,))
    task_id = await world.ask()
    browser = await world.signed_in("ops@acme.test")

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert page.status == 200
    assert "You can read this task, but it does not ask you now." in page.text
    assert not page.root.all("form", id="decide")
    token = page.root.all("input", name="csrf")[0].attrs["value"]
    digest = (await world.task(task_id)).view_digest
    forged = [("csrf", token), ("outcome", "approved"), ("view_digest", digest)]
    for verb in ("", "/claim"):
        refused = await browser.post(f"/inbox/tasks/{task_id}{verb}", forged)
        assert refused.status == 403
        assert "ops@acme.test is not asked" in refused.alerts[0]
    task = await world.task(task_id)
    assert task.decision is None
    assert task.claimed_by is None
    assert "Refund" not in (await browser.open("/inbox")).text


async def test_somebody_excluded_does_not_see_it(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(chain=[{"who": "role:manager", "exclude": ["eve@acme.test"]}])

    assert not await sees(world, "eve@acme.test", task_id)
    assert await sees(world, "mgr@acme.test", task_id)
    assert "Refund" not in (await (await world.signed_in("eve@acme.test")).open("/inbox")).text


async def test_a_later_stage_sees_a_task_once_it_is_asked(world: World) -> None:
    await world.person("cfo@acme.test", roles=("finance",))
    task_id = await world.ask(chain=["mgr@acme.test", "role:finance"])
    assert not await sees(world, "cfo@acme.test", task_id)

    await world.answered(task_id, "mgr@acme.test", "approved", "Go")

    assert await sees(world, "cfo@acme.test", task_id)
    assert await sees(world, "mgr@acme.test", task_id)
    browser = await world.signed_in("cfo@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert "mgr@acme.test: approved" in page.root.one("aside").text
    page = await browser.press(page, "Approve")
    assert "Approved by you" in page.text


async def test_whoever_was_asked_sees_how_it_ended(world: World) -> None:
    await world.person("eve@acme.test", roles=("manager",))
    task_id = await world.ask(assignee="role:manager")
    await world.answered(task_id, "eve@acme.test", "approved")

    browser = await world.signed_in("mgr@acme.test")
    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert "Approved by eve@acme.test" in page.text
