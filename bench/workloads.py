"""What is measured, each through the HTTP API as an agent or a person would use it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from bench.served import Served
from bench.wire import Answer, Wire, closing, drive, open_many

REFUND = {"name": "refund", "arguments": {"customer": "cus_123", "amount": 240, "currency": "EUR"}}


def ask(number: int) -> dict[str, Any]:
    """A refund that waits for an approver, with the default ladder."""
    return {
        "type": "refund",
        "title": f"Refund {number}",
        "payload": {"reference": f"R-{number}", "reason": "arrived broken " * 5},
        "task": {
            "type": "approval",
            "title": f"Refund 240 EUR for R-{number}?",
            "assignee": "role:approver",
            "action": REFUND,
        },
    }


async def submit(served: Served, *, at_once: int, total: int) -> float:
    """Durable intents with a task, per second."""
    wires = await open_many(served.url, served.agent_key, at_once)
    with closing(wires):
        return await _rate(wires, total, lambda wire, n: wire.post("/v1/intents", ask(n)))


async def open_tasks(served: Served, count: int) -> list[str]:
    """Open so many tasks and return their ids."""
    ids: list[str] = []

    async def one(wire: Wire, number: int) -> Answer:
        answer = await wire.post("/v1/intents", ask(number))
        ids.append(answer.json()["task"]["id"])
        return answer

    wires = await open_many(served.url, served.agent_key, 64)
    with closing(wires):
        await drive(wires, count, one)
    return ids


async def answer(served: Served, *, at_once: int, total: int) -> tuple[float, list[float]]:
    """Answers per second, and how long each took in seconds."""
    ids = await open_tasks(served, total)
    wires = await open_many(served.url, served.person_key, at_once)
    with closing(wires):
        began = time.perf_counter()
        seconds = await drive(wires, total, lambda wire, n: _approve(wire, ids[n]))
        return total / (time.perf_counter() - began), seconds


async def herd(served: Served, *, answers: int, clients: int) -> tuple[list[float], float]:
    """So many answers at once from all clients, each sending its share as fast as it is answered.

    :returns: the seconds each answer took, and the seconds until all of them were answered.
    """
    ids = await open_tasks(served, answers)
    wires = await open_many(served.url, served.person_key, clients)
    loop = asyncio.get_running_loop()
    seconds: list[float] = []

    async def client(wire: Wire, mine: Sequence[str]) -> None:
        for task_id in mine:
            sent = loop.time()
            assert (await _approve(wire, task_id)).status == 200
            seconds.append(loop.time() - sent)

    with closing(wires):
        began = loop.time()
        shares = [ids[number::clients] for number in range(clients)]
        await asyncio.gather(*(client(w, mine) for w, mine in zip(wires, shares, strict=True)))
        return seconds, loop.time() - began


async def wake(
    served: Served, *, waiters: int, decisions: int, per_second: int
) -> tuple[list[float], float, float]:
    """Seconds from sending a decision to its waiter's resuming; memory and CPU of the waiters.

    :returns: the seconds; bytes of server memory for each waiter; CPU share of the idle server.
    """
    ids = await open_tasks(served, waiters)
    before = served.memory
    wires = await open_many(served.url, served.agent_key, waiters)
    people = await open_many(served.url, served.person_key, 8)
    loop = asyncio.get_running_loop()
    sent: dict[str, float] = {}
    seconds: list[float] = []

    async def wait(wire: Wire, task_id: str) -> None:
        while True:
            told = await wire.get(f"/v1/tasks/{task_id}?wait=60")
            if told.json()["task"]["state"] == "concluded":
                seconds.append(loop.time() - sent[task_id])
                return

    with closing(wires, people):
        waiting = [asyncio.create_task(wait(w, i)) for w, i in zip(wires, ids, strict=True)]
        await asyncio.sleep(2)
        bytes_each = (served.memory - before) / waiters
        idle = await _idle_cpu(served, seconds=5)
        for number in range(decisions):
            task_id = ids[number]
            sent[task_id] = loop.time()
            told = await _approve(people[number % len(people)], task_id)
            assert told.status == 200
            await asyncio.sleep(max(0.0, 1 / per_second - (loop.time() - sent[task_id])))
        await asyncio.sleep(0.5)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert len(seconds) == decisions, f"{decisions - len(seconds)} waiters were not woken"
    return seconds, bytes_each, idle


async def _rate(wires: list[Wire], total: int, one: Any) -> float:
    began = time.perf_counter()
    await drive(wires, total, one)
    return total / (time.perf_counter() - began)


async def _approve(wire: Wire, task_id: str) -> Answer:
    return await wire.post(f"/v1/tasks/{task_id}/answer", {"outcome": "approved"})


async def _idle_cpu(served: Served, *, seconds: float) -> float:
    before = served.cpu_seconds()
    await asyncio.sleep(seconds)
    return (served.cpu_seconds() - before) / seconds
