"""Runs: killed anywhere and begun again, they go on where they were and do nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

import signoff
from signoff.errors import InvalidInput, NotFound
from tests.client.conftest import agent_of
from tests.client.people import answers, next_task
from tests.client.wire import AFTER, BEFORE, Bridge, Wire
from tests.server.world import MANAGER, World


class Killed(BaseException):
    """The process ends here."""


class Letter(BaseModel):
    text: str


@dataclass
class Paid:
    amount: int


class Shop:
    """Counts what is really done."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def draft(self, name: str) -> dict[str, str]:
        self.calls.append(f"draft {name}")
        return {"text": f"Dear {name}"}

    async def pay(self, amount: int) -> dict[str, int]:
        self.calls.append(f"pay {amount}")
        return {"paid": amount}

    def typed(self) -> Letter:
        self.calls.append("typed")
        return Letter(text="x")

    def unannotated(self):  # type: ignore[no-untyped-def]
        self.calls.append("unannotated")
        return Paid(3)


async def work(run: signoff.Run, shop: Shop, die: str = "") -> None:
    letter = await run.step("draft", shop.draft, "Ada")
    if die == "after draft":
        raise Killed
    if await run.approval(title="Pay?", assignee=MANAGER):
        if die == "after approval":
            raise Killed
        run.result = letter | await run.step("pay", shop.pay, 240)
    if die == "before the end":
        raise Killed


async def once(client: signoff.Client, shop: Shop, die: str = "") -> signoff.Run:
    async with client.run("refund", key="refund-1", payload={"id": 1}) as run:
        await work(run, shop, die)
    return run


async def test_a_run_does_its_steps_asks_and_completes(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    shop = Shop()
    run, _ = await asyncio.gather(once(agent, shop), answers(manager, "approved"))
    intent = await agent.get_intent(run.id)
    assert intent["status"] == "COMPLETED"
    assert intent["result"] == {"text": "Dear Ada", "paid": 240}
    assert shop.calls == ["draft Ada", "pay 240"]


@pytest.mark.parametrize("die", ["after draft", "after approval", "before the end"])
async def test_a_run_killed_anywhere_goes_on_where_it_was(
    server: World, agent: signoff.Client, manager: signoff.Client, die: str
) -> None:
    shop = Shop()

    async def dies_then_lives() -> signoff.Run:
        with pytest.raises(Killed):
            await once(agent, shop, die)
        async with agent_of(server, Wire(server.app)) as reborn:
            return await once(reborn, shop)

    run, _ = await asyncio.gather(dies_then_lives(), answers(manager, "approved"))
    assert shop.calls == ["draft Ada", "pay 240"]
    assert len(await agent.tasks()) == 1
    assert (await agent.get_intent(run.id))["status"] == "COMPLETED"


async def test_a_finished_run_is_replayed_and_writes_nothing(
    server: World, agent: signoff.Client, manager: signoff.Client, wire: Wire
) -> None:
    shop = Shop()
    first, _ = await asyncio.gather(once(agent, shop), answers(manager, "approved"))
    before, wire.sent = server.stored(), []
    again = await once(agent, shop)
    assert again.finished
    assert again.result == first.result == {"text": "Dear Ada", "paid": 240}
    assert shop.calls == ["draft Ada", "pay 240"]
    assert wire.writes == ["POST /v1/intents"]
    assert server.stored() == before


async def test_the_result_of_a_finished_run_is_there_without_running_it(
    agent: signoff.Client,
) -> None:
    calls = []

    async def body(run: signoff.Run) -> dict[str, int]:
        calls.append(run.id)
        return {"paid": 1}

    assert await agent.run_once("refund", body, key="r") == {"paid": 1}
    assert await agent.run_once("refund", body, key="r") == {"paid": 1}
    assert len(calls) == 1


async def test_a_finished_run_refuses_work_that_its_journal_lacks(agent: signoff.Client) -> None:
    async with agent.run("refund", key="r"):
        pass
    shop = Shop()
    with pytest.raises(signoff.JournalMismatch, match="'draft'"):
        async with agent.run("refund", key="r") as run:
            await run.step("draft", shop.draft, "Ada")
    with pytest.raises(signoff.JournalMismatch):
        async with agent.run("refund", key="r") as run:
            await run.approval(title="Pay?", assignee=MANAGER)
    assert shop.calls == []


async def test_the_same_key_with_another_payload_is_refused(agent: signoff.Client) -> None:
    async with agent.run("refund", key="r", payload={"amount": 1}):
        pass
    with pytest.raises(signoff.KeyReused):
        async with agent.run("refund", key="r", payload={"amount": 2}):
            pytest.fail("the run must not begin")


@pytest.mark.parametrize("fault", [BEFORE, AFTER, 503])
async def test_every_single_fault_is_got_over(
    agent: signoff.Client, manager: signoff.Client, wire: Wire, fault: str | int
) -> None:
    shop = Shop()
    wire.faults = [fault, "", fault, "", fault, "", fault]
    await asyncio.gather(once(agent, shop), answers(manager, "approved"))
    assert shop.calls == ["draft Ada", "pay 240"]
    assert len(await agent.intents()) == len(await agent.tasks()) == 1


# Steps


async def test_a_step_gives_the_same_in_the_first_run_and_in_a_replay(
    agent: signoff.Client,
) -> None:
    shop = Shop()
    seen: list[tuple[object, Letter, Paid]] = []
    for end in (Killed, Killed, None):
        try:
            async with agent.run("refund", key="r") as run:
                plain = await run.step("tuple", lambda: (1, "a"))
                typed = await run.step("typed", shop.typed)
                asked = await run.step("asked", shop.unannotated, returns=Paid)
                seen.append((plain, typed, asked))
                if end:
                    raise end
        except Killed:
            pass
    assert seen == [([1, "a"], Letter(text="x"), Paid(3))] * 3
    assert shop.calls == ["typed", "unannotated"]


async def test_names_used_again_are_numbered_the_same_way_every_time(
    agent: signoff.Client,
) -> None:
    async def count(numbers: list[int]) -> list[Any]:
        async with agent.run("refund", key="r") as run:
            return [await run.step("n", lambda n=n: n) for n in numbers]

    assert await count([1, 2, 3]) == [1, 2, 3]
    assert await count([7, 8, 9]) == [1, 2, 3]


@pytest.mark.parametrize("name", ["", " ", "draft#2"])
async def test_a_name_that_numbering_could_make_is_refused(
    agent: signoff.Client, name: str
) -> None:
    with pytest.raises(InvalidInput):
        async with agent.run("refund", key="r") as run:
            await run.step(name, lambda: 1)


async def test_a_recorded_value_is_the_first_one(agent: signoff.Client) -> None:
    for value in (1, 2):
        with pytest.raises(Killed):  # noqa: PT012
            async with agent.run("refund", key="r") as run:
                assert await run.record("dice", value) == 1
                raise Killed


async def test_a_journal_of_other_code_is_told_apart_and_left_alone(agent: signoff.Client) -> None:
    with pytest.raises(Killed):  # noqa: PT012
        async with agent.run("refund", key="r") as run:
            await run.record("x", 1)
            raise Killed
    with pytest.raises(signoff.JournalMismatch, match="a record in the journal"):
        async with agent.run("refund", key="r") as run:
            await run.step("x", lambda: 1)
    assert (await agent.get_intent(run.id))["status"] == "IN_PROGRESS"


async def test_of_two_processes_in_one_run_the_first_to_record_counts(
    server: World, agent: signoff.Client
) -> None:
    async with (
        agent_of(server, Wire(server.app)) as twin,
        agent.run("refund", key="r") as run,
        twin.run("refund", key="r") as other,
    ):
        assert await other.step("x", lambda: "theirs") == "theirs"
        assert await run.step("x", lambda: "ours") == "theirs"
        run.result = other.result = "done"


# Sleeping


async def test_a_run_sleeps_durably(server: World, agent: signoff.Client) -> None:
    async def sleeper() -> signoff.Run:
        async with agent.run("refund", key="r") as run:
            await run.sleep("cool-down", timedelta(hours=2))
        return run

    first = asyncio.create_task(sleeper())
    while not [i for i in await agent.intents() if i["waiting_reason"] == "WAITING_FOR_TIME"]:
        await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(sleeper())
    await asyncio.sleep(0.05)
    assert not second.done()
    server.clock.advance(timedelta(hours=2))
    run = await second
    assert (await agent.get_intent(run.id))["status"] == "COMPLETED"
    await sleeper()


async def test_an_intent_canceled_while_its_run_sleeps_ends_the_run(agent: signoff.Client) -> None:
    async def sleeper() -> None:
        async with agent.run("refund", key="r") as run:
            await run.sleep("cool-down", "2h")

    sleeping = asyncio.create_task(sleeper())
    while not (intents := await agent.intents(status="WAITING")):
        await asyncio.sleep(0.01)
    await agent.cancel(intents[0]["id"])
    with pytest.raises(signoff.IntentClosed):
        await sleeping


# Tasks in a run


async def test_waits_in_one_run_go_on_in_parallel(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    async def ask() -> list[bool]:
        async with agent.run("refund", key="r") as run:
            asks = (run.approval(title=f"Pay {n}?", assignee=MANAGER) for n in range(3))
            return [bool(each) for each in await asyncio.gather(*asks)]

    async def people() -> None:
        for n, outcome in ((2, "approved"), (0, "rejected"), (1, "approved")):
            await answers(manager, outcome, title=f"Pay {n}?")

    found, _ = await asyncio.gather(ask(), people())
    assert found == [False, True, True]
    assert await ask() == found


async def test_the_same_question_twice_is_two_tasks_in_every_run(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    async def ask() -> list[str | None]:
        async with agent.run("refund", key="r") as run:
            return [
                (await run.clarification(question="And?", assignee=MANAGER)).answer
                for _ in range(2)
            ]

    async def people() -> None:
        for word in ("one", "two"):
            await answers(manager, "answered", data={"answer": word})

    found, _ = await asyncio.gather(ask(), people())
    assert found == ["one", "two"] == await ask()


async def test_payload_and_custody_are_of_the_run_not_of_its_tasks(agent: signoff.Client) -> None:
    given: list[dict[str, Any]] = [{"payload": {}}, {"custody": {}}, {"provenance": {}}]
    async with agent.run("refund", key="r") as run:
        for fields in given:
            with pytest.raises(TypeError, match="belongs to the run"):
                await run.approval(assignee=MANAGER, **fields)


async def test_a_run_says_what_produced_it_and_how_its_data_is_kept(agent: signoff.Client) -> None:
    custody = {"subject": "customer:cus_1", "categories": ["contact"], "retention_class": "hr"}
    async with agent.run(
        "refund", key="r", custody=custody, provenance={"agent_version": "2.1.0"}
    ) as run:
        intent = await agent.get_intent(run.id)

    assert intent["custody"] == custody
    assert intent["provenance"] is not None
    assert intent["provenance"]["agent_version"] == "2.1.0"


async def test_a_finished_run_replays_what_did_not_work_out_too(
    server: World, agent: signoff.Client, manager: signoff.Client
) -> None:
    async def expires() -> None:
        async with agent.run("refund", key="r") as run:
            await run.approval(title="Pay?", assignee=MANAGER, deadline="1h")

    first = asyncio.create_task(expires())
    await next_task(manager)
    server.clock.advance(timedelta(hours=1))
    with pytest.raises(signoff.TaskExpired):
        await first
    with pytest.raises(signoff.TaskExpired):
        await expires()


# How a run ends


async def ended(agent: signoff.Client, error: BaseException) -> tuple[str, str | None]:
    """How the intent of a run stands after this error left its block."""
    with pytest.raises(type(error)):
        async with agent.run("refund", key="r") as run:
            raise error
    intent = await agent.get_intent(run.id)
    return intent["status"], intent["ended_because"]


async def test_an_error_of_the_agents_code_fails_the_run(agent: signoff.Client) -> None:
    assert await ended(agent, ValueError("no such customer")) == (
        "FAILED",
        "ValueError: no such customer",
    )


@pytest.mark.parametrize(
    "error",
    [
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        signoff.Unreachable("away"),
        signoff.StillWaiting(),
        signoff.JournalMismatch(),
        ExceptionGroup("both", [ValueError(), signoff.Unreachable()]),
    ],
)
async def test_an_error_that_says_nothing_about_the_work_leaves_the_run(
    agent: signoff.Client, error: BaseException
) -> None:
    assert await ended(agent, error) == ("SUBMITTED", None)


async def test_a_run_that_was_canceled_says_so(agent: signoff.Client) -> None:
    shop = Shop()
    with pytest.raises(signoff.IntentClosed) as caught:  # noqa: PT012
        async with agent.run("refund", key="r") as run:
            await agent.cancel(run.id, reason="not wanted")
            await run.step("draft", shop.draft, "Ada")
    assert caught.value.about["status"] == "CANCELED"
    with pytest.raises(signoff.IntentClosed, match="not wanted"):
        async with agent.run("refund", key="r") as run:
            await run.step("pay", shop.pay, 1)
    assert shop.calls == ["draft Ada"]


async def test_a_result_that_came_too_late_is_not_lost_in_silence(agent: signoff.Client) -> None:
    with pytest.raises(signoff.IntentClosed):  # noqa: PT012
        async with agent.run("refund", key="r") as run:
            await agent.cancel(run.id)
            run.result = "done"
    with pytest.raises(signoff.IntentClosed):
        async with agent.run("refund", key="r") as run:
            run.result = "done"


@pytest.mark.parametrize("action", ["stop", "replace", "hand_over"])
async def test_a_run_that_asked_to_be_taken_over_ends_quietly(
    agent: signoff.Client, manager: signoff.Client, action: str
) -> None:
    async def asks() -> signoff.Run:
        async with agent.run("refund", key="r") as run:
            await run.override(reason="too hot for me", assignee=MANAGER)
            run.result = "the agent's own"
        return run

    data = {"action": action, "result": "the person's", "to": MANAGER}
    said = answers(manager, "overridden", data=data, comment="mine now")
    run, _ = await asyncio.gather(asks(), said)
    intent = await agent.get_intent(run.id)
    assert intent["result"] == ("the person's" if action == "replace" else None)
    await asks()


async def test_a_run_replaced_by_a_person_says_so_when_it_is_begun_again(
    server: World, agent: signoff.Client
) -> None:
    takeover = {"action": "replace", "result": "theirs", "justification": "frozen"}
    with pytest.raises(signoff.IntentClosed):  # noqa: PT012
        async with agent.run("refund", key="r") as run:
            await server.post("operator", f"/v1/intents/{run.id}/override", takeover)
            run.result = "ours"
    with pytest.raises(signoff.IntentClosed, match="took it over"):
        async with agent.run("refund", key="r") as run:
            await run.step("x", lambda: 1)
    assert (await agent.get_intent(run.id))["result"] == "theirs"


async def test_a_run_that_has_not_begun_has_no_intent(agent: signoff.Client) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        _ = agent.run("refund", key="r").id


async def test_plain_code_runs_the_same_way(server: World, manager: signoff.Client) -> None:
    shop, bridge = Shop(), Bridge(Wire(server.app))

    def plain(*, die: bool) -> Any:
        with signoff.SyncClient("http://x.test", server.keys["agent"], transport=bridge) as client:
            with client.run("refund", key="r") as run:
                letter = run.step("draft", shop.draft, "Ada")
                run.record("note", 1)
                if die:
                    raise Killed
                assert run.approval(title="Pay?", assignee=MANAGER)
                run.result = letter
            assert list(client.events(run.id))[-1]["type"] == "intent.completed"
            return client.run_once("refund", lambda run: pytest.fail("again"), key="r")

    with pytest.raises(Killed):
        await asyncio.to_thread(plain, die=True)
    ask = asyncio.to_thread(plain, die=False)
    result, _ = await asyncio.gather(ask, answers(manager, "approved"))
    assert result == {"text": "Dear Ada"}
    assert shop.calls == ["draft Ada"]


async def test_a_plain_client_refuses_async_functions(server: World) -> None:
    shop, bridge = Shop(), Bridge(Wire(server.app))

    def plain() -> None:
        with (
            signoff.SyncClient("http://x.test", server.keys["agent"], transport=bridge) as client,
            client.run("refund", key="r") as run,
        ):
            run.step("pay", shop.pay, 1)  # type: ignore[unused-coroutine]

    with pytest.raises(TypeError, match="async"):
        await asyncio.to_thread(plain)


async def test_an_agent_cannot_see_another_agents_run(server: World, agent: signoff.Client) -> None:
    async with agent.run("refund", key="r") as run:
        pass
    other = signoff.Client("http://x.test", server.keys["other agent"], transport=Wire(server.app))
    async with other:
        with pytest.raises(NotFound):
            await other.get_intent(run.id)
