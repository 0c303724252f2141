"""What the machine can do without us: syncs of a file, and the bare rows of real submits.

The rows are the very ones that submits have just left in the database, put into an empty database
of the same schema in transactions of the same size: no rules, no JSON, no HTTP, no foreign keys.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import asyncpg

TABLES = ("intent", "task", "task_audience", "event", "timer", "outbox", "step", "replay")
"""What a submit may write."""

INTENTS = 4000
_SECONDS = 1.5
_LANES = 4


def syncs(folder: Path) -> float:
    """Appends of 4 kB to one file, each synced, per second."""
    block = b"x" * 4096
    descriptor = os.open(folder / "syncs", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < _SECONDS:
            os.write(descriptor, block)
            os.fdatasync(descriptor)
            done += 1
        return done / (time.perf_counter() - began)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table in the order of their keys."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def portions(tables: list[Rows], at_once: int) -> Iterator[list[Rows]]:
    """Cut all tables into as many portions as there are transactions of so many submits."""
    count = len(next(each for each in tables if each.table == "intent").rows)
    for start in range(0, count - at_once + 1, at_once):
        yield [
            Rows(
                each.table,
                each.columns,
                each.rows[
                    start * len(each.rows) // count : (start + at_once) * len(each.rows) // count
                ],
            )
            for each in tables
        ]


def sqlite(database: Path, empty: Path, at_once: int) -> float:
    """Bare submits per second on SQLite.

    :param database: a database in which submits have left their rows.
    :param empty: a database of the same schema without any.
    """
    source = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    tables = []
    for table in TABLES:
        columns = [row[1] for row in source.execute(f"pragma table_info({table})")]
        names = tuple(name for name in columns if (table, name) != ("outbox", "id"))
        rows = list(source.execute(f"select {', '.join(names)} from {table} order by 2"))  # noqa: S608
        tables.append(Rows(table, names, rows))
    source.close()
    target = apsw.Connection(str(empty))
    target.execute("pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=off")
    done, began = 0, time.perf_counter()
    for portion in portions(_shortened(tables), at_once):
        target.execute("begin immediate")
        for each in portion:
            marks = ", ".join("?" * len(each.columns))
            into = f"insert into {each.table} ({', '.join(each.columns)}) values ({marks})"  # noqa: S608
            target.executemany(into, each.rows)
        target.execute("commit")
        done += at_once
        if time.perf_counter() - began > _SECONDS:
            break
    rate = done / (time.perf_counter() - began)
    target.close()
    return rate


async def postgres(database: str, empty: str, at_once: int) -> float:
    """Bare submits per second on PostgreSQL: COPY, on a few connections at a time."""
    source = await asyncpg.connect(database)
    tables = []
    for table in TABLES:
        found = await source.fetch(f"select * from {table} order by 2")  # noqa: S608
        names = tuple(
            name for name in (found[0].keys() if found else ()) if name != "id" or table != "outbox"
        )
        rows = [tuple(row[name] for name in names) for row in found]
        tables.append(Rows(table, names, rows))
    await source.close()
    lanes = [await asyncpg.connect(empty) for _ in range(_LANES)]
    work = portions(_shortened(tables), at_once)
    done, began = 0, time.perf_counter()

    async def lane(connection: asyncpg.Connection) -> None:
        nonlocal done
        await connection.execute("set session_replication_role = replica")
        for portion in work:
            async with connection.transaction():
                for each in portion:
                    if each.rows:
                        await connection.copy_records_to_table(
                            each.table, records=each.rows, columns=each.columns
                        )
            done += at_once
            if time.perf_counter() - began > _SECONDS:
                return

    await asyncio.gather(*(lane(connection) for connection in lanes))
    rate = done / (time.perf_counter() - began)
    for connection in lanes:
        await connection.close()
    return rate


def _shortened(tables: list[Rows]) -> list[Rows]:
    """At most ``INTENTS`` submits, and of every table its share."""
    count = len(tables[0].rows)
    share = min(1.0, INTENTS / count)
    return [Rows(t.table, t.columns, t.rows[: int(len(t.rows) * share)]) for t in tables]
