"""A herd of answers in the same instant is answered whole, and nobody waits long."""

from __future__ import annotations

import asyncio
import time

from signoff.core.words import IntentId
from signoff.engine.wakeups import Bell
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from tests.engine.asks import MARIA, WORKSPACE, answer, request, submission

HERD = 1000
GENEROUS_SECONDS = 20.0
"""``make bench`` measures; this only catches a stall, such as a peer's 30 seconds at 16."""


async def test_a_thousand_answers_at_once_each_decide_their_task_and_wake_its_waiter(
    signoff: Services, clock: ManualClock
) -> None:
    asked = await asyncio.gather(
        *(signoff.door.execute(WORKSPACE, submission(task=request())) for _ in range(HERD))
    )
    task_ids = [done.task.id for done in asked if done.task is not None]
    woken = 0

    async def wait(number: int) -> None:
        nonlocal woken
        with signoff.wakeups.listen(asked[number].intent.id) as bell:
            while not await _ended(signoff, asked[number].intent.id, bell):
                assert await bell.ring(within=GENEROUS_SECONDS)
        woken += 1

    waiting = [asyncio.create_task(wait(number)) for number in range(HERD)]
    await asyncio.sleep(0)
    batches, began = signoff.door.batches, time.monotonic()

    decided = await asyncio.gather(
        *(signoff.door.execute(WORKSPACE, answer(task_id, MARIA)) for task_id in task_ids)
    )
    await asyncio.gather(*waiting)

    assert all(done.task is not None and done.task.decision is not None for done in decided)
    assert woken == HERD
    assert time.monotonic() - began < GENEROUS_SECONDS
    assert signoff.door.batches - batches < HERD / 10  # they shared their commits


async def _ended(signoff: Services, intent_id: IntentId, bell: Bell) -> bool:
    """From the news where a ring brought any, as a long poll does."""
    intent = bell.news or await signoff.store.intent(WORKSPACE, intent_id)
    return intent is not None and intent.terminal
