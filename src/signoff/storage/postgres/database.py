"""The connections to one PostgreSQL database: a pool, its settings, and reads that survive a loss.

A connection is held for one statement or one transaction, never while anybody waits for an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import asyncpg

from signoff.core.facts import Fact
from signoff.engine.ports import Clock
from signoff.errors import StoreUnavailable
from signoff.storage.facts import fact_records
from signoff.storage.postgres.failures import is_lost, translated
from signoff.storage.queries import queries_in

if TYPE_CHECKING:
    from datetime import datetime

Connection: TypeAlias = asyncpg.Connection
Row: TypeAlias = asyncpg.Record
T = TypeVar("T")

MAX_CONNECTIONS = 10
CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 30.0

SETTINGS = {
    "application_name": "signoff",
    "synchronous_commit": "on",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
    # Compiling a statement takes longer than any of ours runs.
    "jit": "off",
    # Every statement of ours, and every check of a foreign key, finds its few rows by an index. A
    # plan made while the tables were small would scan them, and be kept while they grow.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_bitmapscan": "off",
    # One plan for each statement, whatever the values: nothing of ours is worth planning twice.
    "plan_cache_mode": "force_generic_plan",
}

QUERIES = queries_in("signoff.storage.postgres")


class Database:
    """One database by its address; ``clock`` stands in for the server's own where given.

    ``name`` tells this store's notifications from those of others: what changed here is known here.
    """

    def __init__(self, address: str, *, clock: Clock | None) -> None:
        self.name = token_hex(4)
        self._address = address
        self._clock = clock
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        with translated():
            self._pool = await asyncpg.create_pool(
                self._address,
                min_size=0,  # else the pool itself knocks, and complains, all through an outage
                max_size=MAX_CONNECTIONS,
                max_queries=1_000_000,
                command_timeout=STATEMENT_SECONDS,
                timeout=CONNECT_SECONDS,
                server_settings=SETTINGS,
                reset=_leave_as_it_is,
            )

    async def close(self) -> None:
        """Close every connection once it is free; cut those that are not free in time."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await pool.close()
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            pool.terminate()

    async def connect(self) -> Connection:
        """Open a connection of one's own, outside of the pool."""
        return await connect(self._address)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a connection. What the driver raises comes out as it is."""
        if self._pool is None:
            raise StoreUnavailable("the store is not open")
        connection = await self._pool.acquire(timeout=CONNECT_SECONDS)
        try:
            yield connection
        finally:
            await self._pool.release(connection, timeout=CONNECT_SECONDS)

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do what only reads, on one connection; where that is lost, once more on another."""
        with translated():
            try:
                async with self.connection() as connection:
                    return await work(connection)
            except Exception as error:
                if not is_lost(error):
                    raise
            async with self.connection() as connection:
                return await work(connection)

    async def rows(self, query: str, *values: object) -> Sequence[Row]:
        """Run a named query that only reads; a lost connection is tried once more."""

        async def fetch(connection: Connection) -> Sequence[Row]:
            found: Sequence[Row] = await connection.fetch(QUERIES[query].sql, *values)
            return found

        return await self.read(fetch)

    async def row(self, query: str, *values: object) -> Row | None:
        """Run a named query that only reads and finds one row at most."""
        found = await self.rows(query, *values)
        return found[0] if found else None

    async def write(self, query: str, *values: object, facts: Sequence[Fact] = ()) -> Sequence[Row]:
        """Run a named statement as a transaction of its own and return what it returns.

        :param facts: written with it where it returns anything, which says that it did something.
        """
        with translated():
            async with self.connection() as connection:
                if not facts:
                    return await _fetch(connection, query, *values)
                async with connection.transaction():
                    found = await _fetch(connection, query, *values)
                    if found:
                        await add_facts(connection, facts)
                    return found

    async def now(self) -> datetime:
        """The store's time."""
        if self._clock is not None:
            return self._clock.now()
        (found,) = await self.rows("now")
        moment: datetime = found[0]
        return moment

    def given_time(self) -> datetime | None:
        """What a statement takes as its time; where it is None it asks the server's clock."""
        return self._clock.now() if self._clock is not None else None


async def add_facts(connection: Connection, facts: Sequence[Fact]) -> None:
    """Write facts in the transaction that is open."""
    if facts:
        await _fetch(connection, "insert_facts", *zip(*fact_records(facts), strict=True))


async def connect(address: str, *, command_seconds: float = STATEMENT_SECONDS) -> Connection:
    """Open one connection.

    :raises StoreUnavailable: the server does not answer, or does not let us in.
    """
    with translated():
        return await asyncpg.connect(
            address,
            timeout=CONNECT_SECONDS,
            command_timeout=command_seconds,
            server_settings=SETTINGS,
        )


async def _fetch(connection: Connection, query: str, *values: object) -> Sequence[Row]:
    found: Sequence[Row] = await connection.fetch(QUERIES[query].sql, *values)
    return found


async def _leave_as_it_is(connection: Connection) -> None:
    """Nothing here changes a session, so there is nothing to put back: one round trip less."""
