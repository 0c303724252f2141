"""Chains through the real server: stages in order, quorum, and all that is said meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

import signoff
from examples.chains.payments import pay, pay_with_care
from signoff.client import _default
from tests.client.conftest import agent_of, person_of
from tests.client.people import answers, next_task
from tests.client.wire import Bridge, Wire
from tests.server.world import COLLEAGUE, MANAGER, OPERATOR, World


@pytest.fixture
async def finance(server: World) -> signoff.Client:
    return person_of(server, "colleague")


@pytest.fixture
def from_environment(server: World, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_default, "_make", lambda: agent_of(server, wire))


@pytest.mark.usefixtures("from_environment")
async def test_a_manager_and_then_finance_agree_to_a_payment(
    manager: signoff.Client, finance: signoff.Client
) -> None:
    paying = asyncio.create_task(pay("inv-1", 900))
    first = await answers(manager, "approved")
    assert first["state"] == "open"
    assert first["assignees"] == ["role:finance"]
    await answers(finance, "approved")

    assert await paying is True


@pytest.mark.usefixtures("from_environment")
async def test_finance_is_not_asked_once_the_manager_refuses(
    manager: signoff.Client, finance: signoff.Client
) -> None:
    paying = asyncio.create_task(pay("inv-2", 900))
    await answers(manager, "rejected")

    assert await paying is False
    assert await finance.tasks(mine=True) == []


@pytest.mark.usefixtures("from_environment")
@pytest.mark.parametrize(("amount", "people"), [(900, 1), (20_000, 3)])
async def test_a_stage_is_asked_only_where_its_condition_holds(
    server: World, manager: signoff.Client, finance: signoff.Client, amount: int, people: int
) -> None:
    await server.post("admin", "/v1/people", {"email": "fin@acme.test", "roles": ["finance"]})
    made = await server.post("admin", "/v1/keys", {"kind": "person", "person": "fin@acme.test"})
    server.keys["second of finance"] = made.json()["key"]
    second = person_of(server, "second of finance")
    paying = asyncio.create_task(pay_with_care("inv-3", amount))
    for person in (manager, finance, second)[:people]:
        await answers(person, "approved")

    assert await paying == [MANAGER, COLLEAGUE, "fin@acme.test"][:people]


async def test_a_decision_knows_everybody_who_answered_and_in_which_stage(
    agent: signoff.Client, manager: signoff.Client, finance: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(chain=["role:manager", "role:finance"]))
    await answers(manager, "approved")
    await answers(finance, "rejected", comment="no budget")
    decision = await asking

    assert not decision
    said = [(each.by, each.outcome, each.stage) for each in decision.answers]
    assert said == [(MANAGER, "approved", 0), (COLLEAGUE, "rejected", 1)]
    assert decision.answers[0].at.tzinfo is not None


async def test_the_same_answer_again_is_refused_as_such(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    stage = signoff.Stage(who=[MANAGER, COLLEAGUE], need=2)
    asking = asyncio.create_task(agent.approval(chain=[stage], timeout=30))
    task = await answers(manager, "approved")
    with pytest.raises(signoff.AlreadyAnswered):
        await manager.answer(task["id"], "approved")

    assert (await manager.get_task(task["id"]))["quorum"]["have"] == 1
    asking.cancel()


async def test_what_a_delegate_says_counts_in_the_place_of_the_owner(
    agent: signoff.Client, manager: signoff.Client, finance: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(assignee=MANAGER))
    task = await next_task(manager)
    handed = await manager.delegate(task["id"], COLLEAGUE, note="I am on a train")
    await answers(finance, "approved")
    decision = await asking

    (stand_in,) = handed["stand_ins"]
    assert (stand_in["owner"], stand_in["deputy"], stand_in["why"]) == (
        MANAGER, COLLEAGUE, "delegated",
    )  # fmt: skip
    assert [(said.by, said.for_) for said in decision.answers] == [(COLLEAGUE, MANAGER)]


async def test_an_administrator_asks_somebody_else_instead(
    agent: signoff.Client, manager: signoff.Client, operator: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(assignee=MANAGER))
    task = await next_task(manager)
    passed = await operator.reassign(task["id"], COLLEAGUE, reason="on leave")
    asking.cancel()

    assert passed["assignees"] == [COLLEAGUE]
    assert await manager.tasks(mine=True) == []


async def test_people_and_agents_talk_on_a_task(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(assignee=MANAGER))
    task = await next_task(manager)
    await manager.comment(task["id"], "Which parcel?")
    told = await agent.comment(task["id"], "Number 3.")
    asking.cancel()

    assert told["comments"] == 2
    said = await agent.comments(task["id"])
    assert [row["text"] for row in said] == ["Which parcel?", "Number 3."]
    assert said[0]["by"] == MANAGER


async def test_somebody_else_can_be_told_what_becomes_of_a_task(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(assignee=MANAGER, watchers=[COLLEAGUE]))
    task = await next_task(manager)
    watched = await agent.watch(task["id"], who=OPERATOR)
    left = await agent.unwatch(task["id"], who=COLLEAGUE)
    asking.cancel()

    assert task["watchers"] == [COLLEAGUE]
    assert sorted(watched["watchers"]) == sorted([COLLEAGUE, OPERATOR])
    assert left["watchers"] == [OPERATOR]


async def test_a_person_puts_reminders_off_and_takes_more_time(
    agent: signoff.Client, manager: signoff.Client, operator: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(assignee=MANAGER))
    task = await next_task(manager)
    snoozed = await manager.snooze(task["id"], timedelta(hours=30))
    extended = await operator.extend(task["id"], timedelta(hours=1), reason="public holiday")
    asking.cancel()

    assert snoozed["snoozed_until"] == "2026-11-25T15:00:00.000000Z"
    assert snoozed["due_at"] == task["due_at"] == "2026-11-27T09:00:00.000000Z"
    assert extended["due_at"] == "2026-11-27T10:00:00.000000Z"


async def test_an_agent_starts_the_clock_that_waits_for_it(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(assignee=MANAGER, pause=True))
    task = await next_task(manager)
    paused = await manager.pause(task["id"], reason="which parcel?")
    resumed = await agent.resume(task["id"], reason="the third")
    asking.cancel()

    assert paused["paused_at"] is not None
    assert resumed["paused_at"] is None


async def attempt(agent: signoff.Client, task: signoff.TaskDocument | None = None) -> None:
    """A run that is cut off while it waits, as by a crash."""
    async with agent.run("refund", key="refund-1") as run:
        if task is not None:
            await run.comment(task, "the third")
        await run.approval(assignee=MANAGER, title="Well?", timeout=0)


async def test_a_run_says_something_once_however_often_it_is_replayed(
    agent: signoff.Client,
) -> None:
    with pytest.raises(signoff.StillWaiting):
        await attempt(agent)
    (task,) = await agent.tasks()

    for _ in range(2):
        with pytest.raises(signoff.StillWaiting):
            await attempt(agent, task)

    assert [row["text"] for row in await agent.comments(task["id"])] == ["the third"]


async def test_an_explanation_says_who_may_answer_and_what_happens_when(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    asking = asyncio.create_task(agent.approval(chain=["role:manager", "role:finance"]))
    task = await next_task(manager)
    found = await agent.explain(task["id"])
    asking.cancel()

    assert (found["task_id"], found["stage"]) == (task["id"], 0)
    assert [row["person"] for row in found["may_answer"]] == [MANAGER]
    assert found["may_answer"][0]["why"]
    assert found["ladder"][-1]["at"] == task["due_at"]


async def test_a_preview_stores_nothing(server: World, agent: signoff.Client) -> None:
    before = server.stored()
    found = await agent.preview(
        chain=["role:manager", signoff.Stage(who="role:finance", when="payload.amount > 10")],
        payload={"amount": 20},
        at="2026-11-27T16:00:00Z",
    )

    assert found["task_id"] is None
    assert [row["applies"] for row in found["chain"]] == [True, True]
    assert found["at"].startswith("2026-11-27T16:00:00")
    assert server.stored() == before


async def test_a_preview_of_what_would_be_refused_is_refused(agent: signoff.Client) -> None:
    with pytest.raises(signoff.SignoffError) as caught:
        await agent.preview(chain=[signoff.Stage(who="role:manager", need=2)])

    assert [error.field for error in caught.value.errors] == ["task.chain.0.need"]


async def test_plain_code_does_the_same(server: World, wire: Wire) -> None:
    client = signoff.SyncClient("http://signoff.test", server.keys["agent"], transport=Bridge(wire))
    task = await server.task(pause=True)
    await server.post("manager", f"/v1/tasks/{task['id']}/pause", {"reason": "which?"})

    def work() -> None:
        client.comment(task["id"], "the third")
        assert client.resume(task["id"])["paused_at"] is None
        assert [row["text"] for row in client.comments(task["id"])] == ["the third"]
        assert client.explain(task["id"])["task_id"] == task["id"]

    await asyncio.to_thread(work)
