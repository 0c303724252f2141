"""The log of each workspace: places for what is committed, tiles, the checkpoint, and its keys.

Commit order. A position is given as a row is written, and rows become visible as they are
committed, so a lower position may become visible after a higher one. A sequencer holds the head
of the log while it takes what it sees: everything it takes was committed before everything that a
later one takes, and what it does not see yet simply comes later. Nothing waits for a transaction
that may never end. Of one intent, events are committed one batch after the other, because batches
lock it: their order in the log is that of their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from signoff.core.facts import Fact
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import LogHead, LogKey, Tile, View
from signoff.storage.facts import fact_records
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import QUERIES, Connection, Database, Row, add_facts
from signoff.storage.postgres.directories import columns
from signoff.storage.postgres.failures import translated


class Logs:
    """The part of the store that gives places and keeps checkpoints."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, facts: Sequence[Fact], views: Sequence[View] = ()) -> None:
        parts: dict[str, Sequence[object]] = {}
        if facts:
            parts["insert_facts"] = columns(fact_records(facts))
        if views:
            parts["insert_views"] = columns(sorted({_view_row(view) for view in views}))
        if not parts:
            return
        with translated():
            async with self._database.connection() as connection:
                await bundle.write(connection, parts)

    async def first_viewed(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> datetime | None:
        (row,) = await self._database.rows("first_viewed", workspace, task_id, person_id)
        found: datetime | None = row[0]
        return found

    async def open_log(
        self, head: LogHead, key: LogKey, facts: Sequence[Fact]
    ) -> tuple[LogHead, bool]:
        values = head.sequenced, head.size, head.checkpoint, head.published_at
        with translated():
            async with self._database.connection() as connection, connection.transaction():
                opened = QUERIES["open_log"].sql
                made = await connection.fetch(opened, head.workspace, head.origin, *values)
                if made:
                    await connection.execute(QUERIES["insert_log_key"].sql, *_key_row(key))
                    await add_facts(connection, facts)
        found = await self.log_head(head.workspace)
        assert found is not None
        return found, bool(made)

    async def log_head(self, workspace: WorkspaceId) -> LogHead | None:
        row = await self._database.row("log_head", workspace)
        return _head(row) if row else None

    async def count_unlogged(self, workspace: WorkspaceId) -> int:
        (row,) = await self._database.rows("count_unlogged", workspace)
        found: int = row[0]
        return found

    async def sequence(self, *, limit: int) -> Sequence[WorkspaceId]:
        """To each workspace a share, then to whoever has more; one transaction for each."""
        waiting = [row[0] for row in await self._database.rows("logs_to_sequence", limit)]
        while waiting and limit > 0:
            share = max(1, limit // len(waiting))
            more = []
            for workspace in waiting:
                given = await self._sequence(workspace, limit=min(share, limit))
                limit -= given
                if given == share:
                    more.append(workspace)
            waiting = more
        return [WorkspaceId(row[0]) for row in await self._database.rows("logs_behind")]

    async def log_tiles(
        self, workspace: WorkspaceId, tiles: Sequence[Tile]
    ) -> Mapping[Tile, bytes]:
        if not tiles:
            return {}
        rows = await self._database.rows("log_tiles", workspace, *columns(tiles))
        return {(level, n): hashes for level, n, hashes in rows}

    async def publish(
        self,
        workspace: WorkspaceId,
        *,
        expected: int,
        size: int,
        checkpoint: str,
        tiles: Mapping[Tile, bytes],
    ) -> bool:
        """One statement: whoever comes second waits for the first, and then finds another size."""
        filled = sorted((level, n, hashes) for (level, n), hashes in tiles.items())
        moved = await self._database.write(
            "publish",
            *(workspace, expected, size, checkpoint, self._database.given_time()),
            *(columns(filled) if filled else ((), (), ())),
        )
        return bool(moved)

    async def log_keys(self, workspace: WorkspaceId) -> Sequence[LogKey]:
        return [_key(row) for row in await self._database.rows("log_keys", workspace)]

    async def add_log_key(self, key: LogKey, facts: Sequence[Fact]) -> bool:
        return bool(await self._database.write("insert_log_key", *_key_row(key), facts=facts))

    async def retire_log_key(
        self, workspace: WorkspaceId, generation: int, at: datetime, facts: Sequence[Fact]
    ) -> bool:
        named = workspace, generation
        return bool(await self._database.write("retire_log_key", *named, at, facts=facts))

    async def _sequence(self, workspace: WorkspaceId, *, limit: int) -> int:
        """How many places were given; none where another sequencer is at it."""
        with translated():
            async with self._database.connection() as connection, connection.transaction():
                return await _give_places(connection, workspace, limit=limit)


async def _give_places(connection: Connection, workspace: WorkspaceId, *, limit: int) -> int:
    """What is taken is seen by a statement of its own, so it is as new as the lock."""
    locked = await connection.fetchrow(QUERIES["lock_log"].sql, workspace)
    if locked is None:
        return 0
    given = await connection.fetch(QUERIES["sequence"].sql, workspace, limit, locked[0])
    if given:
        await connection.execute(QUERIES["advance_log"].sql, workspace, len(given))
    return len(given)


def _view_row(view: View) -> tuple[str, str, str, str, datetime]:
    return view.workspace, view.task_id, view.person_id, view.view_digest, view.at


def _head(row: Row) -> LogHead:
    workspace, origin, sequenced, size, checkpoint, published_at = row
    return LogHead(
        workspace=WorkspaceId(workspace),
        origin=origin,
        sequenced=sequenced,
        size=size,
        checkpoint=checkpoint,
        published_at=published_at,
    )


def _key_row(key: LogKey) -> tuple[object, ...]:
    return key.workspace, key.generation, key.secret, key.public, key.made_at, key.retired_at


def _key(row: Row) -> LogKey:
    workspace, generation, secret, public, made_at, retired_at = row
    return LogKey(
        workspace=WorkspaceId(workspace),
        generation=generation,
        secret=secret,
        public=public,
        made_at=made_at,
        retired_at=retired_at,
    )
