"""How a PostgreSQL database comes by its schema; what has to be said of any is in ``migrate``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cached_property

import asyncpg

from signoff.errors import StoreUnavailable
from signoff.storage.migrate import Migration, migrations_in, refused
from signoff.storage.postgres.database import Connection, connect
from signoff.storage.postgres.failures import translated

MIGRATION_SECONDS = 3600.0
_LOCK = 0x5160F0FF
"""The advisory lock of whoever migrates, out of the way of those that keys are hashed to."""


class PostgresSchema:
    """The schema of one database, by the address of the database."""

    def __init__(self, address: str) -> None:
        self._address = address

    @cached_property
    def migrations(self) -> Sequence[Migration]:
        return migrations_in("signoff.storage.postgres")

    async def version(self) -> int:
        async with self._connection() as connection:
            return await recorded_version(connection)

    @asynccontextmanager
    async def upgrading(self) -> AsyncIterator[Upgrading]:
        async with self._connection() as connection:
            with translated():
                await connection.execute("set lock_timeout = 0")
                await connection.execute("select pg_advisory_lock($1)", _LOCK)
            yield Upgrading(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        connection = await connect(self._address, command_seconds=MIGRATION_SECONDS)
        try:
            yield connection
        finally:
            await connection.close(timeout=10)


class Upgrading:
    """One connection that holds the lock; it goes with the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def version(self) -> int:
        return await recorded_version(self._connection)

    async def apply(self, migration: Migration) -> None:
        with translated():
            try:
                async with self._connection.transaction():
                    await self._run(migration)
            except asyncpg.RaiseError as error:
                raise refused(migration, str(error)) from error
            except asyncpg.PostgresError as error:
                raise StoreUnavailable(
                    f"migration {migration.number}, {migration.name}, does not run here: {error}; "
                    "the database is as it was before it"
                ) from error

    async def _run(self, migration: Migration) -> None:
        await self._connection.execute(migration.sql)
        await self._connection.execute(
            "insert into schema_version (version, name) values ($1, $2)",
            migration.number,
            migration.name,
        )


async def recorded_version(connection: Connection) -> int:
    """The version the database says it has, 0 where it has no schema."""
    with translated():
        if await connection.fetchval("select to_regclass('schema_version')") is None:
            return 0
        found: int | None = await connection.fetchval("select max(version) from schema_version")
        return found or 0
