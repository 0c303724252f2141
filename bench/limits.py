"""What the machine can do without us: syncs of a file, and the bare rows of a submit."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import apsw
import asyncpg

ROWS_PER_SUBMIT = 8
"""Intent, task, three events, timer, outbox, audience: the rows one submit with a task writes."""
BYTES_PER_ROW = 350


def syncs(folder: Path, seconds: float = 1.0) -> float:
    """Appends of 4 kB to one file, each synced, per second."""
    block = b"x" * 4096
    descriptor = os.open(folder / "syncs", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            os.write(descriptor, block)
            os.fdatasync(descriptor)
            done += 1
        return done / (time.perf_counter() - began)
    finally:
        os.close(descriptor)


def sqlite(folder: Path, at_once: int, seconds: float = 1.5) -> float:
    """Bare submits per second on SQLite: the same rows and bytes, ``at_once`` to a transaction."""
    connection = apsw.Connection(str(folder / f"raw{at_once}.db"))
    connection.execute("pragma journal_mode=wal; pragma synchronous=full")
    connection.execute("create table rows (id integer primary key, key text, body text)")
    connection.execute("create index by_key on rows (key)")
    body = "x" * BYTES_PER_ROW
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        rows = [(f"{done + n}", body) for n in range(at_once) for _ in range(ROWS_PER_SUBMIT)]
        connection.execute("begin immediate")
        connection.executemany("insert into rows (key, body) values (?, ?)", rows)
        connection.execute("commit")
        done += at_once
    rate = done / (time.perf_counter() - began)
    connection.close()
    return rate


async def postgres(url: str, at_once: int, lanes: int = 4, seconds: float = 1.5) -> float:
    """Bare submits per second on PostgreSQL: multi-row inserts from a few connections."""
    connections: Sequence[asyncpg.Connection] = [await asyncpg.connect(url) for _ in range(lanes)]
    await connections[0].execute(
        "create table if not exists raw_rows "
        "(id bigint generated always as identity primary key, key text, body text)"
    )
    body = "x" * BYTES_PER_ROW
    ends = time.perf_counter() + seconds

    async def lane(connection: asyncpg.Connection) -> int:
        done = 0
        keys = [str(n) for n in range(at_once) for _ in range(ROWS_PER_SUBMIT)]
        while time.perf_counter() < ends:
            await connection.execute(
                "insert into raw_rows (key, body) select k, $2 from unnest($1::text[]) as k",
                keys,
                body,
            )
            done += at_once
        return done

    total = sum(await asyncio.gather(*(lane(connection) for connection in connections)))
    for connection in connections:
        await connection.close()
    return total / seconds
