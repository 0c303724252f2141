"""What PostgreSQL keeps of the record, how sequencers share it, and what scrubbing leaves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from signoff.core import commands as c
from signoff.storage.postgres.scrubbing import TABLES
from signoff.storage.postgres.store import PostgresStore
from signoff.storage.scrubbing import scrub
from signoff.testing.contract.logged import logged, opened, told
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    THERE,
    answer,
    ask,
    execute,
    step,
    submitted,
)
from tests.postgres import drop_database, fresh_database, shared_server, temporary_database
from tests.storage.erased import blanking
from tests.storage.keeping import ALLOWED, ERASED_INTENT, FORBIDDEN, OF_AN_ERASED_INTENT, kept
from tests.storage.replicas import outsider, replicas

OF_PLACES = {
    "a place moves": "update log_entry set idx = idx + 1000",
    "a place becomes another's": "update log_entry set source = 'x' where idx = 1",
    "a place is deleted": "delete from log_entry where idx = 1",
}
KEPT = FORBIDDEN | OF_PLACES
EMPTYING = ("event", "fact", "log_entry")


@pytest.fixture
async def database() -> AsyncIterator[str]:
    async with temporary_database() as address:
        yield address


@pytest.fixture
async def stores(database: str) -> AsyncIterator[list[PostgresStore]]:
    async with replicas(database, 2) as opened:
        yield opened


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT.keys())
async def test_the_record_is_neither_changed_nor_shortened(
    stores: list[PostgresStore], database: str, change: str
) -> None:
    await kept(stores[0])
    async with outsider(database) as connection:
        if "erased <> '[]'" in change:
            await connection.execute("update event set erased = '[1]' where seq = 1")
        before = await _rows(connection)

        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(change)

        assert await _rows(connection) == before


@pytest.mark.parametrize("change", OF_AN_ERASED_INTENT.values(), ids=OF_AN_ERASED_INTENT.keys())
async def test_what_was_erased_is_not_decided_anew(
    stores: list[PostgresStore], database: str, change: str
) -> None:
    await kept(stores[0])
    async with outsider(database) as connection:
        await connection.execute(ERASED_INTENT)
        before = await _rows(connection)

        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(change)

        assert await _rows(connection) == before


@pytest.mark.parametrize("table", EMPTYING)
async def test_the_record_is_not_emptied(
    stores: list[PostgresStore], database: str, table: str
) -> None:
    await kept(stores[0])
    async with outsider(database) as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never shrinks"):
            await connection.execute(f"truncate {table} cascade")


async def test_what_is_erasable_is_erased(stores: list[PostgresStore], database: str) -> None:
    await kept(stores[0])
    async with outsider(database) as connection:
        await connection.execute(ERASED_INTENT)

        for change in ALLOWED:
            assert await connection.execute(change) != "UPDATE 0"


async def test_a_call_gives_so_many_places_and_every_workspace_its_share(
    stores: list[PostgresStore],
) -> None:
    store = stores[0]
    await store.add_workspace(THERE)
    for workspace in (HERE, THERE):
        await opened(store, workspace)
    for _ in range(10):
        await store.record([told() for _ in range(10)])
    await store.record([told(workspace=THERE) for _ in range(5)])

    await store.sequence(limit=8)
    assert [len(await store.log_entries(each, 0, limit=99)) for each in (HERE, THERE)] == [4, 4]
    await store.sequence(limit=20)
    assert [len(await store.log_entries(each, 0, limit=99)) for each in (HERE, THERE)] == [22, 6]


async def test_what_is_committed_late_comes_later_and_nothing_waits_for_it(
    stores: list[PostgresStore], database: str
) -> None:
    first, second = stores
    await opened(first)
    async with outsider(database) as connection:
        late = connection.transaction()
        await late.start()
        await connection.execute(
            "insert into fact (workspace, id, type, at, actor, data, leaf, salts) "
            "values ($1, 'late', 'x', now(), '{}', '{}', 'late', '')",
            HERE,
        )
        soon = told()
        await first.record([soon])
        before = [entry.source for entry in await logged(second)]
        assert before[-1] == soon.id

        await late.commit()

    entries = await logged(second)
    assert [entry.source for entry in entries] == [*before, "late"]
    assert [entry.index for entry in entries] == list(range(len(entries)))


async def test_a_sequencer_that_is_at_it_is_passed_over(
    stores: list[PostgresStore], database: str
) -> None:
    await opened(stores[0])
    await opened(stores[0], THERE) if await stores[0].add_workspace(THERE) else None
    await stores[0].record([told(), told(workspace=THERE)])
    async with outsider(database) as connection, connection.transaction():
        await connection.execute("select 1 from log_head where workspace = $1 for update", HERE)

        async with asyncio.timeout(5):
            await stores[1].sequence(limit=9)

    assert await stores[1].log_entries(HERE, 0, limit=9) == []
    assert len(await stores[1].log_entries(THERE, 0, limit=9)) == 2
    assert len(await logged(stores[1])) == 2


async def test_places_that_were_not_committed_were_never_given(
    stores: list[PostgresStore], database: str
) -> None:
    await opened(stores[0])
    facts = [told() for _ in range(3)]
    await stores[0].record(facts)
    async with outsider(database) as connection:
        await connection.execute(
            "create function fail() returns trigger language plpgsql as "
            "$$ begin raise exception 'no'; end $$; "
            "create trigger fails before update on log_head for each row execute function fail()"
        )
        with pytest.raises(Exception, match="did not answer"):
            await stores[0].sequence(limit=9)
        assert await connection.fetchval("select count(*) from log_entry") == 0
        await connection.execute("drop trigger fails on log_head; drop function fail()")

    assert [entry.index for entry in await logged(stores[1])] == [0, 1, 2, 3]


async def test_no_plain_text_is_left_in_any_file_of_the_tables_after_scrubbing() -> None:
    database = await fresh_database()
    try:
        async with replicas(database, 1) as (store,):
            await _store_uncompressed(database)
            markers = await _many(store, random.Random(7))
            assert await _found(database, markers) != set()
            assert not await store.scrub()

        said = await scrub(database)

        assert await _found(database, markers) == set()
        assert f"Wrote {len(TABLES)} tables anew" in said
        assert "backups" in said
        async with outsider(database) as connection:
            rows = repr(await _rows(connection)).encode()
            assert {marker for marker in markers if marker in rows} == set()
    finally:
        await drop_database(database)


async def test_whoever_may_not_make_the_server_let_go_is_told_so(database: str) -> None:
    async with outsider(database) as connection:
        await connection.execute("drop role if exists scrubber")
        await connection.execute("create role scrubber login")
        for table in TABLES:
            await connection.execute(f"alter table {table} owner to scrubber")
        await connection.execute("grant select on schema_version to scrubber")
    try:
        said = await scrub(database.replace("://signoff@", "://scrubber@"))
    finally:
        async with outsider(database) as connection:
            for table in TABLES:
                await connection.execute(f"alter table {table} owner to current_user")
            await connection.execute("drop owned by scrubber; drop role scrubber")

    assert "may not run CHECKPOINT" in said
    assert "may not run pg_switch_wal()" in said


async def _many(store: PostgresStore, chance: random.Random) -> set[bytes]:
    """Erased intents of many sizes; returns a marker for each text that was in them."""
    markers: list[str] = []

    def text(size: int) -> str:
        markers.append(f"marker{len(markers):06d}.")
        return markers[-1] + "".join(chance.choices("abcdefghijklmnop", k=size))

    await opened(store)
    intents = []
    for _ in range(40):
        size = chance.choice([20, 400, 1500, 9000])
        task = ask(title=text(20), description=text(chance.choice([20, 2000])))
        intent = await submitted(store, task, title=text(20), payload={"a": text(size)})
        await execute(store, step("look", {"o": text(50)}), intent.id)
        if chance.random() < 0.7:
            await execute(store, answer(task.id, comment=text(200)))
            await execute(store, c.CancelIntent(actor=AGENT, reason=text(20)), intent.id)
        intents.append(intent)
    for intent in intents:
        await store.rewrite(HERE, intent.id, blanking("marker"))
    return {marker.encode() for marker in markers}


async def _store_uncompressed(database: str) -> None:
    """What is compressed cannot be looked for in files."""
    async with outsider(database) as connection:
        columns = await connection.fetch(
            "select attrelid::regclass::text, attname from pg_attribute "
            "where attrelid::regclass::text = any ($1) and attstorage = 'x' and attnum > 0",
            TABLES,
        )
        for table, column in columns:
            await connection.execute(f"alter table {table} alter {column} set storage external")


async def _found(database: str, markers: set[bytes]) -> set[bytes]:
    """Markers that are somewhere in the bytes of the database's files, once they are written."""
    async with outsider(database) as connection:
        await connection.execute("checkpoint")
        oid = await connection.fetchval(
            "select oid from pg_database where datname = current_database()"
        )
    folder = shared_server().data / "base" / str(oid)
    return await asyncio.to_thread(_in_files, folder, markers)


def _in_files(folder: Path, markers: set[bytes]) -> set[bytes]:
    found = set()
    for file in folder.iterdir():
        content = file.read_bytes()
        found |= {marker for marker in markers if marker in content}
    return found


async def _rows(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Every row of every table."""
    names = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    return {
        name: sorted(map(repr, map(tuple, await connection.fetch(f"select * from {name}"))))
        for (name,) in names
    }
