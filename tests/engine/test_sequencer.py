"""The sequencer: opens logs once, brings in what is committed, and lets no log hold up another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from signoff.audit import checkpoint
from signoff.core.words import WorkspaceId
from signoff.engine.execute import Door
from signoff.engine.log import integrating
from signoff.engine.log import sequencer as module
from signoff.engine.log.opening import open_log
from signoff.engine.log.ports import LogHead
from signoff.engine.log.sequencer import Sequencer
from signoff.errors import StoreUnavailable
from tests.engine.asks import WORKSPACE, submission
from tests.logs import (
    ELSEWHERE,
    NO_SEAL,
    Faulty,
    Logbook,
    logbook,
    require_sound,
    signed_out,
    unavailable,
)

_THIRD = WorkspaceId("third/main")


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'signoff.db'}"


@pytest.fixture
async def log(address: str) -> AsyncIterator[Logbook]:
    async with logbook(address) as book:
        yield book


async def test_a_log_opens_with_its_name_and_its_key(log: Logbook) -> None:
    await log.sequencer.open_logs()

    head = await _head(log)
    assert head.origin == f"log.test/{WORKSPACE}"
    first, second, *_ = await log.store.log_entries(WORKSPACE, 0, limit=9)
    assert {first.type, second.type} == {"log.opened", "log.key_added"}
    assert head.origin in first.leaf
    assert checkpoint.parse(head.checkpoint or "").size == head.sequenced == head.size


async def test_a_log_that_nobody_named_has_a_name_of_its_own(address: str) -> None:
    names = set()
    async with logbook(address, origin="") as book:
        for workspace in (WORKSPACE, ELSEWHERE):
            await book.store.add_workspace(workspace)
            await book.sequencer.open_log(workspace)
            names.add((await _head(book, workspace)).origin.removesuffix(f"/{workspace}"))
    assert len(names) == 2
    assert all(re.fullmatch(r"[0-9a-f]{8}\.signoff\.local", name) for name in names)


async def test_a_log_is_opened_once_however_many_try(log: Logbook) -> None:
    heads = await asyncio.gather(
        *(open_log(log.store, WORKSPACE, origin=f"n{n}", seal=NO_SEAL) for n in range(5))
    )
    assert len({head.origin for head in heads}) == 1
    assert len(await log.store.log_keys(WORKSPACE)) == 1
    await log.sequencer.open_logs()
    kinds = [each.type for each in await log.store.log_entries(WORKSPACE, 0, limit=99)]
    assert (kinds.count("log.opened"), kinds.count("log.key_added")) == (1, 1)


async def test_a_log_says_how_much_happened_before_it(log: Logbook) -> None:
    unlogged = Door(log.store, after_commit=log.sequencer.committed, logged=False)
    async with unlogged.open():
        for _ in range(4):
            await unlogged.execute(WORKSPACE, submission(handled=True))
    await log.sequencer.open_logs()
    entries = await log.store.log_entries(WORKSPACE, 0, limit=99)
    (began,) = [each for each in entries if each.type == "log.opened"]
    assert '"earlier":4' in began.leaf


async def test_what_is_committed_is_published_without_being_asked(
    log: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 3600.0)  # it is told, or never knows
    async with _working(log.sequencer):
        await _published(log, 2)
        await log.submit(3)
        await _published(log, 2 + 3)
        await log.store.record([signed_out("one")])
        log.sequencer.noted()
        await _published(log, 2 + 3 + 1)
    await require_sound(log.store)


async def test_what_nobody_announced_is_found(
    log: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.02)
    async with _working(log.sequencer):
        await _published(log, 2)
        await log.store.record([signed_out("unannounced")])
        await _published(log, 3)


async def test_a_workspace_added_later_gets_its_log(
    log: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    async with _working(log.sequencer):
        await _published(log, 2)
        await log.store.add_workspace(ELSEWHERE)
        await _published(log, 2, ELSEWHERE)


async def test_many_commits_are_one_checkpoint(log: Logbook) -> None:
    faulty = Faulty(log.store)
    sequencer = Sequencer(faulty.as_store, origin="log.test", seal=NO_SEAL)
    async with _working(sequencer):
        await _published(log, 2)
        before = faulty.calls.count("publish")
        for _ in range(20):
            await log.submit()
            sequencer.committed(())
        await _published(log, 2 + 20)
    assert faulty.calls.count("publish") - before <= 5


async def test_what_is_committed_meanwhile_is_left_for_the_next_checkpoint(address: str) -> None:
    faulty = Faulty()
    async with logbook(address, faulty=faulty) as book:
        await book.sequencer.open_logs()
        await book.submit()

        async def more(call: str) -> None:
            if call == "publish":
                await book.submit()

        faulty.around, before = more, faulty.calls.count("publish")
        async with asyncio.timeout(10):
            await book.sequencer.flush()
        faulty.around = None
        assert faulty.calls.count("publish") - before == 1
        await book.sequencer.flush()
        await require_sound(book.store)


async def test_a_damaged_log_is_named_and_holds_up_nobody(address: str) -> None:
    faulty = Faulty(only=ELSEWHERE)
    async with logbook(address, faulty=faulty) as book:
        await _three(book)
        faulty.seen["log_tiles"] = lambda tiles: {}
        await _something_everywhere(book)

        await book.sequencer.flush()

        assert set(book.sequencer.broken) == {ELSEWHERE}
        assert "tile 0/0 is missing" in book.sequencer.broken[ELSEWHERE]
        assert await _behind(book) == {ELSEWHERE}
        faulty.seen.clear()
        await book.sequencer.flush()
        assert not book.sequencer.broken
        assert await _behind(book) == set()


async def test_a_log_that_somebody_else_has_mended_is_broken_no_more(address: str) -> None:
    faulty = Faulty(only=ELSEWHERE)
    async with logbook(address, faulty=faulty) as book:
        await _three(book)
        faulty.seen["log_keys"] = lambda keys: []
        await _something_everywhere(book)
        await book.sequencer.flush()
        assert set(book.sequencer.broken) == {ELSEWHERE}

        await Sequencer(book.store, origin="", seal=NO_SEAL).flush()
        await book.sequencer.flush()

        assert not book.sequencer.broken


async def test_what_nobody_expected_of_one_log_holds_up_nobody_either(address: str) -> None:
    faulty = Faulty(only=ELSEWHERE)
    async with logbook(address, faulty=faulty) as book:
        await _three(book)
        await _something_everywhere(book)
        faulty.before["log_leaves"] = [_bug] * 2

        await book.sequencer.flush()

        assert await _behind(book) == {ELSEWHERE}
        assert "ZeroDivisionError" in book.sequencer.broken[ELSEWHERE]


async def test_a_store_that_does_not_answer_for_one_answers_for_the_others(address: str) -> None:
    faulty = Faulty(only=ELSEWHERE)
    async with logbook(address, faulty=faulty) as book:
        await _three(book)
        await _something_everywhere(book)
        faulty.before["log_leaves"] = [unavailable]

        with pytest.raises(StoreUnavailable):
            await book.sequencer.flush()

        assert await _behind(book) == {ELSEWHERE}
        assert not book.sequencer.broken, "it says nothing about the log"
        await book.sequencer.flush()
        assert await _behind(book) == set()


async def test_a_failure_that_had_been_a_success_is_found_out(address: str) -> None:
    faulty = Faulty()
    async with logbook(address, faulty=faulty) as book:
        await book.sequencer.open_logs()
        await book.submit(2)
        faulty.after["publish"] = [unavailable]

        with pytest.raises(StoreUnavailable):
            await book.sequencer.flush()
        await book.sequencer.flush()

        assert not book.sequencer.broken
        await require_sound(book.store)


async def test_a_busy_workspace_leaves_others_their_turn(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 20)
    monkeypatch.setattr(integrating, "AT_ONCE", 20)
    faulty = Faulty()
    async with logbook(address, faulty=faulty) as book:
        await _three(book)
        await book.store.record([signed_out(f"busy {number}") for number in range(200)])
        await book.store.record([signed_out("quiet", _THIRD)])
        faulty.before["sequence"] = [_nothing, _bug]
        with pytest.raises(ZeroDivisionError):
            await book.sequencer.flush()
        quiet = await book.store.log_entries(_THIRD, 2, limit=9)
        assert [each.source for each in quiet] == ["quiet"]
        assert (await _head(book, _THIRD)).size == 3, "all of it is published"
        assert 2 < (await _head(book)).size < 200


async def test_a_log_goes_on_when_its_server_has_moved(address: str) -> None:
    async with logbook(address) as book:
        await book.sequencer.open_logs()
        await book.submit(2)
    async with logbook(address, origin="another.name") as book:
        await book.sequencer.open_logs()
        await book.submit(1)
        await book.sequencer.flush()
        assert (await _head(book)).origin == f"log.test/{WORKSPACE}"
        await require_sound(book.store)


# what these tests do over and over


@asynccontextmanager
async def _working(sequencer: Sequencer) -> AsyncIterator[None]:
    task = asyncio.create_task(sequencer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled(), task.exception()


async def _published(book: Logbook, size: int, workspace: WorkspaceId = WORKSPACE) -> None:
    async with asyncio.timeout(20):
        while (head := await book.store.log_head(workspace)) is None or head.size < size:
            await asyncio.sleep(0.01)


async def _three(book: Logbook) -> None:
    for workspace in (ELSEWHERE, _THIRD):
        await book.store.add_workspace(workspace)
    await book.sequencer.open_logs()


async def _something_everywhere(book: Logbook) -> None:
    for workspace in (WORKSPACE, ELSEWHERE, _THIRD):
        await book.store.record([signed_out(f"to {workspace}", workspace)])


async def _behind(book: Logbook) -> set[WorkspaceId]:
    heads = [await _head(book, workspace) for workspace in await book.store.workspaces()]
    return {head.workspace for head in heads if head.size < head.sequenced}


async def _nothing() -> None:
    pass


async def _bug() -> None:
    raise ZeroDivisionError


async def _head(book: Logbook, workspace: WorkspaceId = WORKSPACE) -> LogHead:
    head = await book.store.log_head(workspace)
    assert head is not None
    return head
