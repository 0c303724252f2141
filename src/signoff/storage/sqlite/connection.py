"""One connection: how it is opened, what it promises, and how its statements are sent.

apsw brings its own SQLite; the system's is never trusted with the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from signoff.errors import InvalidInput, StoreUnavailable
from signoff.storage.queries import queries_in
from signoff.storage.sqlite.values import Value, bound
from signoff.storage.writes import WriteConflict

QUERIES = queries_in("signoff.storage.sqlite")

Row = tuple[object, ...]

BUSY_MILLISECONDS = 5_000
_STATEMENTS = 256
_SIZES = (64, 32, 16, 8, 4, 2, 1)


def writer(path: Path, *, create: bool = False) -> apsw.Connection:
    """Open the file for writing. An acknowledged commit is on disk: synchronous is FULL.

    What is deleted or shortened is overwritten where it stood: ``secure_delete``.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = apsw.Connection(str(path), flags=flags, statementcachesize=_STATEMENTS)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    for pragma in (
        "journal_mode = wal",
        "synchronous = full",
        "foreign_keys = on",
        "temp_store = memory",
        "secure_delete = on",
    ):
        connection.execute(f"pragma {pragma}").fetchall()
    return connection


def reader(path: Path) -> apsw.Connection:
    """Open the file for reading only; a reader never waits for the writer."""
    connection = apsw.Connection(
        str(path), flags=apsw.SQLITE_OPEN_READONLY, statementcachesize=_STATEMENTS
    )
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    connection.execute("pragma temp_store = memory").fetchall()
    return connection


def rows(connection: apsw.Connection, query: str, /, **values: Value) -> list[Row]:
    """Every row that the named query finds."""
    return connection.execute(QUERIES[query].sql, values).fetchall()


def row(connection: apsw.Connection, query: str, /, **values: Value) -> Row | None:
    """The one row that the named query finds, or None."""
    found = rows(connection, query, **values)
    return found[0] if found else None


def run(connection: apsw.Connection, query: str, /, **values: Value) -> int:
    """Run the named statement and return how many rows it wrote."""
    connection.execute(QUERIES[query].sql, values).fetchall()
    return connection.changes()


def write(connection: apsw.Connection, query: str, records: Sequence[Sequence[object]]) -> int:
    """Run the named statement for many rows at once and return how many it wrote.

    Rows go in powers of two, so that there are few forms of each statement to keep prepared. Few
    statements also means that the interpreter's lock is handed over rarely.
    """
    written = start = 0
    while start < len(records):
        size = next(size for size in _SIZES if size <= len(records) - start)
        part = records[start : start + size]
        values = [value for record in part for value in bound(record)]
        connection.execute(_sized(query, size, len(part[0])), values)
        written += connection.changes()
        start += size
    return written


@contextmanager
def transaction(connection: apsw.Connection, how: str) -> Iterator[None]:
    """``immediate`` to write, ``deferred`` to read one consistent state; all of it or nothing."""
    connection.execute(f"begin {how}")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


@contextmanager
def mapped() -> Iterator[None]:
    """Say in our own words what the driver raises.

    :raises WriteConflict: a constraint refuses what was to be written.
    :raises InvalidInput: a text holds half a surrogate pair, which is no character.
    :raises StoreUnavailable: anything else that the driver raises.
    """
    try:
        yield
    except apsw.ConstraintError as error:
        raise WriteConflict(str(error)) from error
    except UnicodeEncodeError as error:
        raise InvalidInput("a text holds half a surrogate pair, which is no character") from error
    except apsw.Error as error:
        raise StoreUnavailable(f"the database file did not answer: {error}") from error


_SIZED: Mapping[str, dict[int, str]] = {name: {} for name in QUERIES}


def _sized(query: str, size: int, width: int) -> str:
    sizes = _SIZED[query]
    if size not in sizes:
        one = f"({', '.join('?' * width)})"
        sizes[size] = QUERIES[query].sql.replace("{rows}", ", ".join([one] * size))
    return sizes[size]
