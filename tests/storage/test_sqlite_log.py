"""What SQLite itself keeps of the record, and what it leaves of what was erased."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from signoff.storage.migrate import migrate
from signoff.storage.scrubbing import scrub
from signoff.storage.sqlite import logstore
from signoff.storage.sqlite.connection import reader, writer
from signoff.storage.sqlite.store import SQLiteStore
from signoff.testing.contract.logged import logged, opened, told
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    answer,
    ask,
    execute,
    person_row,
    step,
    submitted,
)
from tests.storage.erased import blanking
from tests.storage.keeping import ALLOWED, ERASED_INTENT, FORBIDDEN, OF_AN_ERASED_INTENT, kept

OF_PLACES = {
    "a place moves": "update event set idx = idx + 1000",
    "a place is taken back": "update fact set idx = null",
    "a place moves as it is erased": "update event set idx = idx + 1, erased = '[1]'",
}
KEPT = FORBIDDEN | OF_PLACES


@pytest.fixture
async def address(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'signoff.db'}"
    await migrate(address)
    return address


@pytest.fixture
async def store(address: str) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(Path(address.removeprefix("sqlite:///")))
    await store.open()
    await store.add_workspace(HERE)
    for who in (MARIA, JONAS):
        await store.add_person(person_row(who))
    yield store
    await store.close()


@pytest.fixture
def path(tmp_path: Path, address: str) -> Path:
    return tmp_path / "signoff.db"


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT.keys())
async def test_the_record_is_neither_changed_nor_shortened(
    store: SQLiteStore, path: Path, change: str
) -> None:
    await kept(store)
    before = _dump(path)
    connection = writer(path)

    if "taken back" in change or "erased <> '[]'" in change:
        connection.execute("update event set erased = '[1]' where seq = 1")
        before = _dump(path)
    with pytest.raises(apsw.ConstraintError):
        connection.execute(change)

    connection.close()
    assert _dump(path) == before


@pytest.mark.parametrize("change", OF_AN_ERASED_INTENT.values(), ids=OF_AN_ERASED_INTENT.keys())
async def test_what_was_erased_is_not_decided_anew(
    store: SQLiteStore, path: Path, change: str
) -> None:
    await kept(store)
    connection = writer(path)
    connection.execute(ERASED_INTENT)
    before = _dump(path)

    with pytest.raises(apsw.ConstraintError):
        connection.execute(change)

    connection.close()
    assert _dump(path) == before


async def test_what_is_erasable_is_erased(store: SQLiteStore, path: Path) -> None:
    await kept(store)
    connection = writer(path)
    connection.execute(ERASED_INTENT)

    for change in ALLOWED:
        connection.execute(change)
        assert connection.changes() > 0

    connection.close()


@pytest.mark.parametrize(
    ("place", "refused"), [("null", "CHECK"), ("-5", "past the log")], ids=["no place", "below"]
)
@pytest.mark.parametrize(
    "written",
    [
        (
            "insert into event (workspace, intent_id, seq, type, at, actor, data, leaf, idx) "
            "select workspace, id, 99, 'intent.started', 0, '{}', '{}', 'a leaf', ? from intent"
        ),
        (
            "insert into fact (workspace, id, type, at, actor, data, leaf, salts, idx) "
            "select id, 'x', 'log.read', 0, '{}', '{}', 'a leaf', '', ? from workspace"
        ),
    ],
    ids=["an event", "a fact"],
)
async def test_nothing_with_a_leaf_is_written_past_the_log(
    store: SQLiteStore, path: Path, written: str, place: str, refused: str
) -> None:
    connection = writer(path)
    await submitted(store)
    await opened(store)

    with pytest.raises(apsw.ConstraintError, match=refused):
        connection.execute(written.replace("?", place))

    connection.close()


async def test_what_is_older_than_its_log_keeps_the_order_in_which_it_was_written(
    store: SQLiteStore,
) -> None:
    """Also of events and facts of one moment: they stand in two tables."""
    written: list[str] = []
    for _ in range(3):
        fact = told()
        written.append((await submitted(store)).id)
        await store.record([fact])
        written.append(fact.id)

    assert await store.log_entries(HERE, 0, limit=99) == []
    assert (await store.depths()).unlogged == len(written)
    await opened(store)

    assert [each.source for each in await logged(store)][:-1] == written
    assert (await store.depths()).unlogged == len(written) + 1


async def test_a_place_that_is_empty_is_found_before_anything_is_signed(
    store: SQLiteStore, path: Path
) -> None:
    await opened(store)
    await submitted(store)
    before = await logged(store)
    connection = writer(path)
    connection.execute("drop trigger event_is_never_rewritten")
    connection.execute("update event set idx = idx + 1 where seq = 1")
    connection.close()

    assert await store.log_leaves(HERE, 0, limit=99) == [before[0].leaf]


async def test_no_plain_text_is_left_in_any_byte_of_the_files(
    store: SQLiteStore, path: Path
) -> None:
    """Sizes from a few bytes to several pages, so that cells move, overflow and are split."""
    markers = await _many(store, random.Random(7))
    assert _found(path, markers) != set()

    assert await store.scrub()

    assert _found(path, markers) == set()
    assert _in_tables(path, markers) == set()
    connection = reader(path)
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    connection.close()
    await submitted(store)


async def test_what_lies_in_free_space_from_before_is_gone_too(
    store: SQLiteStore, path: Path
) -> None:
    """SQLite leaves copies of a few cells behind where it moves them, whatever is set."""
    markers = {f"left{number:04d}.".encode() for number in range(200)}
    connection = writer(path)
    connection.execute("pragma secure_delete = off").fetchall()
    for marker in markers:
        connection.execute("insert into organization values (?, 0)", (marker.decode() * 20,))
    connection.execute("delete from organization where id like 'left%'")
    connection.close()
    assert _found(path, markers) == markers

    assert await store.scrub()

    assert _found(path, markers) == set()


async def test_of_what_is_erased_next_to_nothing_is_left_even_before_the_file_is_written_anew(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    markers = await _many(store, random.Random(9), count=100)
    monkeypatch.setattr(logstore, "MOST_BYTES", 0)

    await store.scrub()

    assert len(_found(path, markers)) < len(markers) / 50


async def test_a_file_too_large_to_be_written_anew_is_left_to_an_operator(
    store: SQLiteStore, address: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    markers = await _many(store, random.Random(8), count=60)
    monkeypatch.setattr(logstore, "MOST_BYTES", 4096)

    assert not await store.scrub()
    await store.close()
    said = await scrub(address)

    assert "nothing erased is left" in said
    assert "backups" in said
    assert _found(path, markers) == set()


async def test_a_reader_that_holds_on_is_waited_for_and_said_to_hold_on(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logstore, "_PAUSE_SECONDS", 0)
    reading = reader(path)
    reading.execute("begin").fetchall()
    reading.execute("select count(*) from event").fetchall()
    await submitted(store)

    assert not await store.scrub()
    reading.execute("rollback")
    assert await store.scrub()

    reading.close()


async def test_a_scrub_while_others_write_loses_nothing(store: SQLiteStore) -> None:
    await opened(store)
    async with asyncio.TaskGroup() as group:
        writing = [group.create_task(submitted(store)) for _ in range(20)]
        scrubbing = [group.create_task(store.scrub()) for _ in range(3)]

    assert all(each.result() for each in scrubbing)
    sources = {entry.source for entry in await logged(store)}
    assert {each.result().id for each in writing} <= sources


async def _many(store: SQLiteStore, chance: random.Random, *, count: int = 250) -> set[bytes]:
    """Erased intents of many sizes; returns a marker for each text that was in them."""
    markers: list[str] = []

    def text(size: int) -> str:
        markers.append(f"marker{len(markers):06d}.")
        return markers[-1] + "".join(chance.choices("abcdef ", k=size))

    await opened(store)
    intents = []
    for _ in range(count):
        size = chance.choice([20, 100, 400, 1500, 4000, 9000, 30_000])
        task = ask(title=text(20), description=text(chance.choice([20, 300, 2000, 7000])))
        intent = await submitted(store, task, title=text(20), payload={"a": text(size)})
        if chance.random() < 0.7:
            note = {"o": text(chance.choice([50, 600, 5000]))}
            await execute(store, step("look", note), intent.id)
            await execute(store, answer(task.id, comment=text(200)))
        intents.append(intent)
    chance.shuffle(intents)
    for intent in intents:
        await store.rewrite(HERE, intent.id, blanking("marker"))
    return {marker.encode() for marker in markers}


def _found(path: Path, markers: set[bytes]) -> set[bytes]:
    """Markers that are somewhere in the bytes of the files."""
    files = [path, path.with_name(f"{path.name}-wal")]
    bytes_ = b"".join(file.read_bytes() for file in files if file.exists())
    return {marker for marker in markers if marker in bytes_}


def _in_tables(path: Path, markers: set[bytes]) -> set[bytes]:
    dumped = _dump(path).encode()
    return {marker for marker in markers if marker in dumped}


def _dump(path: Path) -> str:
    """Every row of every table."""
    connection = reader(path)
    try:
        names = connection.execute(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
        ).fetchall()
        tables = {
            name: sorted(map(repr, connection.execute(f"select * from {name}").fetchall()))
            for (name,) in names
        }
    finally:
        connection.close()
    return repr(tables)
