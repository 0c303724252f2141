"""From the address of a database to its store. A driver is imported only when it is asked for."""

from __future__ import annotations

from pathlib import Path

from signoff.engine.ports import Clock, Store
from signoff.errors import InvalidInput

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


def connect(database: str, *, clock: Clock | None = None) -> Store:
    """Return the store of a database, not opened yet.

    :param database: ``sqlite:///PATH`` (``sqlite:////PATH`` from the root) or ``postgresql://...``.
    :param clock: where the time comes from; without one the store asks its own.
    :raises InvalidInput: the address names no database we know.
    """
    if is_postgres(database):
        from signoff.storage.postgres.store import PostgresStore

        return PostgresStore(database, clock=clock)
    from signoff.storage.sqlite.store import SQLiteStore

    return SQLiteStore(sqlite_path(database), clock=clock)


def is_postgres(database: str) -> bool:
    """Whether the address names a PostgreSQL database."""
    return database.startswith(_POSTGRES)


def sqlite_path(database: str) -> Path:
    """The file an SQLite address names.

    :raises InvalidInput: it is no such address, or names no file.
    """
    path = database.removeprefix(_SQLITE)
    if path == database or not path or path == ":memory:":
        raise InvalidInput(
            f"{_scheme(database)} is no database; write sqlite:///signoff.db or postgresql://..."
        )
    return Path(path)


def _scheme(database: str) -> str:
    """The part of an address that can hold no password."""
    scheme, found, _ = database.partition("://")
    return f"{scheme}://..." if found else "this address"
