"""Retention: what has been kept for as long as was set is erased, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signoff.core.provenance import Custody
from signoff.core.words import IntentId
from signoff.engine.log.ports import Hold, LogEntry
from signoff.engine.log.retention import Retention
from signoff.testing.clock import START, ManualClock
from tests.engine.asks import WORKSPACE, answer, request, submission
from tests.logs import Faulty, Logbook, logbook, unavailable

KEPT = timedelta(days=30)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def log(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Logbook]:
    async with logbook(f"sqlite:///{tmp_path / 'signoff.db'}", clock=clock) as book:
        await book.sequencer.open_logs()
        settings = await book.store.settings(WORKSPACE)
        wanted = replace(settings, version=settings.version + 1, retention={"payment": KEPT})
        await book.store.save_settings(WORKSPACE, wanted, by="admin")
        yield book


async def test_what_was_kept_long_enough_is_erased_and_the_rest_stays(
    log: Logbook, clock: ManualClock
) -> None:
    old, other = await _ended(log), await _ended(log, retention_class="hr")
    running = await _asked(log)
    clock.advance(timedelta(days=29))
    young = await _ended(log)
    assert await Retention(log.store).sweep() == 0
    clock.advance(timedelta(days=2))

    assert await Retention(log.store).sweep() == 1

    assert [await _payload(log, each) for each in (old, other, running, young)] == [
        None,
        {"amount": 240},
        {"amount": 240},
        {"amount": 240},
    ]
    told = (await _entries(log, old))[-1]
    assert told.type == "erasure.done"
    assert '"scope":"retention"' in told.leaf
    assert '"retention_class":"payment"' in told.leaf
    assert await Retention(log.store).sweep() == 0, "once is enough"


async def test_a_hold_keeps_its_own_and_nothing_else(log: Logbook, clock: ManualClock) -> None:
    intents = [await _ended(log) for _ in range(3)]
    hold = Hold(
        workspace=WORKSPACE,
        id="hold_1",
        scope="intent",
        target=intents[0],
        reason="a lawsuit",
        placed_by="key_1",
        placed_at=START,
    )
    await log.store.place_hold(hold, ())
    clock.advance(KEPT + timedelta(days=1))

    assert await Retention(log.store, at_once=1).sweep() == 1
    assert await Retention(log.store, at_once=5).sweep() == 1

    assert [await _payload(log, each) is None for each in intents] == [False, True, True]
    await log.store.lift_hold(WORKSPACE, hold.id, clock.now(), ())
    assert await Retention(log.store).sweep() == 1


async def test_a_sweep_that_fails_is_made_up_for(log: Logbook, clock: ManualClock) -> None:
    await _ended(log)
    clock.advance(KEPT + timedelta(days=1))
    faulty = Faulty(log.store)
    faulty.before["rewrite"] = [unavailable]
    assert await Retention(faulty.as_store).sweep() == 0
    assert await Retention(faulty.as_store).sweep() == 1


async def _asked(log: Logbook, *, retention_class: str = "payment") -> IntentId:
    submit = submission(task=request())
    custody = Custody(retention_class=retention_class)
    done = await log.door.execute(WORKSPACE, replace(submit, custody=custody))
    return done.intent.id


async def _ended(log: Logbook, *, retention_class: str = "payment") -> IntentId:
    intent_id = await _asked(log, retention_class=retention_class)
    found = await log.store.intent(WORKSPACE, intent_id)
    assert found is not None
    (task_id,) = found.tasks
    await log.door.execute(WORKSPACE, answer(task_id))
    return intent_id


async def _payload(log: Logbook, intent_id: IntentId) -> object:
    found = await log.store.intent(WORKSPACE, intent_id)
    assert found is not None
    return found.payload


async def _entries(log: Logbook, intent_id: IntentId) -> Sequence[LogEntry]:
    await log.sequencer.flush()
    return await log.store.log_entries_of(WORKSPACE, intent_id)
