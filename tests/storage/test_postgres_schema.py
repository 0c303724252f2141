"""The schema on PostgreSQL: how it comes to be, and what it holds to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from importlib.resources import files

import asyncpg
import pytest

from signoff.core.routing import tokens
from signoff.engine.ports import DatabaseUse
from signoff.errors import AlreadyExists, Broken, StoreOutdated, StoreUnavailable
from signoff.storage.migrate import Migration, Phase, check, migrate
from signoff.storage.postgres.database import QUERIES, SETTINGS
from signoff.storage.postgres.schema import PostgresSchema
from signoff.storage.postgres.store import PostgresStore
from signoff.testing.contract.world import HERE, MARIA, person_row
from tests.postgres import drop_database, fresh_database, temporary_database
from tests.storage.replicas import outsider, replicas

# What may look at a whole table: all workspaces, and counts for the metrics.
WHOLE = frozenset({"workspaces", "depths"})
ONE = frozenset(
    {"log_head", "lock_log", "advance_log", "publish", "insert_webhook", "webhooks_behind"}
)  # a workspace has one head
FEW = frozenset(
    {
        "webhooks",
        "log_keys",
        "retire_log_key",
        "holds",
        "count_unlogged",
        "agents",
        "unread_decisions",
    }
)  # what is counted is counted once; the last are few, or an alarm
ALL = frozenset({"intents_naming"})  # what names somebody may be anywhere
LATEST = frozenset({"load_settings", "anchors"})  # the end of what the index has of a workspace
QUEUED = frozenset({"logs_to_sequence", "sequence"})  # the start of the queue of a workspace
READS_ALL = re.compile(
    r"Seq Scan|Index Cond: \(workspace = [^ ]*\)\n"
    r"|Join Filter:[^\n]*\.workspace = [^\n]*\n"
    r"[^\n]*Index Scan using \w+ on [^\n]*\n(?! +Index Cond)"
)
REFERENCE = "select 1 from only intent where workspace = $1 and id = $2 for key share"


@pytest.fixture
async def empty() -> AsyncIterator[str]:
    async with temporary_database(migrated=False) as address:
        yield address


@pytest.fixture
async def database() -> AsyncIterator[str]:
    async with temporary_database() as address:
        yield address


async def test_servers_that_migrate_at_once_do_it_once(empty: str) -> None:
    done = await asyncio.gather(*(migrate(empty) for _ in range(4)))

    wanted = (await check(empty)).wanted
    assert sorted(each.before for each in done) == [0, *[wanted] * 3]
    assert {each.after for each in done} == {wanted}
    assert (await check(empty)).current == wanted


async def test_a_migration_keeps_what_a_database_holds_and_leaves_nothing_of_its_own(
    empty: str,
) -> None:
    schema = PostgresSchema(empty)
    async with schema.upgrading() as upgrade:
        await upgrade.apply(schema.migrations[0])
    async with outsider(empty) as connection:
        await connection.execute("insert into organization values ('acme', now())")
        await connection.execute("insert into workspace values ('acme/main', 'acme', now())")

    await migrate(empty)

    async with outsider(empty) as connection:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public'"
        )
        counts = {
            row[0]: await connection.fetchval(f"select count(*) from {row[0]}") for row in tables
        }
    kept = {name: count for name, count in counts.items() if count}
    rows = {"organization": 1, "workspace": 1, "dedication": 1}
    assert kept == {**rows, "schema_version": len(schema.migrations)}


OLD_PEOPLE = """
insert into organization values ('acme', now());
insert into workspace values ('acme/main', 'acme', now());
insert into person values (
    'acme/main', 'per_1', 'anna@acme.test', 'Anna', 'eu', 'Europe/Berlin', false, now(),
    '["approver"]', '["legal"]'
);
insert into person_token values ('acme/main', 'person:per_1', 'per_1');
insert into person_token values ('acme/main', 'role:approver', 'per_1');
insert into person_token values ('acme/main', 'group:legal', 'per_1');
"""

OLD_TASK = """
insert into intent values (
    'acme/main', 'int_1', 'refund', 'Refund', 'agent', null, true, 'IN_PROGRESS', null, 1, now(),
    now(), null, 'null', '{}'
);
insert into task values (
    'acme/main', 'task_1', 'int_1', 'agent', 'approval', 'open', null, now(), null, '{"ask": {}}'
);
"""


async def test_people_of_an_older_database_are_kept_and_found_by_all_that_finds_people(
    empty: str,
) -> None:
    await _at_first_version(empty, OLD_PEOPLE)

    await migrate(empty)

    async with replicas(empty, 1) as (store,):
        anna = await store.person(HERE, "anna@acme.test")
        assert anna is not None
        assert anna.person.roles == ("approver",)
        assert await store.person(HERE, "per_1") == anna
        for token in tokens(anna.person):
            assert await store.reached(HERE, [token], limit=9) == [anna.person]
        with pytest.raises(AlreadyExists, match=r"anna@acme\.test"):
            await store.add_person(person_row(replace(MARIA, aliases=("anna@acme.test",))))
        with pytest.raises(Broken, match="never used for tests"):
            await store.dedicate(DatabaseUse.TEST)


async def test_tasks_of_an_older_form_are_refused_before_anything_is_changed(empty: str) -> None:
    await _at_first_version(empty, OLD_PEOPLE + OLD_TASK)

    with pytest.raises(StoreOutdated, match="holds tasks that a version before the first release"):
        await migrate(empty)

    assert (await check(empty)).current == 2
    async with outsider(empty) as connection:
        assert await connection.fetchval("select to_regclass('person_address')") is None
        assert await connection.fetchval("select count(*) from task") == 1


async def test_what_was_set_is_neither_rewritten_nor_deleted(database: str) -> None:
    async with outsider(database) as connection:
        await connection.execute(OLD_PEOPLE.partition("insert into person")[0])
        await connection.execute(
            "insert into settings values ('acme/main', 1, '{}', now(), 'admin')"
        )
        for change in ("update settings set document = '{}'", "delete from settings"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never"):
                await connection.execute(change)


async def _at_first_version(address: str, rows: str) -> None:
    """A database as the first program left it."""
    schema = PostgresSchema(address)
    async with schema.upgrading() as upgrade:
        await upgrade.apply(schema.migrations[0])
    async with outsider(address) as connection:
        await connection.execute(rows)


async def test_a_migration_that_fails_leaves_nothing(empty: str) -> None:
    broken = Migration(
        number=1, name="broken", phase=Phase.PRE, sql="create table half (); select 1 / 0"
    )

    with pytest.raises(StoreUnavailable, match="broken, does not run here: division by zero"):
        async with PostgresSchema(empty).upgrading() as upgrade:
            await upgrade.apply(broken)

    async with outsider(empty) as connection:
        assert await connection.fetchval("select to_regclass('half')") is None
    assert (await check(empty)).current == 0


async def test_a_database_without_the_schema_is_not_opened(empty: str) -> None:
    with pytest.raises(StoreOutdated, match="signoff db migrate"):
        await PostgresStore(empty).open()


async def test_a_database_that_a_later_program_upgraded_is_not_touched(database: str) -> None:
    async with outsider(database) as connection:
        await connection.execute("insert into schema_version values (999, 'later')")

    with pytest.raises(StoreOutdated, match="newer"):
        await PostgresStore(database).open()
    with pytest.raises(StoreOutdated, match="newer"):
        await migrate(database)


async def test_a_database_that_does_not_exist_is_an_outage_not_a_traceback(database: str) -> None:
    with pytest.raises(StoreUnavailable):
        await check(database + "_nowhere")


async def test_the_migrations_lead_to_the_committed_schema(database: str, empty: str) -> None:
    committed = (files("signoff.storage.postgres") / "schema.sql").read_text("utf-8")
    async with outsider(empty) as connection:
        await connection.execute(committed)
        wanted = await _catalog(connection)
    async with outsider(database) as connection:
        assert await _catalog(connection) == wanted


async def test_ids_sort_as_they_do_in_the_program_whatever_the_locale(database: str) -> None:
    async with outsider(database) as connection:
        keyed = await connection.fetch(
            "select a.attrelid::regclass::text, a.attname, c.collname from pg_index as i "
            "join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) "
            "join pg_collation as c on c.oid = a.attcollation "
            "where i.indrelid::regclass::text in "
            "(select tablename from pg_tables where schemaname = 'public')"
        )
    assert keyed
    assert [row for row in keyed if row["collname"] != "C"] == []


async def test_every_statement_finds_its_rows_by_an_index_from_the_first_row_on() -> None:
    database = await fresh_database()  # one that was lent before has been emptied, statistics too
    connection = await asyncpg.connect(database, server_settings=SETTINGS)
    try:
        plans = {
            name: await _plan(connection, query.sql)
            for name, query in QUERIES.items()
            if name not in WHOLE | LATEST | ONE | FEW | ALL | QUEUED
        }
        plans["a reference"] = await _plan(connection, REFERENCE)
    finally:
        await connection.close()
        await drop_database(database)
    assert {name: plan for name, plan in plans.items() if READS_ALL.search(plan)} == {}


async def test_a_claim_reads_neither_leased_timers_nor_future_ones(database: str) -> None:
    connection = await asyncpg.connect(database, server_settings=SETTINGS)
    try:
        plan = await _plan(connection, QUERIES["claim_timers"].sql)
    finally:
        await connection.close()

    due_by = r"<= COALESCE\(\$1, statement_timestamp\(\)\)\)"
    assert re.search(rf"timer_by_due on timer .*\n +Index Cond: \(due_at {due_by}", plan)
    assert re.search(rf"timer_by_lease on timer .*\n +Index Cond: \(leased_until {due_by}", plan)
    assert "Sort" not in plan.partition("CTE due")[0].partition("CTE fresh")[2]


async def test_a_sequencer_reads_no_more_of_a_queue_than_its_start() -> None:
    """Every second, however many leaves wait: each look at the queue stops at a limit."""
    database = await fresh_database()
    connection = await asyncpg.connect(database, server_settings=SETTINGS)
    try:
        looking = await _plan(connection, QUERIES["logs_to_sequence"].sql)
        taking = await _plan(connection, QUERIES["sequence"].sql)
    finally:
        await connection.close()
        await drop_database(database)

    for plan in (looking, taking):
        assert "Seq Scan" not in plan
        assert "Bitmap" not in plan
        scans = re.findall(r"([^\n]*)\n[^\n]*Scan using log_pending_pkey[^\n]*\n([^\n]*)", plan)
        assert scans
        for before, after in scans:
            assert "Limit" in before or '"position" = ' in after


@pytest.mark.parametrize("name", ["log_leaves", "log_entries"])
async def test_a_stretch_of_the_log_is_read_by_keys_whatever_the_planner_knows(name: str) -> None:
    """Where its statistics are old it takes every table for a small one, and reads the whole."""
    database = await fresh_database()
    connection = await asyncpg.connect(database, server_settings=SETTINGS)
    try:
        await connection.execute(
            "update pg_statistic set stanullfrac = 0, stadistinct = 1 where starelid in "
            "('event'::regclass, 'fact'::regclass, 'log_entry'::regclass)"
        )
        plan = await _plan(connection, QUERIES[name].sql)
    finally:
        await connection.close()
        await drop_database(database)

    assert not re.search("Seq Scan|Hash|Merge Join|Materialize", plan)
    assert re.search(r"event_pkey on event e.*\n +Index Cond: .*seq = (n|log_entry).seq", plan)
    assert re.search(r"fact_pkey on fact f.*\n +Index Cond: .*id = (n|log_entry).source", plan)


async def _plan(connection: asyncpg.Connection, sql: str) -> str:
    statement = await connection.prepare(sql)
    nulls = ", ".join(["null"] * len(statement.get_parameters()))
    await connection.execute(f"prepare tried as {sql}")
    rows = await connection.fetch(f"explain execute tried ({nulls})" if nulls else f"explain {sql}")
    await connection.execute("deallocate tried")
    return "".join(f"{row[0]}\n" for row in rows)


async def _catalog(connection: asyncpg.Connection) -> Sequence[Sequence[object]]:
    """Everything the schema says, as rows that compare."""
    parts = {
        "information_schema.columns": "table_name, column_name, data_type, collation_name, "
        "is_nullable, column_default, identity_generation",
        "pg_constraint": "conrelid::regclass::text, conname, pg_get_constraintdef(oid)",
        "pg_indexes": "tablename, indexname, indexdef",
        "pg_trigger": "tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)",
        "pg_proc": "proname, prosrc",
    }
    ours = {
        "information_schema.columns": "table_schema = 'public'",
        "pg_constraint": "connamespace = 'public'::regnamespace",
        "pg_indexes": "schemaname = 'public'",
        "pg_trigger": "not tgisinternal",
        "pg_proc": "pronamespace = 'public'::regnamespace",
    }
    queries = [
        f"select {columns} from {name} where {ours[name]}" for name, columns in parts.items()
    ]
    return [sorted(map(repr, map(tuple, await connection.fetch(query)))) for query in queries]
