"""The receipt of a decision, taken by the agent itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import signoff
from signoff.audit.command import VERIFIED, main
from signoff.audit.verify import verify_receipt
from signoff.errors import IllegalMove, NotFound
from tests.client.people import answers
from tests.client.wire import BEFORE, Bridge, Wire
from tests.server.world import MANAGER, World


async def test_an_agent_takes_the_receipt_of_its_decision(
    agent: signoff.Client, manager: signoff.Client, tmp_path: Path
) -> None:
    intent = await agent.submit(
        "refund", task={"type": "approval", "title": "Refund?", "assignee": MANAGER}
    )
    (task,) = await agent.tasks(intent=intent["id"])
    with pytest.raises(IllegalMove):
        await agent.receipt(task["id"])
    await answers(manager, "approved")

    path = tmp_path / "receipt.tlog-proof"
    path.write_text(await agent.receipt(task["id"]), encoding="utf-8")

    assert main(["verify", str(path)]) == VERIFIED
    with pytest.raises(NotFound):
        await agent.receipt("task_" + "0" * 32)


async def test_plain_code_takes_it_too_and_asks_again_where_nothing_answers(
    server: World, agent: signoff.Client, manager: signoff.Client
) -> None:
    wire = Wire(server.app)
    bridge = Bridge(wire)
    intent = await agent.submit(
        "refund", task={"type": "approval", "title": "Refund?", "assignee": MANAGER}
    )
    (task,) = await agent.tasks(intent=intent["id"])
    await answers(manager, "approved")

    def plain() -> str:
        key = server.keys["agent"]
        with signoff.SyncClient("http://signoff.test", key, transport=bridge) as client:
            return client.receipt(task["id"])

    wire.faults = [BEFORE, 503]
    found = await asyncio.to_thread(plain)

    assert verify_receipt(found).verified
    assert wire.sent == [f"GET /v1/tasks/{task['id']}/receipt"] * 3
