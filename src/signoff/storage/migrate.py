"""Bring a database to the schema this program knows: forward only, one numbered file at a time.

A migration is ``NNNN_name.pre.sql`` or ``NNNN_name.post.sql`` in a dialect's ``migrations``.
*pre* may run while the program before it still serves; *post* only once none of it does.

Each dialect implements ``Schema`` in its ``schema.py`` (``SQLiteSchema``, ``PostgresSchema``);
what has to be said once is here: the order, what is missing, what is too new. ``upgrading`` is
where two starters at once are kept apart: an immediate lock on the file, an advisory lock on the
server. ``apply`` runs one file and records it, both in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Protocol

from signoff.errors import StoreOutdated
from signoff.storage.connect import is_postgres, sqlite_path

_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.(?P<phase>pre|post)\.sql")


class Phase(StrEnum):
    """When a migration may run, seen from a deployment."""

    PRE = "pre"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file: ``number`` is the schema version it leads to."""

    number: int
    name: str
    phase: Phase
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """Which version there was, 0 where there was none, and which there is now."""

    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """Which version the database has, 0 where it has none, and which this program wants."""

    current: int
    wanted: int


class Upgrade(Protocol):
    """A database that nobody else is migrating."""

    async def version(self) -> int:
        """The version recorded, 0 where the database is empty."""
        ...

    async def apply(self, migration: Migration) -> None:
        """Run the file and record its number and name in ``schema_version``, or neither."""
        ...


class Schema(Protocol):
    """The schema of one database, as its dialect keeps it."""

    @property
    def migrations(self) -> Sequence[Migration]:
        """Every migration this program knows, in order."""
        ...

    async def version(self) -> int:
        """The version recorded, 0 where there is none; creates nothing."""
        ...

    def upgrading(self) -> AbstractAsyncContextManager[Upgrade]:
        """Keep everybody else from migrating while the block runs."""
        ...


async def migrate(database: str) -> Migrated:
    """Create or upgrade the schema. Running it again, or twice at once, is harmless.

    :raises StoreOutdated: the database is newer than this program.
    """
    schema = schema_of(database)
    async with schema.upgrading() as upgrade:
        before = await upgrade.version()
        require_not_newer(before, wanted(schema.migrations))
        for migration in schema.migrations:
            if migration.number > before:
                await upgrade.apply(migration)
    return Migrated(before=before, after=max(before, wanted(schema.migrations)))


async def check(database: str) -> SchemaState:
    """Compare the database with what this program wants; changes nothing."""
    schema = schema_of(database)
    return SchemaState(current=await schema.version(), wanted=wanted(schema.migrations))


def schema_of(database: str) -> Schema:
    """The schema of a database by its address."""
    if is_postgres(database):
        from signoff.storage.postgres.schema import PostgresSchema

        return PostgresSchema(database)
    from signoff.storage.sqlite.schema import SQLiteSchema

    return SQLiteSchema(sqlite_path(database))


def wanted(migrations: Sequence[Migration]) -> int:
    """The version that all of these lead to."""
    return migrations[-1].number


def require_current(current: int, migrations: Sequence[Migration]) -> None:
    """What ``Store.open`` asks.

    :raises StoreOutdated: the database has another version than this program wants.
    """
    goal = wanted(migrations)
    require_not_newer(current, goal)
    if current < goal:
        have = f"has schema version {current}" if current else "has no schema yet"
        raise StoreOutdated(
            f"the database {have}, this program wants version {goal}; run `signoff db migrate`",
            about={"current": current, "wanted": goal},
        )


def require_not_newer(current: int, goal: int) -> None:
    """Refuse to touch a database that a later program has upgraded."""
    if current > goal:
        raise StoreOutdated(
            f"the database has schema version {current}, this program knows only {goal}; "
            "install the newer Signoff that upgraded it",
            about={"current": current, "wanted": goal},
        )


def refused(migration: Migration, reason: str) -> StoreOutdated:
    """What to raise where a migration finds that it must not touch this database."""
    return StoreOutdated(
        f"this database cannot be upgraded to schema version {migration.number}: "
        f"{reason}; it is as it was before. Start with a new one",
        about={"wanted": migration.number},
    )


def migrations_in(package: str) -> tuple[Migration, ...]:
    """Read the migrations of a dialect, e.g. of ``signoff.storage.sqlite``, in order.

    :raises ValueError: a file is misnamed, or the numbers leave a gap.
    """
    folder = files(package) / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    found = tuple(_read(name, (folder / name).read_text("utf-8")) for name in names)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations of {package} are not numbered 1, 2, 3, ...")
    return found


def _read(name: str, sql: str) -> Migration:
    match = _FILE.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is no name of a migration; write 0001_name.pre.sql")
    return Migration(
        number=int(match["number"]), name=match["name"], phase=Phase(match["phase"]), sql=sql
    )
