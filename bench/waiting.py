"""A database full of waiting intents, for measuring how a server starts on it."""

from __future__ import annotations

import asyncio

from uuid6 import uuid7

from signoff.app import running
from signoff.config import Settings
from signoff.core.asking import AskRequest
from signoff.core.commands import SubmitIntent
from signoff.core.routing import Actor
from signoff.core.words import JSON, ActorKind, IntentId, TaskId, WorkspaceId
from signoff.server.services import Services

_AT_ONCE = 512
_WORKSPACE = WorkspaceId("default/main")
_AGENT = "agent://default/main/bench"


async def fill(database: str, count: int) -> None:
    """Submit so many intents that wait for a person, straight through the door."""
    async with running(Settings(database=database)) as services:
        numbers = iter(range(count))

        async def work() -> None:
            for number in numbers:
                await _submit(services, number)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))


async def _submit(services: Services, number: int) -> None:
    fields: dict[str, JSON] = {
        "type": "approval",
        "title": f"Refund {number}?",
        "assignee": "role:approver",
        "action": {"name": "refund", "arguments": {"amount": number}},
    }
    command = SubmitIntent(
        actor=Actor(kind=ActorKind.AGENT, id=_AGENT, label=_AGENT),
        workspace=_WORKSPACE,
        intent_id=IntentId(f"int_{uuid7().hex}"),
        type="refund",
        title=f"Refund {number}",
        agent=_AGENT,
        payload={"number": number},
        task=AskRequest(id=TaskId(f"task_{uuid7().hex}"), fields=fields),
    )
    await services.door.execute(_WORKSPACE, command)
