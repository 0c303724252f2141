"""Getting rid of what PostgreSQL leaves behind of rows that were changed or deleted.

An update writes the row anew and leaves the old one where it was. ``vacuum`` gives that space back
to be written over some time; ``scrub`` writes every table anew and lets the old files go.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from signoff.storage.postgres.database import Connection, connect
from signoff.storage.postgres.failures import translated

TABLES = (
    "event",
    "fact",
    "intent",
    "task",
    "notice",
    "outbox",
    "person",
    "person_address",
    "person_token",
    "api_key",
    "passkey",
    "sign_in",
    "session",
)
"""Whatever an erasure changes rows of."""

SCRUB_SECONDS = 6 * 3600.0

_NOT_PERMITTED = asyncpg.InsufficientPrivilegeError


async def vacuum(connection: Connection) -> None:
    """Let the space of dead rows be used again; where that is not permitted, autovacuum will."""
    await connection.execute(f"vacuum (skip_locked) {', '.join(TABLES)}", timeout=SCRUB_SECONDS)


async def scrub(address: str) -> str:
    """Write every table with personal data anew, and say what is left elsewhere.

    Each table is locked while it is written, so that nothing else can be done meanwhile.

    :raises StoreUnavailable: the server does not answer, or does not let this role do it.
    """
    with translated():
        connection = await connect(address, command_seconds=SCRUB_SECONDS)
        try:
            await connection.execute("set lock_timeout = 0")
            for table in TABLES:
                await connection.execute(f"vacuum (full, freeze, analyze) {table}")
            said = await _after(connection)
        finally:
            await connection.close(timeout=10)
    return " ".join(said)


async def _after(connection: Connection) -> Sequence[str]:
    """Let the old files and segments go, as far as this role may; say what is left."""
    said = [f"Wrote {len(TABLES)} tables anew: nothing erased is left in their files."]
    if await _may(connection, "checkpoint"):
        said.append("The server has let go of the old files.")
    else:
        said.append(
            "This role may not run CHECKPOINT; the server lets go of the old files at its next one."
        )
    if await _may(connection, "select pg_switch_wal()"):
        said.append(
            "It writes a new segment of its write-ahead log; the older ones hold what was erased "
            "until they are written over or removed."
        )
    else:
        said.append(
            "This role may not run pg_switch_wal(): the write-ahead log holds what was erased "
            "until its segments are written over or removed."
        )
    said.append(
        "Archived segments, standbys and backups from before now hold it as well, until you remove "
        "them; so may blocks of the disk that the file system has freed and not written over."
    )
    return said


async def _may(connection: Connection, command: str) -> bool:
    try:
        await connection.execute(command)
    except _NOT_PERMITTED:
        return False
    return True
