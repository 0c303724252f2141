"""At most one decision wins, and every reader after it sees that one, on either replica."""

from __future__ import annotations

import asyncio

from signoff.core.events import TaskConcluded
from signoff.core.words import TaskId
from signoff.engine.execute import Done
from signoff.errors import AlreadyConcluded
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from tests.engine.asks import JONAS, MARIA, WORKSPACE, answer, request, submission
from tests.postgres import temporary_database
from tests.promises.conftest import enlist, replica

RIVALS = 20


async def test_of_many_answers_at_once_one_wins_and_the_others_are_told_who(
    signoff: Services,
) -> None:
    task_id = await open_task(signoff)

    await _contest(task_id, [signoff])


async def test_of_many_answers_on_two_replicas_one_wins(clock: ManualClock) -> None:
    async with (
        temporary_database() as database,
        replica(database, clock) as first,
        replica(database, clock) as second,
    ):
        await enlist(first)
        for _ in range(10):
            await _contest(await open_task(first), [first, second])


async def open_task(signoff: Services) -> TaskId:
    done = await signoff.door.execute(WORKSPACE, submission(task=request()))
    assert done.task is not None
    return done.task.id


async def _contest(task_id: TaskId, replicas: list[Services]) -> None:
    answers = [
        replicas[number % len(replicas)].door.execute(
            WORKSPACE,
            answer(
                task_id,
                (MARIA, JONAS)[number // 2 % 2],
                ("approved", "rejected")[number // 4 % 2],
            ),
        )
        for number in range(RIVALS)
    ]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)

    won = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, AlreadyConcluded)]
    assert (len(won), len(lost)) == (1, RIVALS - 1)
    assert won[0].task is not None
    decision = won[0].task.decision
    assert decision is not None
    assert {error.about["by"] for error in lost} == {decision.by.label}
    for each in replicas:
        found = await each.store.task(WORKSPACE, task_id)
        assert found is not None
        assert found.task.decision == decision
        events = await each.store.events(WORKSPACE, found.task.intent_id, after=0, limit=100)
        assert sum(isinstance(event.body, TaskConcluded) for event in events) == 1
