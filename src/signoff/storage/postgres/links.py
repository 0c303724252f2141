"""Links to tasks, by the hash of their secret only."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from signoff.core.links import Link, LinkKind
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.records import encode
from signoff.storage.postgres.database import Database, Row

REMEMBERED = timedelta(days=30)
"""For so long after its time a link still shows what became of its task."""


class Links:
    """The part of the store that keeps links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_link(self, link: Link) -> None:
        before = await self._database.now() - REMEMBERED
        await self._database.write("insert_link", *_values(link), before)

    async def link(self, link_hash: str) -> Link | None:
        row = await self._database.row("load_links", [link_hash])
        return None if row is None else read_link(row)

    async def miss_link(self, link_hash: str) -> int:
        rows = await self._database.write("miss_link", link_hash)
        return rows[0][0] if rows else 0


def _values(link: Link) -> tuple[object, ...]:
    return (
        *(link.hash, link.workspace, link.kind.value, link.person_id, link.task_id),
        *(link.notice_id, link.view_digest, encode(link.outcomes), link.expires_at),
        *(link.created_at, link.spent_at, link.code, link.wrong),
    )


def read_link(row: Row) -> Link:
    """The link of a row."""
    link_hash, workspace, kind, person_id, task_id, notice_id, view_digest, outcomes = row[:8]
    expires_at, created_at, spent_at, code, wrong = row[8:]
    return Link(
        hash=link_hash,
        workspace=WorkspaceId(workspace),
        kind=LinkKind(kind),
        person_id=PersonId(person_id),
        task_id=TaskId(task_id),
        notice_id=notice_id,
        view_digest=view_digest,
        outcomes=msgspec.json.decode(outcomes, type=tuple[str, ...]),
        expires_at=expires_at,
        created_at=created_at,
        spent_at=spent_at,
        code=code,
        wrong=wrong,
    )
