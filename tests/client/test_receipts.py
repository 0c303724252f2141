"""The receipt of a decision, taken by the agent itself."""

from __future__ import annotations

from pathlib import Path

import pytest

import signoff
from signoff.audit.command import VERIFIED, main
from signoff.errors import IllegalMove, NotFound
from tests.client.people import answers
from tests.server.world import MANAGER


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
