"""The schema of a file: made by numbered files, once, and refused where it is another one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import apsw
import pytest

from signoff.core.routing import tokens
from signoff.engine.ports import DatabaseUse
from signoff.errors import AlreadyExists, Broken, InvalidInput, StoreOutdated, StoreUnavailable
from signoff.storage import connect
from signoff.storage.migrate import Migrated, Migration, Phase, SchemaState, check, migrate
from signoff.storage.sqlite.connection import reader
from signoff.storage.sqlite.schema import MIGRATIONS, SQLiteSchema, dump
from signoff.storage.writes import WriteConflict
from signoff.testing.contract.world import HERE, MARIA, person_row

NOW = len(MIGRATIONS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signoff.db"


@pytest.fixture
def address(path: Path) -> str:
    return f"sqlite:///{path}"


async def test_the_migrations_make_the_schema_that_is_committed(path: Path, address: str) -> None:
    await migrate(address)

    committed = (files("signoff.storage.sqlite") / "schema.sql").read_text("utf-8")
    assert dump(path) == committed, "write what `dump` says into schema.sql, and review it"


async def test_an_empty_database_is_migrated_once(address: str) -> None:
    assert await check(address) == SchemaState(current=0, wanted=NOW)
    assert await migrate(address) == Migrated(before=0, after=NOW)
    assert await migrate(address) == Migrated(before=NOW, after=NOW)
    assert await check(address) == SchemaState(current=NOW, wanted=NOW)


async def test_several_starters_at_once_migrate_once(address: str) -> None:
    results = await asyncio.gather(*(migrate(address) for _ in range(4)))

    assert sorted(result.before for result in results) == [0, NOW, NOW, NOW]


async def test_checking_creates_nothing(path: Path, address: str) -> None:
    await check(address)

    assert not path.exists()


async def test_a_migration_that_fails_leaves_nothing_behind(path: Path, address: str) -> None:
    broken = Migration(
        number=1, name="broken", phase=Phase.PRE, sql="create table a (b); create table a (b);"
    )
    schema = SQLiteSchema(path)

    async def attempt() -> None:
        async with schema.upgrading() as upgrade:
            await upgrade.apply(broken)

    with pytest.raises(StoreUnavailable):
        await attempt()

    assert dump(path) == ""
    assert await migrate(address) == Migrated(before=0, after=NOW)


OLD_PEOPLE = """
insert into organization values ('acme', 0);
insert into workspace values ('acme/main', 'acme', 0);
insert into person values (
    'acme/main', 'per_1', 'anna@acme.test', 'Anna', 'eu', 'Europe/Berlin', 0, 0,
    '["approver"]', '["legal"]'
);
insert into person_token values ('acme/main', 'person:per_1', 'per_1');
insert into person_token values ('acme/main', 'role:approver', 'per_1');
insert into person_token values ('acme/main', 'group:legal', 'per_1');
"""

OLD_TASK = """
insert into intent values (
    'acme/main', 'int_1', 'refund', 'Refund', 'agent', null, 1, 'IN_PROGRESS', null, 1, 0, 0, null,
    'null', '{}'
);
insert into task values (
    'acme/main', 'task_1', 'int_1', 'agent', 'approval', 'open', null, 0, null, '{"ask": {}}'
);
"""


async def test_people_of_an_older_database_are_kept_and_found_by_all_that_finds_people(
    path: Path, address: str
) -> None:
    await _at_first_version(path, OLD_PEOPLE)

    assert await migrate(address) == Migrated(before=1, after=NOW)

    store = connect(address)
    await store.open()
    anna = await store.person(HERE, "anna@acme.test")
    assert anna is not None
    assert anna.person.roles == ("approver",)
    assert await store.person(HERE, "per_1") == anna
    for token in tokens(anna.person):
        assert await store.reached(HERE, [token], limit=9) == [anna.person]
    with pytest.raises(AlreadyExists):
        await store.add_person(person_row(replace(MARIA, aliases=("anna@acme.test",))))
    with pytest.raises(Broken, match="never used for tests"):
        await store.dedicate(DatabaseUse.TEST)
    await store.close()


async def test_tasks_of_an_older_form_are_refused_before_anything_is_changed(
    path: Path, address: str
) -> None:
    await _at_first_version(path, OLD_PEOPLE + OLD_TASK)
    before = dump(path)

    with pytest.raises(StoreOutdated, match="holds tasks that a version before the first release"):
        await migrate(address)

    assert dump(path) == before
    assert (await check(address)).current == 1


async def test_what_was_set_is_neither_rewritten_nor_deleted(path: Path, address: str) -> None:
    await migrate(address)
    connection = apsw.Connection(str(path))
    connection.execute(OLD_PEOPLE.partition("insert into person")[0])
    connection.execute("insert into settings values ('acme/main', 1, '{}', 0, 'admin')")

    for change in ("update settings set document = '{}'", "delete from settings"):
        with pytest.raises(apsw.ConstraintError, match="never"):
            connection.execute(change)

    connection.close()


async def _at_first_version(path: Path, rows: str) -> None:
    """A file as the first program left it."""
    async with SQLiteSchema(path).upgrading() as upgrade:
        await upgrade.apply(MIGRATIONS[0])
    connection = apsw.Connection(str(path))
    connection.execute(rows)
    connection.close()


async def test_a_store_without_its_schema_is_not_opened_and_not_created(
    path: Path, address: str
) -> None:
    with pytest.raises(StoreOutdated, match="signoff db migrate"):
        await connect(address).open()

    assert not path.exists()


async def test_a_database_of_a_later_program_is_neither_opened_nor_migrated(
    path: Path, address: str
) -> None:
    await migrate(address)
    later = apsw.Connection(str(path))
    later.execute("insert into schema_version values (9999, 'later', 0)")
    later.close()

    with pytest.raises(StoreOutdated, match="9999"):
        await connect(address).open()
    with pytest.raises(StoreOutdated, match="9999"):
        await migrate(address)


async def test_a_file_that_is_no_database_is_refused(path: Path, address: str) -> None:
    path.write_bytes(b"certainly not a database, but long enough to be looked at" * 100)

    with pytest.raises(StoreUnavailable):
        await connect(address).open()
    with pytest.raises(StoreUnavailable):
        await migrate(address)


async def test_a_folder_that_does_not_exist_is_named_as_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await migrate(f"sqlite:///{tmp_path / 'no' / 'such' / 'signoff.db'}")


@pytest.mark.parametrize(
    "address", ["signoff.db", "mysql://u:secret@h/d", "sqlite:///", "sqlite://x"]
)
def test_an_address_that_names_no_database_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        connect(address)

    assert "secret" not in refused.value.message


async def test_every_write_is_on_disk_before_it_is_acknowledged(path: Path, address: str) -> None:
    await migrate(address)
    store = connect(address)
    await store.open()
    writing = store._writer._connection  # type: ignore[attr-defined]

    async def pragma(name: str) -> object:
        return writing.execute(f"pragma {name}").fetchall()[0][0]

    assert await pragma("synchronous") == 2
    assert await pragma("journal_mode") == "wal"
    assert await pragma("foreign_keys") == 1
    await store.close()


async def test_a_reader_cannot_write(path: Path, address: str) -> None:
    await migrate(address)
    connection = reader(path)

    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("delete from schema_version")

    connection.close()


def test_a_conflict_is_no_refusal_that_a_caller_could_be_blamed_for() -> None:
    assert issubclass(WriteConflict, RuntimeError)
