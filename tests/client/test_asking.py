"""Asking people through the real server: all eight types, keys, closings, lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

import signoff
from tests.client.conftest import agent_of
from tests.client.people import answers, next_task
from tests.client.wire import AFTER, BEFORE, Bridge, Wire
from tests.server.world import MANAGER, World

ACTION = {"name": "refund", "arguments": {"amount": "240", "currency": "EUR"}}


class NewBank(BaseModel):
    iban: str
    called_back: bool


EIGHT: list[tuple[str, dict[str, Any], str, dict[str, Any], Callable[[Any], bool]]] = [
    (
        "approval",
        {"action": ACTION, "editable": True},
        "approved",
        {"data": {"arguments": {"amount": "100", "currency": "EUR"}}},
        lambda d: isinstance(d, signoff.Approval) and d.edited and d.arguments["amount"] == "100",
    ),
    (
        "review",
        {"content": "Dear customer"},
        "approved",
        {},
        lambda d: isinstance(d, signoff.Review) and d.content == "Dear customer",
    ),
    (
        "confirmation",
        {"statement": "The wire has arrived.", "phrase": "240 EUR arrived"},
        "confirmed",
        {"data": {"phrase": "240 EUR arrived"}},
        lambda d: isinstance(d, signoff.Confirmation) and d.confirmed,
    ),
    (
        "assignment",
        {"candidates": ["group:fraud", MANAGER]},
        "assigned",
        {"data": {"assignee": "group:fraud"}},
        lambda d: isinstance(d, signoff.Assignment) and d.assignee == "group:fraud",
    ),
    (
        "form",
        {"answer": NewBank},
        "submitted",
        {"data": {"iban": "DE02", "called_back": True}},
        lambda d: isinstance(d, signoff.Form) and d.data == NewBank(iban="DE02", called_back=True),
    ),
    (
        "clarification",
        {"question": "Which currency?", "choices": ["EUR", "USD"]},
        "answered",
        {"data": {"answer": "USD"}},
        lambda d: isinstance(d, signoff.Clarification) and d.answer == "USD",
    ),
    (
        "manual_action",
        {"instructions": "Call them.", "checklist": ["called"], "evidence": "required"},
        "completed",
        {"data": {"done": ["called"]}, "evidence": ["https://acme.test/call/1"]},
        lambda d: isinstance(d, signoff.ManualAction) and d.done == ("called",),
    ),
    (
        "override",
        {"reason": "Somebody uses this account."},
        "overridden",
        {"data": {"action": "stop"}, "comment": "frozen"},
        lambda d: isinstance(d, signoff.Override) and d.action == "stop",
    ),
]


@pytest.mark.parametrize(("kind", "fields", "outcome", "said", "holds"), EIGHT)
async def test_each_type_comes_back_typed(
    agent: signoff.Client,
    manager: signoff.Client,
    kind: str,
    fields: dict[str, Any],
    outcome: str,
    said: dict[str, Any],
    holds: Callable[[Any], bool],
) -> None:
    ask = getattr(agent, kind)(assignee=MANAGER, **fields)
    decision, _ = await asyncio.gather(ask, answers(manager, outcome, **said))
    assert decision
    assert decision.by == MANAGER
    assert holds(decision)


@pytest.mark.parametrize(("kind", "fields", "outcome", "said", "holds"), EIGHT)
async def test_each_type_comes_back_typed_to_plain_code(
    server: World,
    manager: signoff.Client,
    kind: str,
    fields: dict[str, Any],
    outcome: str,
    said: dict[str, Any],
    holds: Callable[[Any], bool],
) -> None:
    bridge = Bridge(Wire(server.app))

    def ask() -> Any:
        with signoff.SyncClient("http://x.test", server.keys["agent"], transport=bridge) as client:
            return client.wait_for_human(task=kind, assignee=MANAGER, **fields)  # type: ignore[call-overload]

    if kind == "form":
        fields = {name: value for name, value in fields.items() if name != "answer"}
        fields["schema"] = NewBank.model_json_schema()
        decision, _ = await asyncio.gather(
            asyncio.to_thread(ask), answers(manager, outcome, **said)
        )
        assert decision.data == said["data"]
        return
    decision, _ = await asyncio.gather(asyncio.to_thread(ask), answers(manager, outcome, **said))
    assert holds(decision)


async def test_the_same_key_is_the_same_task_and_the_same_answer(
    server: World, agent: signoff.Client, manager: signoff.Client
) -> None:
    fields: dict[str, Any] = {"assignee": MANAGER, "title": "Pay?", "key": "refund-4721"}
    first, _ = await asyncio.gather(agent.approval(**fields), answers(manager, "approved"))
    async with agent_of(server, Wire(server.app)) as after_a_crash:
        again = await after_a_crash.approval(**fields)
    assert again == first
    assert len(await agent.tasks()) == 1


async def test_the_same_key_with_another_question_is_refused(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    ask = agent.approval(assignee=MANAGER, title="Pay 1?", key="refund-1")
    await asyncio.gather(ask, answers(manager, "approved"))
    with pytest.raises(signoff.KeyReused):
        await agent.approval(assignee=MANAGER, title="Pay 2?", key="refund-1")
    assert len(await agent.tasks()) == 1


@pytest.mark.parametrize("fault", [BEFORE, AFTER, 502, 503])
async def test_a_lost_request_or_answer_asks_nobody_twice(
    agent: signoff.Client, manager: signoff.Client, wire: Wire, fault: str | int
) -> None:
    wire.faults = [fault, fault]
    ask = agent.approval(assignee=MANAGER, title="Pay?")
    decision, _ = await asyncio.gather(ask, answers(manager, "rejected", comment="no"))
    assert not decision
    assert decision.comment == "no"
    assert len(await agent.tasks()) == 1


async def test_waiting_goes_on_after_the_line_broke(
    agent: signoff.Client, manager: signoff.Client, wire: Wire
) -> None:
    asked = asyncio.create_task(agent.approval(assignee=MANAGER, title="Pay?"))
    task = await next_task(manager)
    wire.faults = [BEFORE, 503, AFTER]
    await manager.answer(task["id"], "approved")
    assert await asked


async def test_a_timeout_leaves_the_task_open(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    with pytest.raises(signoff.StillWaiting) as caught:
        await agent.approval(assignee=MANAGER, title="Pay?", key="k", timeout=0.05)
    task = await next_task(manager)
    assert caught.value.task_id == task["id"]
    assert caught.value.intent_id == task["intent_id"]
    again = agent.approval(assignee=MANAGER, title="Pay?", key="k", timeout=timedelta(seconds=20))
    decision, _ = await asyncio.gather(again, answers(manager, "approved"))
    assert decision.task_id == task["id"]


async def test_a_task_that_expires_says_so(
    server: World, agent: signoff.Client, manager: signoff.Client
) -> None:
    ask = asyncio.create_task(agent.approval(assignee=MANAGER, title="Pay?", deadline="1h"))
    task = await next_task(manager)
    server.clock.advance(timedelta(hours=2))
    with pytest.raises(signoff.TaskExpired) as caught:
        await ask
    assert caught.value.about["task_id"] == task["id"]
    assert caught.value.about["intent_status"] == "FAILED"


async def test_a_task_that_is_withdrawn_says_so(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    ask = asyncio.create_task(agent.approval(assignee=MANAGER, title="Pay?"))
    await agent.withdraw((await next_task(manager))["id"], reason="paid already")
    with pytest.raises(signoff.TaskWithdrawn, match="paid already"):
        await ask


async def test_a_run_taken_over_says_so(
    server: World, agent: signoff.Client, manager: signoff.Client
) -> None:
    ask = asyncio.create_task(agent.approval(assignee=MANAGER, title="Pay?"))
    task = await next_task(manager)
    takeover = {"action": "stop", "justification": "the account is frozen"}
    await server.post("operator", f"/v1/intents/{task['intent_id']}/override", takeover)
    with pytest.raises(signoff.TaskOverridden, match="frozen"):
        await ask


async def test_a_review_is_revised_until_it_is_approved(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    async def revise(comment: str, content: str) -> str:
        return f"{content} {comment}"

    async def reads() -> None:
        for wish in ("please", "now"):
            await answers(manager, "changes_requested", comment=wish)
        await answers(manager, "approved")

    ask = agent.review(assignee=MANAGER, content="Pay", revise=revise)
    decision, _ = await asyncio.gather(ask, reads())
    assert decision
    assert decision.content == "Pay please now"
    assert decision.rounds == 2


async def test_only_so_many_revisions_are_made(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    async def reads() -> None:
        for _ in range(2):
            await answers(manager, "changes_requested", comment="again")

    ask = agent.review(assignee=MANAGER, content=1, revise=lambda _, n: n + 1, revisions=1)
    decision, _ = await asyncio.gather(ask, reads())
    assert not decision
    assert decision.changes_requested
    assert decision.content == 2


async def test_a_decision_that_was_made_while_the_agent_was_away_is_picked_up(
    server: World, agent: signoff.Client, manager: signoff.Client, wire: Wire
) -> None:
    fields: dict[str, Any] = {"assignee": MANAGER, "title": "Pay?", "key": "k"}
    with pytest.raises(signoff.StillWaiting):
        await agent.approval(**fields, timeout=0)
    task = await answers(manager, "approved")
    wire.sent.clear()
    await agent.approval(**fields)
    assert wire.sent == ["POST /v1/intents", f"GET /v1/tasks/{task['id']}"]


async def test_a_thousand_wait_at_once(agent: signoff.Client, manager: signoff.Client) -> None:
    asks = [
        asyncio.create_task(agent.approval(assignee=MANAGER, title=f"Pay {number}?"))
        for number in range(1000)
    ]
    while len(waiting := await manager.tasks(mine=True, limit=2000)) < 1000:
        await asyncio.sleep(0.05)
    await asyncio.gather(*(manager.answer(task["id"], "approved") for task in waiting))
    assert all(await asyncio.gather(*asks))


# The rest of the client


async def test_a_person_claims_releases_and_answers(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    ask = {"type": "approval", "title": "Pay?", "assignee": MANAGER}
    intent = await agent.submit("refund", payload={"amount": 1}, task=ask, key="k")
    [task] = await manager.tasks(mine=True)
    assert (await manager.claim(task["id"]))["claimed_by"] == MANAGER
    assert (await manager.release(task["id"]))["claimed_by"] is None
    with pytest.raises(signoff.SignoffError, match="rejekted"):
        await manager.answer(task["id"], "rejekted")
    await manager.answer(task["id"], "rejected", comment="no")
    with pytest.raises(signoff.AlreadyConcluded):
        await manager.answer(task["id"], "approved")
    assert not await agent.wait(task["id"])
    assert (await agent.get_intent(intent["id"]))["status"] == "COMPLETED"


async def test_an_intent_says_how_its_data_is_kept_and_a_task_what_an_answer_comes_with(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    ask = {"type": "approval", "title": "Pay?", "assignee": MANAGER, "credential": "session"}
    custody, provenance = {"subject": "customer:cus_1"}, {"purpose": "refund"}

    intent = await agent.submit("refund", task=ask, custody=custody, provenance=provenance)

    assert intent["custody"] == {**custody, "categories": [], "retention_class": None}
    assert intent["provenance"] is not None
    assert intent["provenance"]["purpose"] == "refund"
    [task] = await manager.tasks(mine=True)
    assert task["credential"] == "session"
    with pytest.raises(signoff.SignoffError, match="session"):
        await manager.answer(task["id"], "approved")  # a key is not a session


async def test_lists_go_over_their_pages(agent: signoff.Client) -> None:
    for number in range(5):
        await agent.submit("refund", title=f"{number}")
    found = await agent.intents(limit=3)
    assert [intent["title"] for intent in found] == ["4", "3", "2"]
    assert len(await agent.intents(status="SUBMITTED", limit=1000)) == 5


async def test_events_are_followed_to_the_end_without_a_gap(
    agent: signoff.Client, manager: signoff.Client, wire: Wire
) -> None:
    ask = {"type": "approval", "title": "Pay?", "assignee": MANAGER}
    intent = await agent.submit("refund", task=ask)

    async def follow() -> list[int]:
        return [event["seq"] async for event in agent.events(intent["id"])]

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.05)
    wire.faults = [AFTER, 503, BEFORE]
    await answers(manager, "approved")
    seen = await following
    last = await agent.get_intent(intent["id"])
    assert seen == list(range(1, last["seq"] + 1))
    late = [event["type"] async for event in agent.events(intent["id"], after=seen[-2])]
    assert late == ["intent.completed"]
    assert [event async for event in agent.events(intent["id"], after=seen[-1])] == []


async def test_events_so_far_end_where_they_end(agent: signoff.Client) -> None:
    intent = await agent.submit("refund")
    found = [event["type"] async for event in agent.events(intent["id"], follow=False)]
    assert found == ["intent.submitted"]


async def test_an_intent_is_canceled_with_its_reason(agent: signoff.Client) -> None:
    intent = await agent.submit("refund")
    canceled = await agent.cancel(intent["id"], reason="a mistake")
    assert (canceled["status"], canceled["ended_because"]) == ("CANCELED", "a mistake")


async def test_a_key_says_whose_it_is(agent: signoff.Client, manager: signoff.Client) -> None:
    assert (await agent.me())["agent"] == "agent://default/main/refunds"
    person = (await manager.me())["person"]
    assert person is not None
    assert person["email"] == MANAGER
