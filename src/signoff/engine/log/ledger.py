"""The ledger: what the surfaces ask of the log, in one place. It writes facts, and no rules.

Reading the log is in the log: whoever takes a receipt or an export away is on record before the
first byte leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.audit.note import vkey
from signoff.audit.tree import HASH_SIZE
from signoff.core import facts as f
from signoff.core.facts import Fact, FactBody
from signoff.core.routing import Actor
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.log.cosigned import Enough, anybody
from signoff.engine.log.exporting import Export, Selection, export
from signoff.engine.log.forgetting import Forgetting, Forgotten, Wanted
from signoff.engine.log.keys import Seal, new_key
from signoff.engine.log.ports import Hold, LogHead, Tile
from signoff.engine.log.published import Published, Tiles, newest
from signoff.engine.log.receipts import receipt
from signoff.engine.log.sequencer import Sequencer
from signoff.engine.log.telling import new_fact
from signoff.engine.ports import Store
from signoff.errors import IllegalMove, NotFound, NotLoggedYet

_RECEIPT_SECONDS = 2.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOfLog:
    """A key of the log as others may see it; ``key`` is the verifier key."""

    generation: int
    key: str
    made_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a log stands.

    :param waiting: how many entries, in all workspaces, have no place yet.
    :param broken: why the log does not go on, where it does not.
    """

    head: LogHead
    waiting: int
    oldest_waiting: datetime | None
    broken: str | None


class Ledger:
    """The log of every workspace, for whoever has been let in already.

    :param enough: which cosignatures make a checkpoint better than a newer one.
    """

    def __init__(
        self, store: Store, sequencer: Sequencer, *, seal: Seal, enough: Enough = anybody
    ) -> None:
        self._store = store
        self._sequencer = sequencer
        self._seal = seal
        self._enough = enough

    @property
    def broken(self) -> Mapping[WorkspaceId, str]:
        """The workspaces whose log does not go on, each with the reason."""
        return self._sequencer.broken

    # what is published

    async def head(self, workspace: WorkspaceId) -> LogHead:
        """How far the log has come; one that is not open yet is opened now."""
        head = await self._store.log_head(workspace)
        if head is None:
            await self._sequencer.open_log(workspace)
            head = await self._store.log_head(workspace)
        if head is None:
            raise NotLoggedYet("the log of this workspace is not open yet; try again in a second")
        return head

    async def standing(self, workspace: WorkspaceId) -> Standing:
        """How the log stands."""
        head = await self.head(workspace)
        depths = await self._store.depths()
        return Standing(
            head=head,
            waiting=depths.unlogged,
            oldest_waiting=depths.oldest_unlogged,
            broken=self.broken.get(workspace),
        )

    async def checkpoint(self, workspace: WorkspaceId) -> Published:
        """The last checkpoint.

        :raises NotLoggedYet: nothing is published yet.
        """
        await self.head(workspace)
        return await newest(self._store, workspace)

    async def tile(self, workspace: WorkspaceId, tile: Tile, width: int) -> bytes:
        """So many hashes of a tile.

        :raises NotFound: the tree has no such tile, or it is not that long.
        """
        published = await self.checkpoint(workspace)
        found = (await self._store.log_tiles(workspace, [tile])).get(tile, b"")
        tiles = Tiles(self._store, workspace, published.size)
        if not tiles.has(tile) or width > tiles.width(tile) or len(found) < width * HASH_SIZE:
            raise NotFound("the log has no such tile, or it is not that long yet")
        return found[: width * HASH_SIZE]

    async def keys(self, workspace: WorkspaceId) -> Sequence[KeyOfLog]:
        """Every key the log has had, the oldest first."""
        head = await self.head(workspace)
        return [
            KeyOfLog(
                generation=key.generation,
                key=vkey(head.origin, key.public),
                made_at=key.made_at,
                retired_at=key.retired_at,
            )
            for key in await self._store.log_keys(workspace)
        ]

    # keys

    async def rotate(self, workspace: WorkspaceId, by: Actor) -> KeyOfLog:
        """Add a key; from now on both sign, until the older one is retired."""
        head = await self.head(workspace)
        now = await self._store.now()
        generation = max(key.generation for key in await self._store.log_keys(workspace)) + 1
        key = new_key(workspace, generation, now, self._seal)
        name = vkey(head.origin, key.public)
        said = await self._said(workspace, by, f.LogKeyAdded(generation=generation, key=name))
        if not await self._store.add_log_key(key, said):
            raise IllegalMove("somebody else has added a key in this moment; look at the keys")
        return KeyOfLog(generation=generation, key=name, made_at=now, retired_at=None)

    async def retire(self, workspace: WorkspaceId, generation: int, by: Actor) -> KeyOfLog:
        """Let a key sign no more.

        :raises NotFound: there is no such key.
        :raises IllegalMove: it signs no more already, or no other would be left.
        """
        keys = await self.keys(workspace)
        found = next((key for key in keys if key.generation == generation), None)
        if found is None:
            raise NotFound(f"the log has no key of generation {generation}")
        if found.retired_at is not None:
            raise IllegalMove(f"the key of generation {generation} signs no more already")
        if sum(key.retired_at is None for key in keys) == 1:
            raise IllegalMove("this is the only key that signs; add another one first")
        now = await self._store.now()
        body = f.LogKeyRetired(generation=generation, key=found.key)
        said = await self._said(workspace, by, body)
        if not await self._store.retire_log_key(workspace, generation, now, said):
            raise IllegalMove("somebody else has retired a key just now; look again")
        return KeyOfLog(generation=generation, key=found.key, made_at=found.made_at, retired_at=now)

    # reading

    async def receipt(self, workspace: WorkspaceId, task_id: TaskId, by: Actor) -> str:
        """The receipt of a task's decision, as a file; waits a moment for a fresh decision.

        :raises NotLoggedYet: the log is not that far.
        """
        await self.head(workspace)
        loop = asyncio.get_running_loop()
        until = loop.time() + _RECEIPT_SECONDS
        while True:
            try:
                found = await receipt(self._store, workspace, task_id, enough=self._enough)
                break
            except NotLoggedYet:
                if loop.time() > until:
                    raise
                self._sequencer.noted()
                await asyncio.sleep(_LOOK_SECONDS)
        intent_id = IntentId(str(found.about.leaf["intent"]))
        size = int(found.note.split("\n", 2)[1])
        body = f.ReceiptIssued(size=size)
        said = await self._said(workspace, by, body, intent_id=intent_id, task_id=task_id)
        await self._store.record(said)
        return found.encode()

    async def export(
        self, workspace: WorkspaceId, selection: Selection, by: Actor, *, form: str = "zip"
    ) -> Export:
        """Begin an export, of all that was committed when it was asked for; it is on record then.

        :raises NotFound: there is no such intent.
        :raises NotLoggedYet: nothing is published yet.
        """
        await self.head(workspace)
        await self._sequencer.flush()
        found = await export(self._store, workspace, selection, enough=self._enough)
        body = f.LogExported(
            format=form,
            size=found.published.size,
            first=found.start,
            count=found.chosen,
            since=selection.since,
            until=selection.until,
        )
        said = await self._said(workspace, by, body, intent_id=selection.intent_id)
        await self._store.record(said)
        return found

    # erasing

    async def erase(
        self, workspace: WorkspaceId, wanted: Wanted, by: Actor, *, dry_run: bool = False
    ) -> Forgotten:
        """Erase values for good; see ``Forgetting.forget``."""
        return await Forgetting(self._store, workspace, by).forget(wanted, dry_run=dry_run)

    async def place_hold(self, hold: Hold, by: Actor) -> None:
        """Let nothing that the hold covers be erased from now on."""
        about_intent = hold.scope == "intent"
        body = f.HoldPlaced(
            hold_id=hold.id,
            scope=hold.scope,
            retention_class=hold.target if hold.scope == "retention" else None,
            subject=hold.target if hold.scope == "subject" else None,
            reason=hold.reason,
        )
        intent_id = IntentId(hold.target) if about_intent else None
        said = await self._said(hold.workspace, by, body, intent_id=intent_id)
        await self._store.place_hold(hold, said)

    async def lift_hold(self, workspace: WorkspaceId, hold_id: str, reason: str, by: Actor) -> None:
        """:raises NotFound: no such hold stands."""
        said = await self._said(workspace, by, f.HoldLifted(hold_id=hold_id, reason=reason))
        if not await self._store.lift_hold(workspace, hold_id, await self._store.now(), said):
            raise NotFound(f"no hold {hold_id} stands in this workspace")

    async def _said(
        self,
        workspace: WorkspaceId,
        by: Actor,
        body: FactBody,
        *,
        intent_id: IntentId | None = None,
        task_id: TaskId | None = None,
    ) -> tuple[Fact, ...]:
        at = await self._store.now()
        return (new_fact(workspace, by, body, at=at, intent_id=intent_id, task_id=task_id),)
