"""What is read of the log: leaves, entries with what can be opened of them, anchors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.log.ports import Anchored, LogEntry
from signoff.storage.erasing import read_names
from signoff.storage.postgres.database import Database, Row

_LAST = 2**63 - 1
_EVER_BEFORE = datetime.min.replace(tzinfo=UTC)
_EVER_AFTER = datetime.max.replace(tzinfo=UTC)


class Entries:
    """The part of the store that reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def log_leaves(self, workspace: WorkspaceId, start: int, *, limit: int) -> Sequence[str]:
        return [row[0] for row in await self._database.rows("log_leaves", workspace, start, limit)]

    async def log_entries(
        self, workspace: WorkspaceId, start: int, *, limit: int
    ) -> Sequence[LogEntry]:
        rows = await self._database.rows("log_entries", workspace, start, limit)
        return [_entry(row) for row in rows]

    async def log_entries_of(
        self, workspace: WorkspaceId, intent_id: IntentId
    ) -> Sequence[LogEntry]:
        rows = await self._database.rows("log_entries_of", workspace, intent_id)
        return [_entry(row) for row in rows]

    async def log_entries_named(
        self, workspace: WorkspaceId, facts: Sequence[str]
    ) -> Sequence[LogEntry]:
        ids = sorted(set(facts))
        rows = await self._database.rows("log_entries_named", workspace, ids)
        return [_entry(row) for row in rows]

    async def passkey_fact(self, workspace: WorkspaceId, credential_id: str) -> str | None:
        row = await self._database.row("passkey_fact", workspace, credential_id)
        found: str | None = row[0] if row else None
        return found

    async def log_span(
        self, workspace: WorkspaceId, since: datetime | None, until: datetime | None
    ) -> tuple[int, int]:
        moments = since or _EVER_BEFORE, until or _EVER_AFTER
        ((first, last),) = await self._database.rows("log_span", workspace, *moments)
        return (0, 0) if first is None else (first, last + 1)

    async def add_anchor(self, anchored: Anchored) -> None:
        await self._database.write(
            "insert_anchor",
            *(anchored.workspace, anchored.id, anchored.kind, anchored.name, anchored.size),
            *(anchored.checkpoint, anchored.at, anchored.evidence, anchored.detail),
        )

    async def anchors(
        self, workspace: WorkspaceId, *, up_to: int | None = None, limit: int = 100
    ) -> Sequence[Anchored]:
        most = _LAST if up_to is None else up_to
        rows = await self._database.rows("anchors", workspace, most, limit)
        return [_anchored(row) for row in rows]


def _entry(row: Row) -> LogEntry:
    index, source, seq, kind, leaf, data, salts, erased, actor, at, intent_id, task_id = row
    return LogEntry(
        index=index,
        source=source,
        seq=seq,
        type=kind,
        leaf=leaf,
        data=data,
        salts=salts,
        erased=read_names(erased),
        actor=actor,
        at=at,
        intent_id=intent_id,
        task_id=task_id,
    )


def _anchored(row: Row) -> Anchored:
    workspace, anchor_id, kind, name, size, checkpoint, at, evidence, detail = row
    return Anchored(
        workspace=WorkspaceId(workspace),
        id=anchor_id,
        kind=kind,
        name=name,
        size=size,
        checkpoint=checkpoint,
        at=at,
        evidence=evidence,
        detail=detail,
    )
