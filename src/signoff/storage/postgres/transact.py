"""One batch, one transaction: lock, read, judge, write, commit, in five round trips.

A batch that loses a race (a deadlock, a row that is not as it was read) is judged again from the
start: the rules are pure, so nothing has happened yet. So is one whose connection breaks before its
commit was sent. Once it was sent nobody can know, and the caller is told so.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from hashlib import blake2b

import asyncpg

from signoff.engine.ports import Commit, Decide, Lookup
from signoff.storage.postgres import bundle
from signoff.storage.postgres.database import Connection, Database
from signoff.storage.postgres.directories import columns
from signoff.storage.postgres.failures import RACES, is_lost, translated
from signoff.storage.postgres.loading import load
from signoff.storage.remembered import Remembered
from signoff.storage.writes import WriteConflict, Writes, writes_of

ATTEMPTS = 5
MAX_PAYLOAD = 7900
"""The server takes payloads of less than 8000 bytes."""

_ROLLBACK_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


class Again(Exception):
    """Nothing was written, and trying once more makes sense. ``reason`` is what the driver said."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Transactions:
    """The half of the store that the one door uses."""

    lanes = 4

    def __init__(self, database: Database, remembered: Remembered) -> None:
        self._database = database
        self._remembered = remembered

    async def transact(self, lookup: Lookup, decide: Decide) -> datetime:
        """Run one batch, again from the start where it lost a race."""
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._attempt(lookup, decide)
            except Again:
                await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS * attempt))  # noqa: S311
        try:
            return await self._attempt(lookup, decide)
        except Again as again:
            with translated():
                raise again.reason from again

    async def _attempt(self, lookup: Lookup, decide: Decide) -> datetime:
        async with self._transaction(lookup.replays) as connection:
            with _retried():
                clock = self._database.given_time()
                loaded, now = await load(connection, self._remembered, lookup, clock=clock)
            commit = decide(loaded, now)
            with _retried():
                await _write(connection, commit, now, sender=self._database.name)
        return now

    @asynccontextmanager
    async def _transaction(self, keys: Iterable[Sequence[str]]) -> AsyncIterator[Connection]:
        """Begin, with the locks on idempotency keys, and commit; or leave nothing behind."""
        with translated():
            async with self._database.connection() as connection:
                try:
                    with _retried():
                        await connection.execute(_begin(keys))
                    yield connection
                    await connection.execute("commit")
                except BaseException:
                    await _abandon(connection)
                    raise


@contextmanager
def _retried() -> Iterator[None]:
    """Say which of the driver's errors make another attempt worth while."""
    try:
        yield
    except (*RACES, asyncpg.UniqueViolationError, WriteConflict) as error:
        raise Again(error) from error
    except Exception as error:
        if is_lost(error):
            raise Again(error) from error
        raise


async def _abandon(connection: Connection) -> None:
    """Roll back; a connection that cannot even do that is thrown away."""
    try:
        if connection.is_in_transaction():
            await connection.execute("rollback", timeout=_ROLLBACK_SECONDS)
    except BaseException as error:
        with suppress(asyncpg.InterfaceError):  # it is gone already
            connection.terminate()
        if not isinstance(error, Exception):
            raise


def _begin(keys: Iterable[Sequence[str]]) -> str:
    """Begin a transaction and lock the keys in it, in order. Numbers only, so nothing to quote."""
    begin = "begin isolation level read committed read write"
    locks = sorted({_lock_of(key) for key in keys})
    if not locks:
        return begin
    array = ",".join(map(str, locks))
    lock = f"select pg_advisory_xact_lock(n) from unnest('{{{array}}}'::bigint[]) as n"  # noqa: S608
    return f"{begin}; {lock}"


def _lock_of(key: Sequence[str]) -> int:
    """The advisory lock of a key. Two keys that share one wait for each other, nothing worse."""
    digest = blake2b("\0".join(key).encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


async def _write(connection: Connection, commit: Commit, now: datetime, *, sender: str) -> None:
    writes = writes_of(commit, now)
    rows = {name: rows for name, rows in _tables(writes) if rows}
    if not rows:
        return
    counts = await bundle.write(
        connection,
        {name: columns(table) for name, table in rows.items()},
        payloads=list(payloads(sender, (change.after.id for change in commit.changes))),
    )
    for name in _GUARDED & rows.keys():
        if counts[name] != len(rows[name]):
            raise WriteConflict(f"{name}: {counts[name]} of {len(rows[name])} rows were as read")


_GUARDED = frozenset({"insert_intents", "update_intents", "update_tasks", "spend_links"})


def _tables(writes: Writes) -> Iterator[tuple[str, Sequence[Sequence[object]]]]:
    yield "insert_intents", writes.new_intents
    yield "update_intents", writes.intents
    yield "insert_events", writes.events
    yield "insert_facts", writes.facts
    yield "insert_tasks", writes.new_tasks
    yield "update_tasks", writes.tasks
    yield "delete_audience", writes.asked_no_more
    yield "insert_audience", writes.asked
    yield "delete_timers", writes.disarmed
    yield "set_timers", writes.timers
    yield "insert_outbox", writes.outbox
    yield "insert_steps", writes.steps
    yield "insert_replays", writes.replays
    yield "spend_links", writes.spent


def payloads(sender: str, intent_ids: Iterable[str]) -> Iterator[str]:
    """Ids in as few payloads as the server's limit allows, each headed by who sends it."""
    line, size = [sender], len(sender)
    for intent_id in sorted(set(intent_ids)):
        length = len(intent_id.encode()) + 1
        if len(line) > 1 and size + length > MAX_PAYLOAD:
            yield " ".join(line)
            line, size = [sender], len(sender)
        line.append(intent_id)
        size += length
    if len(line) > 1:
        yield " ".join(line)
