"""When servers were alive and when none was, and what the database is for."""

from __future__ import annotations

from datetime import timedelta

from signoff.engine.ports import DatabaseUse, RecordedOutage
from signoff.storage.dedication import require_same
from signoff.storage.postgres.database import QUERIES, Connection, Database
from signoff.storage.postgres.failures import translated


class Outages:
    """The part of the store that knows when nobody was there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, *, threshold_seconds: float) -> RecordedOutage | None:
        """Servers that beat at once do so one after the other, so one of them sees the gap."""
        threshold = timedelta(seconds=threshold_seconds)
        with translated():
            async with self._database.connection() as connection, connection.transaction():
                await self._beat(connection, threshold)
        row = await self._database.row("outage_to_recover")
        return RecordedOutage(id=row[0], start=row[1], end=row[2]) if row else None

    async def finish_outage(self, outage_id: int) -> None:
        await self._database.write("finish_outage", outage_id, self._database.given_time())

    async def dedicate(self, use: DatabaseUse) -> None:
        """Say what the database is for.

        :raises Broken: it is for the other use.
        """
        await self._database.write("dedicate", use)
        (found,) = await self._database.rows("dedicated")
        require_same(DatabaseUse(found[0]), use)

    async def _beat(self, connection: Connection, threshold: timedelta) -> None:
        before = await connection.fetchval(QUERIES["last_beat"].sql)
        now = await connection.fetchval(QUERIES["beat"].sql, self._database.given_time())
        if before is not None and now - before > threshold:
            await connection.execute(QUERIES["record_outage"].sql, before, now)
