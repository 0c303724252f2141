"""Waiting: a decision wakes its own waiters at once, without a query while nothing happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from signoff.engine.wakeups import Wakeups
from signoff.server.api import operation
from signoff.server.waiting import ClientGone, Patience
from tests.server.world import MANAGER, World, asking


async def until_waiting(world: World, count: int = 1) -> None:
    async with asyncio.timeout(5):
        while len(world.services.wakeups) < count:
            await asyncio.sleep(0.005)


async def test_an_agent_that_waits_is_woken_by_the_decision(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    waiting = asyncio.create_task(world.get("agent", f"{path}?wait=30"))
    await until_waiting(world)

    began = time.perf_counter()
    await world.post("manager", f"{path}/answer", {"outcome": "approved"})
    woken = await waiting

    assert woken.json()["task"]["decision"]["outcome"] == "approved"
    assert woken.json()["task"] == (await world.get("agent", path)).json()["task"]
    assert time.perf_counter() - began < 2
    assert len(world.services.wakeups) == 0


async def test_a_task_that_is_decided_is_not_waited_for(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    await world.post("manager", f"{path}/answer", {"outcome": "rejected"})

    async with asyncio.timeout(5):
        found = await world.get("agent", f"{path}?wait=60")

    assert found.json()["task"]["decision"]["outcome"] == "rejected"


async def test_whoever_waits_in_vain_gets_the_task_as_it_is(world: World) -> None:
    task = await world.task()

    found = await world.get("agent", f"/v1/tasks/{task['id']}?wait=0.05")

    assert found.status_code == 200
    assert found.json()["task"]["state"] == "open"


async def test_a_claim_does_not_end_the_wait_but_a_request_for_changes_does(world: World) -> None:
    fields = asking(type="review", content="v1", revisions=1)
    task = (await world.submitted(handled=True, task=fields))["task"]
    path = f"/v1/tasks/{task['id']}"
    waiting = asyncio.create_task(world.get("agent", f"{path}?wait=30"))
    await until_waiting(world)

    await world.post("manager", f"{path}/claim")
    await asyncio.sleep(0.05)
    assert not waiting.done()
    answer = {"outcome": "changes_requested", "comment": "shorter"}
    await world.post("manager", f"{path}/answer", answer)

    assert (await waiting).json()["task"]["awaiting_revision"] is True


async def test_a_wait_ends_when_the_task_expires(world: World) -> None:
    task = await world.task(deadline="1h")
    waiting = asyncio.create_task(world.get("agent", f"/v1/tasks/{task['id']}?wait=30"))
    await until_waiting(world)

    world.clock.advance(timedelta(hours=1))

    assert (await waiting).json()["task"]["state"] == "expired"


async def test_waiting_for_an_intent_ends_with_its_next_news(world: World) -> None:
    submitted = await world.submitted(task=asking(assignee=MANAGER))
    path = f"/v1/intents/{submitted['intent']['id']}"
    waiting = asyncio.create_task(world.get("agent", f"{path}?wait=30"))
    await until_waiting(world)

    await world.post("manager", f"/v1/tasks/{submitted['task']['id']}/claim")
    woken = (await waiting).json()

    assert woken["intent"]["seq"] == submitted["intent"]["seq"] + 1
    assert woken["tasks"][0]["state"] == "claimed"


async def test_news_since_a_number_are_not_waited_for(world: World) -> None:
    intent = (await world.submitted())["intent"]["id"]

    async with asyncio.timeout(5):
        found = await world.get("agent", f"/v1/intents/{intent}?wait=60&after=1")

    assert found.json()["intent"]["seq"] == 3


async def test_events_are_waited_for(world: World) -> None:
    submitted = await world.submitted()
    path = f"/v1/intents/{submitted['intent']['id']}/events?after=3&wait=30"
    waiting = asyncio.create_task(world.get("agent", path))
    await until_waiting(world)

    await world.post("manager", f"/v1/tasks/{submitted['task']['id']}/claim")

    assert [event["type"] for event in (await waiting).json()["events"]] == ["task.claimed"]


async def test_nothing_more_is_waited_for_once_the_intent_has_ended(world: World) -> None:
    submitted = await world.submitted()
    await world.post("agent", f"/v1/intents/{submitted['intent']['id']}/cancel")
    path = f"/v1/intents/{submitted['intent']['id']}"

    async with asyncio.timeout(5):
        events = await world.get("agent", f"{path}/events?after=100&wait=60")
        intent = await world.get("agent", f"{path}?after=100&wait=60")

    assert events.json()["events"] == []
    assert intent.json()["intent"]["status"] == "CANCELED"


async def test_a_key_revoked_during_the_wait_learns_nothing(world: World) -> None:
    order = {"kind": "agent", "agent": "refunds"}
    made = (await world.post("admin", "/v1/keys", order)).json()
    task = await world.task()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    waiting = asyncio.create_task(world.http.get(f"/v1/tasks/{task['id']}?wait=30", headers=bearer))
    await until_waiting(world)

    await world.send("admin", "DELETE", f"/v1/keys/{made['id']}")
    await world.post("manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"})

    assert (await waiting).status_code == 401


async def test_what_the_agent_has_read_need_not_be_told_again(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    await world.post("manager", f"{path}/answer", {"outcome": "approved"})
    assert (await world.services.store.depths()).resumes_due == 1

    await world.get("admin", path)
    await world.services.pickups.flush()
    assert (await world.services.store.depths()).resumes_due == 1
    await world.get("agent", path)
    await world.services.pickups.flush()

    assert (await world.services.store.depths()).resumes_due == 0


async def test_all_waiters_of_a_decision_are_answered_without_a_query(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    waiting = [asyncio.create_task(world.get("agent", f"{path}?wait=60")) for _ in range(300)]
    await until_waiting(world, 300)
    reads = 0
    find = world.services.store.task

    async def counted(*arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return await find(*arguments)

    monkeypatch.setattr(world.services.store, "task", counted)
    await world.post("manager", f"{path}/answer", {"outcome": "approved"})
    found = await asyncio.gather(*waiting)

    assert {each.json()["task"]["state"] for each in found} == {"concluded"}
    assert reads == 0


async def test_stopping_lets_every_waiter_go(world: World) -> None:
    task = await world.task()
    waiting = asyncio.create_task(world.get("agent", f"/v1/tasks/{task['id']}?wait=60"))
    await until_waiting(world)

    world.services.wakeups.close()

    async with asyncio.timeout(1):
        assert (await waiting).json()["task"]["state"] == "open"


async def test_a_client_that_hangs_up_is_not_waited_for() -> None:
    hung_up = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    wakeups = Wakeups()
    with wakeups.listen("int_1") as bell, Patience(receive, seconds=60) as patience:  # type: ignore[arg-type]
        asyncio.get_running_loop().call_later(0.02, hung_up.set)
        with pytest.raises(ClientGone):
            async with asyncio.timeout(5):
                await patience.ring(bell)


async def test_a_client_that_reads_nothing_of_its_stream_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(operation, "SEND_SECONDS", 0.01)
    closed = False

    async def chunks() -> AsyncGenerator[bytes, None]:
        nonlocal closed
        try:
            while True:
                yield b": still here\n\n"
        finally:
            closed = True

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    with pytest.raises(ClientGone):
        await operation.send_stream(operation.Stream(chunks=chunks()), send)

    assert closed
