"""The schema of a file: which version it has, and how it is brought to the one we know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import apsw

from signoff.engine.clock import SystemClock
from signoff.storage.migrate import Migration, migrations_in, refused
from signoff.storage.sqlite.connection import mapped, reader, writer
from signoff.storage.sqlite.values import micros

MIGRATIONS = migrations_in("signoff.storage.sqlite")


class SQLiteSchema:
    """Implements ``Schema`` for one file. Two starters queue for the file's write lock."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def migrations(self) -> Sequence[Migration]:
        return MIGRATIONS

    async def version(self) -> int:
        return await asyncio.to_thread(version_of, self._path)

    @asynccontextmanager
    async def upgrading(self) -> AsyncIterator[SQLiteUpgrade]:
        upgrade = SQLiteUpgrade(await asyncio.to_thread(self._lock))
        try:
            yield upgrade
            await asyncio.to_thread(upgrade.commit)
        finally:
            await asyncio.to_thread(upgrade.close)

    def _lock(self) -> apsw.Connection:
        with mapped():
            connection = writer(self._path, create=True)
            try:
                connection.execute("begin immediate")
            except BaseException:
                connection.close()
                raise
        return connection


class SQLiteUpgrade:
    """Implements ``Upgrade`` within one transaction: all that is missing is applied, or nothing."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    async def version(self) -> int:
        return await asyncio.to_thread(recorded, self._connection)

    async def apply(self, migration: Migration) -> None:
        await asyncio.to_thread(self._apply, migration)

    def commit(self) -> None:
        """Keep what was applied."""
        with mapped():
            self._connection.execute("commit")

    def close(self) -> None:
        """Let go of the lock; what was not committed never happened."""
        self._connection.close()

    def _apply(self, migration: Migration) -> None:
        with mapped():
            try:
                self._connection.execute(migration.sql)
            except apsw.ConstraintError as error:
                raise refused(migration, str(error)) from error
            self._connection.execute(
                "insert into schema_version (version, name, applied_at) values (?, ?, ?)",
                (migration.number, migration.name, micros(SystemClock().now())),
            )


def version_of(path: Path) -> int:
    """The version recorded in a file, 0 where there is no such file or no schema in it."""
    if not path.is_file():
        return 0
    with mapped():
        connection = reader(path)
        try:
            return recorded(connection)
        finally:
            connection.close()


def recorded(connection: apsw.Connection) -> int:
    """The version recorded, 0 where there is no schema."""
    known = "select 1 from sqlite_schema where name = 'schema_version'"
    if connection.execute(known).fetchone() is None:
        return 0
    found = connection.execute("select max(version) from schema_version").fetchall()
    return cast(int, found[0][0])


def dump(path: Path) -> str:
    """The schema that a file really has, as ``schema.sql`` states it."""
    connection = reader(path)
    try:
        found = connection.execute(
            "select sql from sqlite_schema where sql is not null and name not like 'sqlite_%' "
            "order by tbl_name, type = 'trigger', type = 'index', name"
        ).fetchall()
    finally:
        connection.close()
    return "".join(f"{sql};\n\n" for (sql,) in found)
