"""What the log is told in these tests, and its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from signoff.audit.note import Signer
from signoff.core.facts import Fact, FactBody, LogOpened, SignedIn
from signoff.core.routing import CLOCK, Actor
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.log.ports import LogEntry, LogHead, LogKey, Tile
from signoff.engine.ports import Store
from signoff.testing.clock import START
from signoff.testing.contract.world import HERE, MARIA, fresh

SIGNED_IN = SignedIn(person_id=MARIA.id, method="link", strength="link")


def told(
    body: FactBody = SIGNED_IN,
    *,
    workspace: WorkspaceId = HERE,
    actor: Actor = MARIA.actor,
    intent_id: IntentId | None = None,
    task_id: TaskId | None = None,
) -> Fact:
    """One thing that happened, of which nobody has been told yet."""
    return Fact(
        workspace=workspace,
        id=fresh("fact"),
        at=START,
        actor=actor,
        body=body,
        intent_id=intent_id,
        task_id=task_id,
    )


def head_of(workspace: WorkspaceId = HERE, origin: str = "log.test") -> LogHead:
    """A log that begins."""
    return LogHead(workspace=workspace, origin=f"{origin}/{workspace}")


def key_of(workspace: WorkspaceId = HERE, generation: int = 1) -> LogKey:
    """A key that anybody could make."""
    seed = bytes([generation]) * 32
    return LogKey(
        workspace=workspace,
        generation=generation,
        secret=seed,
        public=Signer(name=workspace, seed=seed).public,
        made_at=START,
    )


async def opened(store: Store, workspace: WorkspaceId = HERE) -> None:
    """Begin the log of a workspace."""
    began = LogOpened(origin="log.test", earlier=0)
    fact = told(began, workspace=workspace, actor=CLOCK)
    await store.open_log(head_of(workspace), key_of(workspace), [fact])


async def logged(
    store: Store, workspace: WorkspaceId = HERE, *, limit: int = 1_000
) -> Sequence[LogEntry]:
    """Every entry of a log, once all that is committed has its place."""
    await store.sequence(limit=limit)
    return await store.log_entries(workspace, 0, limit=1_000_000)


async def facts_in(store: Store, *facts: Fact) -> list[str]:
    """Which of the facts are in the log, by id, each as often as it is there."""
    ids = {fact.id for fact in facts}
    workspaces = sorted({fact.workspace for fact in facts})
    entries = [entry for each in workspaces for entry in await logged(store, each)]
    return sorted(entry.source for entry in entries if entry.source in ids)


async def publish(
    store: Store,
    expected: int,
    size: int,
    tiles: Mapping[Tile, bytes],
    *,
    workspace: WorkspaceId = HERE,
) -> bool:
    """Move a checkpoint that says no more than its size."""
    return await store.publish(
        workspace, expected=expected, size=size, checkpoint=f"size {size}", tiles=tiles
    )


async def filled(store: Store, size: int) -> None:
    """A log with so many entries."""
    await opened(store)
    await store.record([told() for _ in range(size - 1)])
    assert len(await logged(store)) == size
