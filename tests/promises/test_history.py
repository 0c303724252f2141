"""State and events are one transaction: replaying what was stored gives what is stored."""

from __future__ import annotations

import asyncio

from signoff.core import commands as c
from signoff.core.intent import replay
from signoff.core.words import IntentId, TaskState
from signoff.errors import SignoffError
from signoff.server.services import Services
from tests.engine.asks import AGENT, JONAS, MARIA, WORKSPACE, answer, request, submission


async def test_replaying_the_stored_events_gives_the_stored_state(signoff: Services) -> None:
    intent_ids = await asyncio.gather(*(_life(signoff, number) for number in range(12)))

    for intent_id in intent_ids:
        await _require_replayable(signoff, intent_id)


async def test_what_was_refused_left_no_trace(signoff: Services) -> None:
    done = await signoff.door.execute(WORKSPACE, submission(task=request()))
    assert done.task is not None
    before = await signoff.store.intent(WORKSPACE, done.intent.id)

    refused: list[c.Command] = [
        answer(done.task.id, outcome="perhaps"),
        c.ReleaseTask(actor=MARIA.actor, task_id=done.task.id),
        c.ReviseTask(actor=AGENT, task_id=done.task.id, content="x"),
        c.ClaimTask(actor=AGENT, task_id=done.task.id),
    ]
    for command in refused:
        try:
            await signoff.door.execute(WORKSPACE, command)
        except SignoffError:
            continue
        raise AssertionError(f"{command} was not refused")

    assert await signoff.store.intent(WORKSPACE, done.intent.id) == before


async def _life(signoff: Services, number: int) -> IntentId:
    """One of several lives an intent may have."""
    door = signoff.door
    if number % 3 == 0:
        done = await door.execute(WORKSPACE, submission(task=request()))
        assert done.task is not None
        await door.execute(WORKSPACE, c.ClaimTask(actor=JONAS.actor, task_id=done.task.id))
        await door.execute(WORKSPACE, answer(done.task.id, JONAS, "rejected"))
        return done.intent.id
    done = await door.execute(WORKSPACE, submission(handled=True))
    intent_id = done.intent.id
    step = c.RecordStep(actor=AGENT, name="draft", kind="step", output={"n": number})
    await door.execute(WORKSPACE, step, intent_id)
    review = request(type="review", content="a draft", revisions=2)
    opened = await door.execute(WORKSPACE, c.OpenTask(actor=AGENT, task=review), intent_id)
    assert opened.task is not None
    if number % 3 == 1:
        await door.execute(
            WORKSPACE, c.WithdrawTask(actor=AGENT, task_id=opened.task.id, reason="not needed")
        )
        await door.execute(WORKSPACE, c.CompleteIntent(actor=AGENT, result={"n": 1}), intent_id)
    else:
        await door.execute(WORKSPACE, c.CancelIntent(actor=AGENT, reason="changed"), intent_id)
    return intent_id


async def _require_replayable(signoff: Services, intent_id: IntentId) -> None:
    events = await signoff.store.events(WORKSPACE, intent_id, after=0, limit=1000)
    rebuilt = replay(events, intent_id=intent_id)
    stored = await signoff.store.intent(WORKSPACE, intent_id)
    assert rebuilt is not None
    assert stored is not None
    assert [event.seq for event in events] == list(range(1, stored.seq + 1))
    assert stored.status is rebuilt.status
    assert (stored.seq, stored.result, stored.ended_because) == (
        rebuilt.seq,
        rebuilt.result,
        rebuilt.ended_because,
    )
    assert all(task.state in (TaskState.OPEN, TaskState.CLAIMED) for task in stored.live_tasks)
    for task_id, task in rebuilt.tasks.items():
        found = await signoff.store.task(WORKSPACE, task_id)
        assert found is not None
        assert found.task == task
