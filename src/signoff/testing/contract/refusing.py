"""What a store refuses to write whoever asks: the invariants that a defect must not get past."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signoff.core.commands import CancelIntent
from signoff.core.events import Event, IntentStarted, StepRecorded
from signoff.core.intent import Intent, evolve
from signoff.core.words import IntentId, TaskState
from signoff.engine.ports import Change, Replay, Store
from signoff.errors import StoreUnavailable
from signoff.storage.writes import WriteConflict
from signoff.testing.clock import START
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    World,
    answer,
    asked,
    commit,
    execute,
    fresh,
    history_of,
    step,
    submitted,
)

REFUSED = (WriteConflict, StoreUnavailable)


class RefusingContract(World):
    async def test_an_intent_that_has_moved_on_is_not_overwritten(self, store: Store) -> None:
        stale = await submitted(store)
        current = await _stepped(store, stale, "first")

        with pytest.raises(REFUSED):
            await commit(store, _started(stale))

        assert await store.intent(HERE, stale.id) == current
        assert len(await history_of(store, stale.id)) == current.seq

    async def test_one_stale_change_undoes_the_whole_batch(self, store: Store) -> None:
        stale, other = await submitted(store), await submitted(store)
        await _stepped(store, stale, "first")

        with pytest.raises(REFUSED):
            await commit(store, _started(other), _started(stale))

        assert await store.intent(HERE, other.id) == other

    async def test_an_intent_that_nobody_submitted_is_not_continued(self, store: Store) -> None:
        unknown = replace(await submitted(store), id=IntentId(fresh("int")))

        with pytest.raises(REFUSED):
            await commit(store, _started(unknown))

    async def test_an_intent_is_submitted_once(self, store: Store) -> None:
        intent = await submitted(store)
        (first,) = await history_of(store, intent.id)

        with pytest.raises(REFUSED):
            await commit(store, Change(before=None, after=intent, events=(first,), duties=()))

        assert len(await history_of(store, intent.id)) == 1

    async def test_events_are_numbered_without_a_gap(self, store: Store) -> None:
        intent = await submitted(store)
        change = _started(intent)
        gap = replace(
            change,
            after=replace(change.after, seq=3),
            events=tuple(replace(event, seq=3) for event in change.events),
        )

        with pytest.raises(REFUSED):
            await commit(store, gap)

        assert await store.intent(HERE, intent.id) == intent

    async def test_a_terminal_intent_never_changes(self, store: Store) -> None:
        intent = await submitted(store)
        ended = await execute(store, CancelIntent(actor=AGENT, reason="enough"), intent.id)
        revived = replace(_started(ended), after=replace(intent, seq=ended.seq + 1))

        with pytest.raises(REFUSED):
            await commit(store, revived)

        assert await store.intent(HERE, intent.id) == ended

    async def test_a_decision_is_written_once(self, store: Store) -> None:
        _, task_id = await asked(store)
        decided = await execute(store, answer(task_id))
        task = decided.tasks[task_id]
        assert task.decision is not None
        other = replace(task, decision=replace(task.decision, outcome="rejected"))
        reopened = replace(task, state=TaskState.OPEN, decision=None, closed_at=None)

        for changed in (other, reopened):
            change = _event(decided, StepRecorded(name="x", kind="step", output=None))
            change = replace(change, after=replace(change.after, tasks={task_id: changed}))
            with pytest.raises(REFUSED):
                await commit(store, change)

        found = await store.task(HERE, task_id)
        assert found is not None
        assert found.task == task

    async def test_a_step_is_recorded_once_under_its_name(self, store: Store) -> None:
        intent = await _stepped(store, await submitted(store), "draft")

        with pytest.raises(REFUSED):
            await commit(store, _event(intent, StepRecorded(name="draft", kind="x", output=2)))

        (step,) = await store.steps(HERE, intent.id)
        assert step.output is None

    async def test_an_idempotency_key_is_spent_once(self, store: Store) -> None:
        intent = await submitted(store)
        spent = Replay(
            workspace=HERE,
            scope="agent:1",
            key="k",
            fingerprint="f" * 64,
            intent_id=intent.id,
            task_id=None,
        )
        await commit(store, replays=[spent])

        with pytest.raises(REFUSED):
            await commit(store, replays=[replace(spent, fingerprint="0" * 64)])


async def _stepped(store: Store, intent: Intent, name: str) -> Intent:
    """Record one step."""
    return await execute(store, step(name), intent.id)


def _started(intent: Intent) -> Change:
    return _event(intent, IntentStarted())


def _event(intent: Intent, body: IntentStarted | StepRecorded) -> Change:
    """One more event, whether or not the rules would have allowed it."""
    event = Event(seq=intent.seq + 1, at=START, actor=AGENT, body=body)
    after = (
        replace(intent, seq=event.seq)
        if intent.terminal or isinstance(body, IntentStarted)
        else evolve(intent, event, intent_id=intent.id)
    )
    return Change(before=intent, after=after, events=(event,), duties=())
