"""Me: whose key this is."""

from __future__ import annotations

from signoff.server import documents as d
from signoff.server import rendering
from signoff.server.api.operation import Call, NoQuery, Reply


async def read(call: Call[None, NoQuery]) -> Reply:
    """The kind of the key, and the agent or person it stands for."""
    caller = call.caller
    return Reply(
        document=d.Me(
            kind=caller.kind,
            workspace=caller.workspace,
            agent=caller.agent,
            person=rendering.person(caller.row) if caller.row else None,
        )
    )
