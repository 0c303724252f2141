"""Overwriting on disk what erasing has left behind there: for an operator, at a quiet hour."""

from __future__ import annotations

import asyncio
from pathlib import Path

from signoff.storage.connect import is_postgres, sqlite_path
from signoff.storage.migrate import check, require_current, schema_of


async def scrub(database: str) -> str:
    """Write the database anew without what was erased; return sentences on what is left elsewhere.

    :param database: its address, as ``connect`` takes it.
    :raises StoreOutdated: it has another schema than this program knows.
    """
    state = await check(database)
    require_current(state.current, schema_of(database).migrations)
    if is_postgres(database):
        from signoff.storage.postgres import scrubbing

        return await scrubbing.scrub(database)
    return await asyncio.to_thread(_scrub_file, sqlite_path(database))


def _scrub_file(path: Path) -> str:
    from signoff.storage.sqlite.connection import mapped, writer
    from signoff.storage.sqlite.erasing import empty_journal, write_anew

    with mapped():
        connection = writer(path)
        try:
            done = write_anew(connection) and empty_journal(connection)
        finally:
            connection.close()
    said = (
        "Wrote the file anew: nothing erased is left in it, nor in its write-ahead log."
        if done
        else "Somebody else is using the file, so what was erased may be left in it or in its "
        "write-ahead log. Stop the server and run this again."
    )
    return (
        f"{said} Copies and backups from before now hold it as well, until you remove them; so may "
        "blocks of the disk that the file system has freed and not written over."
    )
