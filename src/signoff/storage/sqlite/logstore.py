"""The half of the embedded store that the log uses; each call goes to the thread it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from signoff.core.facts import Fact
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import (
    Anchored,
    Erasable,
    Hold,
    LogEntry,
    LogHead,
    LogKey,
    Rewrite,
    StoredFact,
    Tile,
    View,
)
from signoff.engine.ports import PasskeyRow
from signoff.storage.sqlite import entries, erasing, facts, holds, log, passkeys
from signoff.storage.sqlite.threaded import Threaded

MOST_BYTES = 512 * 2**20
"""How large a file is written anew while it is served: for about two seconds nobody can write."""

_PATIENCE = 5
_PAUSE_SECONDS = 0.2


class LogHalf(Threaded):
    """Facts, the log, and what can be erased beside it."""

    async def record(self, new: Sequence[Fact], views: Sequence[View] = ()) -> None:
        if new or views:
            await self._writer.run(facts.record, new, views)

    # sequencing and integration

    async def open_log(
        self, head: LogHead, key: LogKey, facts: Sequence[Fact]
    ) -> tuple[LogHead, bool]:
        return await self._writer.run(log.open_log, head, key, facts)

    async def log_head(self, workspace: WorkspaceId) -> LogHead | None:
        return await self._readers.run(log.head, workspace)

    async def count_unlogged(self, workspace: WorkspaceId) -> int:
        return await self._readers.run(log.count_unlogged, workspace)

    async def sequence(self, *, limit: int) -> Sequence[WorkspaceId]:
        """Whatever is written has its place already: there is nothing to give."""
        return await self._readers.run(log.behind)

    async def log_leaves(self, workspace: WorkspaceId, start: int, *, limit: int) -> Sequence[str]:
        return await self._readers.run(entries.leaves, workspace, start, limit=limit)

    async def log_tiles(
        self, workspace: WorkspaceId, tiles: Sequence[Tile]
    ) -> Mapping[Tile, bytes]:
        return await self._readers.run(log.tiles, workspace, tiles)

    async def publish(
        self,
        workspace: WorkspaceId,
        *,
        expected: int,
        size: int,
        checkpoint: str,
        tiles: Mapping[Tile, bytes],
    ) -> bool:
        return await self._writer.run(
            log.publish,
            self._clock.now(),
            workspace,
            expected=expected,
            size=size,
            checkpoint=checkpoint,
            tiles=tiles,
        )

    # keys of the log

    async def log_keys(self, workspace: WorkspaceId) -> Sequence[LogKey]:
        return await self._readers.run(log.keys, workspace)

    async def add_log_key(self, key: LogKey, facts: Sequence[Fact]) -> bool:
        return await self._writer.run(log.add_key, key, facts)

    async def retire_log_key(
        self, workspace: WorkspaceId, generation: int, at: datetime, facts: Sequence[Fact]
    ) -> bool:
        return await self._writer.run(log.retire_key, workspace, generation, at, facts)

    # reading

    async def log_entries(
        self, workspace: WorkspaceId, start: int, *, limit: int
    ) -> Sequence[LogEntry]:
        return await self._readers.run(entries.entries, workspace, start, limit=limit)

    async def log_entries_of(
        self, workspace: WorkspaceId, intent_id: IntentId
    ) -> Sequence[LogEntry]:
        return await self._readers.run(entries.entries_of, workspace, intent_id)

    async def log_entries_named(
        self, workspace: WorkspaceId, facts: Sequence[str]
    ) -> Sequence[LogEntry]:
        return await self._readers.run(entries.entries_named, workspace, facts)

    async def passkey_fact(self, workspace: WorkspaceId, credential_id: str) -> str | None:
        return await self._readers.run(entries.passkey_fact, workspace, credential_id)

    async def log_span(
        self, workspace: WorkspaceId, since: datetime | None, until: datetime | None
    ) -> tuple[int, int]:
        return await self._readers.run(entries.span, workspace, since, until)

    # anchors and views

    async def add_anchor(self, anchored: Anchored) -> None:
        await self._writer.run(entries.add_anchor, anchored)

    async def anchors(
        self, workspace: WorkspaceId, *, up_to: int | None = None, limit: int = 100
    ) -> Sequence[Anchored]:
        return await self._readers.run(entries.anchors, workspace, up_to=up_to, limit=limit)

    async def first_viewed(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> datetime | None:
        return await self._readers.run(facts.first_viewed, workspace, task_id, person_id)

    # erasure

    async def rewrite(
        self,
        workspace: WorkspaceId,
        intent_id: IntentId,
        decide: Callable[[Erasable, datetime], Rewrite],
    ) -> Rewrite:
        return await self._writer.run(erasing.rewrite, self._clock, workspace, intent_id, decide)

    async def rewrite_person(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        decide: Callable[[Sequence[StoredFact], datetime], Rewrite],
    ) -> Rewrite:
        return await self._writer.run(
            erasing.rewrite_person, self._clock, workspace, person_id, decide
        )

    async def intents_of_subject(self, workspace: WorkspaceId, subject: str) -> Sequence[IntentId]:
        return await self._readers.run(erasing.intents_of_subject, workspace, subject)

    async def intents_naming(
        self, workspace: WorkspaceId, words: Sequence[str]
    ) -> Sequence[IntentId]:
        return await self._readers.run(erasing.intents_naming, workspace, words)

    async def intents_to_erase(
        self, workspace: WorkspaceId, retention_class: str, before: datetime, *, limit: int
    ) -> Sequence[IntentId]:
        return await self._readers.run(
            erasing.intents_to_erase, workspace, retention_class, before, limit=limit
        )

    async def scrub(self) -> bool:
        """Write the file anew, and empty the write-ahead log as soon as no reader needs it.

        Of a large file only the write-ahead log is emptied: writers would wait for too long.
        ``signoff db scrub`` does the rest at a quiet hour.
        """
        anew = await self._writer.alone(erasing.write_anew, most_bytes=MOST_BYTES)
        for _ in range(_PATIENCE):
            if await self._writer.alone(erasing.empty_journal):
                return anew
            await asyncio.sleep(_PAUSE_SECONDS)
        return False

    async def place_hold(self, hold: Hold, facts: Sequence[Fact]) -> None:
        await self._writer.run(holds.place, hold, facts)

    async def lift_hold(
        self, workspace: WorkspaceId, hold_id: str, at: datetime, facts: Sequence[Fact]
    ) -> bool:
        return await self._writer.run(holds.lift, workspace, hold_id, at, facts)

    async def holds(self, workspace: WorkspaceId) -> Sequence[Hold]:
        return await self._readers.run(holds.holds, workspace)

    # passkeys

    async def passkey(self, workspace: WorkspaceId, credential_id: str) -> PasskeyRow | None:
        return await self._readers.run(passkeys.by_id, workspace, credential_id)

    async def add_passkey(self, row: PasskeyRow, facts: Sequence[Fact]) -> None:
        await self._writer.run(passkeys.add, row, facts)

    async def passkeys(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[PasskeyRow]:
        return await self._readers.run(passkeys.of_person, workspace, person_id)

    async def used_passkey(
        self, workspace: WorkspaceId, credential_id: str, sign_count: int
    ) -> bool:
        return await self._writer.run(passkeys.used, workspace, credential_id, sign_count)

    async def remove_passkey(
        self, workspace: WorkspaceId, credential_id: str, facts: Sequence[Fact]
    ) -> bool:
        return await self._writer.run(passkeys.remove, workspace, credential_id, facts)
