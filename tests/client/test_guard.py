"""Guarded functions: what people saw and approved is what runs, or nothing does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

import signoff
from signoff.client import _default
from tests.client.people import answers, next_task
from tests.client.wire import Bridge, Wire
from tests.server.world import MANAGER, World

calls: list[tuple[object, ...]] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    calls.clear()


@pytest.fixture
async def at_home(server: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    """The environment's client is one of the server in this process."""
    wire = Wire(server.app)
    monkeypatch.setattr(
        _default,
        "_make",
        lambda: signoff.Client("http://x.test", server.keys["agent"], transport=wire),
    )
    yield wire
    assert not _default._by_loop


@signoff.requires_human(
    assignee=MANAGER,
    title="Refund {amount} {currency} to {customer}?",
    key="refund-{customer}",
    editable=("amount",),
    hidden=("database",),
)
async def refund(
    customer: str, amount: Decimal, currency: str = "EUR", *, database: object = None
) -> str:
    """Pay it back."""
    calls.append((customer, amount, currency, database))
    return f"{amount} {currency}"


async def test_people_see_the_arguments_and_then_it_runs(
    at_home: Wire, manager: signoff.Client
) -> None:
    database = object()
    paid = asyncio.create_task(refund("cus_1", Decimal("240.00"), database=database))
    task = await next_task(manager)
    assert task["title"] == "Refund 240.00 EUR to cus_1?"
    assert task["spec"]["action"]["name"] == "refund"
    assert task["spec"]["action"]["arguments"] == {
        "customer": "cus_1",
        "amount": "240.00",
        "currency": "EUR",
    }
    assert calls == []
    await manager.answer(task["id"], "approved")
    assert await paid == "240.00 EUR"
    assert calls == [("cus_1", Decimal("240.00"), "EUR", database)]


async def test_edited_arguments_are_what_runs(at_home: Wire, manager: signoff.Client) -> None:
    edited = {"customer": "cus_1", "amount": "100.00", "currency": "EUR"}
    said = answers(manager, "approved", data={"arguments": edited})
    paid, _ = await asyncio.gather(refund("cus_1", Decimal(240)), said)
    assert paid == "100.00 EUR"
    assert calls == [("cus_1", Decimal("100.00"), "EUR", None)]


@pytest.mark.parametrize(
    "edit",
    [
        {"customer": "cus_2", "amount": "240", "currency": "EUR"},
        {"customer": "cus_1", "amount": 240, "currency": "EUR"},
        {"customer": "cus_1", "amount": "240"},
        {"customer": "cus_1", "amount": "240", "currency": "EUR", "database": "x"},
    ],
)
async def test_nothing_else_may_be_edited(
    at_home: Wire, manager: signoff.Client, edit: dict[str, Any]
) -> None:
    paid = asyncio.create_task(refund("cus_1", Decimal(240)))
    task = await next_task(manager)
    with pytest.raises(signoff.SignoffError, match="edited arguments"):
        await manager.answer(task["id"], "approved", data={"arguments": edit})
    assert calls == []
    await manager.answer(task["id"], "rejected")
    with pytest.raises(signoff.Rejected):
        await paid


async def test_a_rejection_raises_and_nothing_runs(at_home: Wire, manager: signoff.Client) -> None:
    paid = asyncio.create_task(refund("cus_1", Decimal(240)))
    await answers(manager, "rejected", comment="too much")
    with pytest.raises(signoff.Rejected, match="too much") as caught:
        await paid
    assert caught.value.about["by"] == MANAGER
    assert calls == []


async def test_the_key_makes_a_second_call_the_same_question(
    at_home: Wire, manager: signoff.Client, agent: signoff.Client
) -> None:
    await asyncio.gather(refund("cus_1", Decimal(240)), answers(manager, "approved"))
    await refund("cus_1", Decimal(240))
    assert len(await agent.tasks()) == 1


async def test_what_was_approved_runs_though_the_caller_changed_it_meanwhile(
    at_home: Wire, manager: signoff.Client
) -> None:
    @signoff.requires_human(assignee=MANAGER)
    async def send(lines: list[str]) -> list[str]:
        return lines

    lines = ["approved"]
    sent = asyncio.create_task(send(lines))
    task = await next_task(manager)
    lines.append("smuggled")
    await manager.answer(task["id"], "approved")
    assert await sent == ["approved"]


async def test_in_a_run_the_question_and_the_call_belong_to_the_run(
    agent: signoff.Client, manager: signoff.Client
) -> None:
    async def work() -> str:
        async with agent.run("refund", key="r") as run:
            run.result = await refund("cus_1", Decimal(240))
        return str(run.result)

    paid, _ = await asyncio.gather(work(), answers(manager, "approved"))
    assert paid == "240 EUR" == await work()
    assert len(calls) == 1
    [intent] = await agent.intents()
    assert intent["type"] == "refund"
    assert intent["result"] == "240 EUR"


async def test_a_method_is_guarded_without_showing_its_object(
    at_home: Wire, manager: signoff.Client
) -> None:
    class Bank:
        @signoff.requires_human(assignee=MANAGER)
        async def pay(self, *amounts: int, **notes: str) -> tuple[int, dict[str, str]]:
            return sum(amounts), notes

    paid = asyncio.create_task(Bank().pay(1, 2, to="Ada"))
    task = await next_task(manager)
    assert task["spec"]["action"]["arguments"] == {"amounts": [1, 2], "notes": {"to": "Ada"}}
    await manager.answer(task["id"], "approved")
    assert await paid == (3, {"to": "Ada"})


async def test_a_plain_function_is_guarded_too(server: World, manager: signoff.Client) -> None:
    bridge = Bridge(Wire(server.app))
    client = signoff.SyncClient("http://x.test", server.keys["agent"], transport=bridge)

    @signoff.requires_human(assignee=MANAGER, editable=True, client=client)
    def pay(amount: int) -> int:
        return amount

    with client:
        ask = asyncio.to_thread(pay, 1)
        paid, _ = await asyncio.gather(
            ask, answers(manager, "approved", data={"arguments": {"amount": 2}})
        )
    assert paid == 2


async def test_the_wrong_kind_of_client_is_refused_at_once(
    server: World, agent: signoff.Client
) -> None:
    def plain() -> None: ...

    with pytest.raises(TypeError, match="SyncClient"):
        signoff.requires_human(assignee=MANAGER, client=agent)(plain)


def test_an_editable_argument_must_be_one() -> None:
    with pytest.raises(TypeError, match="'amuont'"):
        signoff.requires_human(assignee=MANAGER, editable=("amuont",))(lambda amount: None)


def test_a_guarded_function_keeps_its_name_and_words() -> None:
    assert (refund.__name__, refund.__doc__) == ("refund", "Pay it back.")


# The one line


async def test_the_one_line_asks_through_the_environment(
    at_home: Wire, manager: signoff.Client
) -> None:
    async def people() -> None:
        await answers(manager, "approved", title="Approval requested")
        await answers(manager, "answered", title="Why?", data={"answer": "Because."})

    one, other, _ = await asyncio.gather(
        signoff.wait_for_human(task="approval", assignee=MANAGER),
        signoff.wait_for_human(task="clarification", question="Why?", assignee=MANAGER),
        people(),
    )
    assert one
    assert other.answer == "Because."


async def test_the_one_line_closes_its_client_when_it_is_interrupted(at_home: Wire) -> None:
    ask = asyncio.create_task(signoff.wait_for_human(assignee=MANAGER))
    while not at_home.writes:
        await asyncio.sleep(0.01)
    ask.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ask


async def test_without_a_key_the_one_line_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SIGNOFF_KEY", raising=False)
    with pytest.raises(signoff.SignoffError, match="signoff keys create"):
        await signoff.wait_for_human(assignee=MANAGER)


@pytest.mark.parametrize("url", ["acme.test", "ftp://acme.test", "http://", "http://x:port"])
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(signoff.SignoffError, match="SIGNOFF_URL"):
        signoff.Client(url, "signoff_agent_x")
