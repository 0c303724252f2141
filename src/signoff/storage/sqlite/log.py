"""The log of each workspace: places for what is written, tiles, the checkpoint, and its keys.

There is one writer, so the order of writing is the order of the commits: whatever has a leaf gets
its place in the transaction that writes it, and there is nothing left to sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import WorkspaceId
from signoff.engine.log.ports import LogHead, LogKey, Tile
from signoff.engine.records import encode
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.placing import place_waiting
from signoff.storage.sqlite.values import maybe_moment, micros, moment


def open_log(
    connection: apsw.Connection, new: LogHead, key: LogKey, facts: Sequence[Fact]
) -> tuple[LogHead, bool]:
    """Begin a workspace's log, unless it has one."""
    values = new.workspace, new.origin, new.sequenced, new.size, new.checkpoint, new.published_at
    made = bool(write(connection, "open_log", [values]))
    if made:
        place_waiting(connection, new.workspace)
        write(connection, "insert_log_key", [_key_row(key)])
        add_facts(connection, facts)
    found = head(connection, new.workspace)
    assert found is not None
    return found, made


def head(connection: apsw.Connection, workspace: WorkspaceId) -> LogHead | None:
    """How far a workspace's log has come; None where it has not begun."""
    found = row(connection, "log_head", workspace=workspace)
    return None if found is None else _head(found)


def count_unlogged(connection: apsw.Connection, workspace: WorkspaceId) -> int:
    """How many events are older than the log."""
    (found,) = cast(tuple[int], row(connection, "count_unlogged", workspace=workspace))
    return found


def behind(connection: apsw.Connection) -> list[WorkspaceId]:
    """Workspaces whose published checkpoint is behind."""
    return [WorkspaceId(cast(str, name)) for (name,) in rows(connection, "logs_behind")]


def publish(
    connection: apsw.Connection,
    now: datetime,
    workspace: WorkspaceId,
    *,
    expected: int,
    size: int,
    checkpoint: str,
    tiles: Mapping[Tile, bytes],
) -> bool:
    """Move the checkpoint, with its tiles; False where somebody else has moved it."""
    moved = run(
        connection,
        "publish",
        workspace=workspace,
        expected=expected,
        size=size,
        checkpoint=checkpoint,
        now=micros(now),
    )
    if moved:
        filled = [(workspace, level, n, hashes) for (level, n), hashes in tiles.items()]
        write(connection, "set_tiles", filled)
    return bool(moved)


def tiles(
    connection: apsw.Connection, workspace: WorkspaceId, wanted: Sequence[Tile]
) -> dict[Tile, bytes]:
    """The hashes of tiles, as far as they are filled."""
    found = rows(connection, "log_tiles", workspace=workspace, refs=encode(wanted))
    return {(level, n): hashes for level, n, hashes in cast(list[tuple[int, int, bytes]], found)}


def keys(connection: apsw.Connection, workspace: WorkspaceId) -> list[LogKey]:
    """Every key of a workspace's log, oldest first."""
    return [_key(found) for found in rows(connection, "log_keys", workspace=workspace)]


def add_key(connection: apsw.Connection, key: LogKey, facts: Sequence[Fact]) -> bool:
    """Add a generation; False where it is there."""
    added = bool(write(connection, "insert_log_key", [_key_row(key)]))
    if added:
        add_facts(connection, facts)
    return added


def retire_key(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    generation: int,
    at: datetime,
    facts: Sequence[Fact],
) -> bool:
    """Let a key sign no more; False where there is none that does."""
    retired = run(
        connection, "retire_log_key", workspace=workspace, generation=generation, at=micros(at)
    )
    if retired:
        add_facts(connection, facts)
    return bool(retired)


def _head(found: Row) -> LogHead:
    workspace, origin, sequenced, size, checkpoint, published_at = cast(
        tuple[str, str, int, int, str | None, int | None], found
    )
    return LogHead(
        workspace=WorkspaceId(workspace),
        origin=origin,
        sequenced=sequenced,
        size=size,
        checkpoint=checkpoint,
        published_at=maybe_moment(published_at),
    )


def _key_row(key: LogKey) -> tuple[object, ...]:
    return key.workspace, key.generation, key.secret, key.public, key.made_at, key.retired_at


def _key(found: Row) -> LogKey:
    workspace, generation, secret, public, made_at, retired_at = cast(
        tuple[str, int, bytes, bytes, int, int | None], found
    )
    return LogKey(
        workspace=WorkspaceId(workspace),
        generation=generation,
        secret=secret,
        public=public,
        made_at=moment(made_at),
        retired_at=maybe_moment(retired_at),
    )
