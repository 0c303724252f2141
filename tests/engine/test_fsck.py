"""The check of a live store finds whatever is changed in it, and says where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from signoff.core.words import IntentStatus
from signoff.engine.log.forgetting import Forgetting, Wanted
from signoff.engine.log.fsck import Finding, fsck
from signoff.engine.log.opening import SIGNOFF
from signoff.engine.log.ports import LogEntry
from tests.engine.asks import WORKSPACE, answer, request, submission
from tests.logs import Faulty, Logbook, logbook, signed_out


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Logbook]:
    """Some decisions, one of them erased, many facts, and an intent that still waits."""
    async with logbook(f"sqlite:///{tmp_path / 'signoff.db'}") as book:
        await book.sequencer.open_logs()
        for _ in range(3):
            done = await book.door.execute(WORKSPACE, submission(task=request()))
            assert done.task is not None
            await book.door.execute(WORKSPACE, answer(done.task.id))
        wanted = Wanted(reason="asked", intent_id=done.intent.id)
        await Forgetting(book.store, WORKSPACE, SIGNOFF).forget(wanted)
        await book.door.execute(WORKSPACE, submission(task=request()))
        await book.store.record([signed_out(f"fact {number}") for number in range(600)])
        await book.sequencer.flush()
        yield book


async def test_a_sound_store_has_nothing_to_find(log: Logbook) -> None:
    seen: list[tuple[int, int]] = []
    report = await fsck(log.store, WORKSPACE, lambda done, of: seen.append((done, of)))
    head = await log.store.log_head(WORKSPACE)
    assert head is not None
    assert report.findings == []
    assert (report.size, report.entries, report.intents) == (head.size, head.sequenced, 4)
    assert seen[-1] == (head.sequenced, head.sequenced)


def _at(place: int, change: Callable[[LogEntry], LogEntry]) -> Callable[[Any], Any]:
    return lambda found: [change(each) if each.index == place else each for each in found]


_ENTRIES: dict[str, tuple[int, Callable[[LogEntry], LogEntry]]] = {
    "another word in a leaf": (
        5,
        lambda e: replace(e, leaf=e.leaf.replace('"type":"', '"type":"x', 1)),
    ),
    "a space in a leaf": (5, lambda e: replace(e, leaf=e.leaf + " ")),
    "no leaf": (5, lambda e: replace(e, leaf="")),
    "another time": (5, lambda e: replace(e, at=e.at.replace(year=2020))),
    "another actor": (5, lambda e: replace(e, actor=e.actor.replace("per_", "per_f"))),
    "another body": (3, lambda e: replace(e, data=e.data.replace("Refund", "Payout"))),
    "a body that is none": (3, lambda e: replace(e, data="{}")),
    "another salt": (3, lambda e: replace(e, salts=e.salts[::-1])),
    "an erasure nobody ordered": (3, lambda e: replace(e, salts="")),
    "a fact of somebody else": (
        100,
        lambda e: replace(e, data=e.data.replace("per_", "per_f")),
    ),
}


@pytest.mark.parametrize("change", _ENTRIES)
async def test_a_changed_record_is_found_at_its_place(log: Logbook, change: str) -> None:
    place, changed = _ENTRIES[change]
    before = (await log.store.log_entries(WORKSPACE, place, limit=1))[0]
    assert changed(before) != before
    findings = await _found(log, log_entries=_at(place, changed))
    assert place in {each.index for each in findings}


async def test_a_record_that_is_gone_is_found(log: Logbook) -> None:
    findings = await _found(
        log, log_entries=lambda found: [each for each in found if each.index != 7]
    )
    assert Finding(what="place 7 of the log is empty", index=7) in findings


async def test_records_that_have_changed_places_are_found(log: Logbook) -> None:
    def swapped(found: Sequence[LogEntry]) -> list[LogEntry]:
        by_place = {each.index: each for each in found}
        if 50 in by_place:
            by_place[50], by_place[51] = (
                replace(by_place[51], index=50),
                replace(by_place[50], index=51),
            )
        return [by_place[place] for place in sorted(by_place)]

    findings = await _found(log, log_entries=swapped)
    assert findings[0].index == 50
    assert "tile 0/0" in findings[0].what


async def test_a_log_that_is_shorter_than_it_was_is_found(log: Logbook) -> None:
    findings = await _found(log, log_entries=lambda found: found[: 300 if len(found) > 300 else 0])
    assert any("places" in each.what for each in findings)


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("log_tiles", lambda tiles: {tile: bytes(len(tiles[tile])) for tile in tiles}),
        ("log_tiles", lambda tiles: {}),
        ("log_head", lambda head: replace(head, checkpoint="nothing")),
        ("log_head", lambda head: replace(head, origin="log.test/other")),
        ("log_keys", lambda keys: []),
    ],
)
async def test_another_tree_than_the_signed_one_is_found(
    log: Logbook, method: str, change: Callable[[Any], Any]
) -> None:
    assert await _found(log, **{method: change})


async def test_a_state_that_its_events_do_not_give_is_found(log: Logbook) -> None:
    findings = await _found(log, intent=lambda found: replace(found, status=IntentStatus.FAILED))
    assert all("is not what its events give" in each.what for each in findings)
    assert len(findings) == 4


async def test_an_event_that_was_never_queued_is_found(log: Logbook) -> None:
    """As if the leaves of one intent had neither a place nor a turn."""
    first = (await log.store.log_entries(WORKSPACE, 3, limit=1))[0]

    def without(found: Sequence[LogEntry]) -> list[LogEntry]:
        return [
            replace(each, source="fact", seq=0) if each.source == first.source else each
            for each in found
        ]

    findings = await _found(log, log_entries=without)
    assert any("neither in the log nor wait" in each.what for each in findings)


async def _found(log: Logbook, **seen: Callable[[Any], Any]) -> list[Finding]:
    """What is found in a store in which somebody has changed these things."""
    faulty = Faulty(log.store)
    faulty.seen.update(seen)
    report = await fsck(faulty.as_store, WORKSPACE)
    assert report.findings
    return report.findings
