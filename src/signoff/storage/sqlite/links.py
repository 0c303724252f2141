"""Links to tasks, by the hash of their secret only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import cast

import apsw
import msgspec

from signoff.core.links import Link, LinkKind
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.records import encode
from signoff.storage.sqlite.connection import Row, rows, run, write
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import maybe_moment, micros, moment

REMEMBERED = timedelta(days=30)
"""For so long after its time a link still shows what became of its task."""


class LinkHalf(Threaded):
    """The part of the store that keeps links."""

    async def add_link(self, link: Link) -> None:
        await self._writer.run(_add, link, self._clock.now() - REMEMBERED)

    async def link(self, link_hash: str) -> Link | None:
        found = await self._readers.run(links_of, [link_hash])
        return found.get(link_hash)

    async def miss_link(self, link_hash: str) -> int:
        return await self._writer.run(_miss, link_hash)


def links_of(connection: apsw.Connection, hashes: Collection[str]) -> Mapping[str, Link]:
    """The links of these hashes, by hash."""
    if not hashes:
        return {}
    found = rows(connection, "load_links", refs=encode([[each] for each in sorted(hashes)]))
    return {link.hash: link for link in map(_link, found)}


def _add(connection: apsw.Connection, link: Link, before: datetime) -> None:
    run(connection, "forget_links", before=micros(before))
    write(connection, "insert_link", [_record(link)])


def _miss(connection: apsw.Connection, link_hash: str) -> int:
    found = rows(connection, "miss_link", hash=link_hash)
    return cast(int, found[0][0]) if found else 0


def _record(link: Link) -> tuple[object, ...]:
    return (
        *(link.hash, link.workspace, link.kind.value, link.person_id, link.task_id),
        *(link.notice_id, link.view_digest, encode(link.outcomes), link.expires_at),
        *(link.created_at, link.spent_at, link.code, link.wrong),
    )


def _link(found: Row) -> Link:
    link_hash, workspace, kind, person_id, task_id, notice_id, view_digest, outcomes = cast(
        tuple[str, ...], found[:8]
    )
    expires_at, created_at, spent_at, code, wrong = cast(
        tuple[int, int, int | None, str | None, int], found[8:]
    )
    return Link(
        hash=link_hash,
        workspace=WorkspaceId(workspace),
        kind=LinkKind(kind),
        person_id=PersonId(person_id),
        task_id=TaskId(task_id),
        notice_id=notice_id,
        view_digest=view_digest,
        outcomes=msgspec.json.decode(outcomes, type=tuple[str, ...]),
        expires_at=moment(expires_at),
        created_at=moment(created_at),
        spent_at=maybe_moment(spent_at),
        code=code,
        wrong=wrong,
    )
