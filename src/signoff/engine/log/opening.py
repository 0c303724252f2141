"""Opens the log of a workspace, once: its name, its first key, its first two entries."""

from __future__ import annotations

import secrets

from signoff.audit.note import vkey
from signoff.core import facts as f
from signoff.core.facts import FactBody
from signoff.core.routing import Actor
from signoff.core.words import ActorKind, WorkspaceId
from signoff.engine.log.keys import Seal, new_key
from signoff.engine.log.ports import LogHead
from signoff.engine.log.telling import new_fact
from signoff.engine.ports import Store

SIGNOFF = Actor(kind=ActorKind.CLOCK, id="signoff", label="Signoff")
"""Who does what the server does by itself."""

LOCAL = "signoff.local"


def new_prefix() -> str:
    """What an origin begins with where nobody has set it: a name that nobody else has."""
    return f"{secrets.token_hex(4)}.{LOCAL}"


async def open_log(store: Store, workspace: WorkspaceId, *, origin: str, seal: Seal) -> LogHead:
    """Begin the log of a workspace where it has none. Safe to call again, and from two at once.

    :param origin: what it is called before the workspace's own name; empty for a random one.
    """
    head = await store.log_head(workspace)
    if head is not None:
        return head
    now = await store.now()
    name = f"{origin or new_prefix()}/{workspace}"
    key = new_key(workspace, 1, now, seal)
    said: tuple[FactBody, ...] = (
        f.LogOpened(origin=name, earlier=await store.count_unlogged(workspace)),
        f.LogKeyAdded(generation=1, key=vkey(name, key.public)),
    )
    facts = [new_fact(workspace, SIGNOFF, body, at=now) for body in said]
    new = LogHead(workspace=workspace, origin=name)
    found, _ = await store.open_log(new, key, facts)
    return found
