"""Decided means the agent is told: the row that says so is written with the decision itself."""

from __future__ import annotations

import asyncio

from signoff.engine.execute import Door
from signoff.engine.ports import Lane
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from tests.engine.asks import MARIA, WORKSPACE, answer, request, submission
from tests.postgres import temporary_database
from tests.promises.conftest import enlist, replica


async def test_whoever_waits_is_woken_by_the_decision_itself(signoff: Services) -> None:
    done = await signoff.door.execute(WORKSPACE, submission(task=request()))
    assert done.task is not None
    with signoff.wakeups.listen(done.intent.id) as bell:
        waiting = asyncio.create_task(bell.ring(within=5))
        await asyncio.sleep(0)

        await signoff.door.execute(WORKSPACE, answer(done.task.id))

        assert await waiting
        assert bell.news is not None
        assert bell.news.tasks[done.task.id].decision is not None


async def test_who_waits_on_one_replica_is_pushed_awake_by_an_answer_on_another(
    clock: ManualClock,
) -> None:
    async with (
        temporary_database() as database,
        replica(database, clock, poll_seconds=60) as here,
        replica(database, clock, poll_seconds=60) as there,
    ):
        await enlist(here)
        done = await here.door.execute(WORKSPACE, submission(task=request()))
        assert done.task is not None
        with here.wakeups.listen(done.intent.id) as bell:
            while await bell.ring(within=0.3):
                pass
            waiting = asyncio.create_task(bell.ring(within=5))

            await there.door.execute(WORKSPACE, answer(done.task.id))

            assert await waiting


async def test_an_agent_that_was_not_listening_is_owed_a_wake_up_until_it_picks_up(
    signoff: Services,
) -> None:
    door = Door(signoff.store, after_commit=lambda changes: None)
    async with door.open():
        done = await door.execute(WORKSPACE, submission(task=request()))
        assert done.task is not None
        await door.execute(WORKSPACE, answer(done.task.id))

    assert (await signoff.store.depths()).resumes_due == 1

    found = await signoff.store.task(WORKSPACE, done.task.id)
    assert found is not None
    await signoff.pickups.note(found)
    await signoff.pickups.flush()
    assert (await signoff.store.depths()).resumes_due == 0
    assert await signoff.store.claim_outbox(Lane.RESUME, limit=10, lease_seconds=1) == []


async def test_everybody_asked_is_told_and_it_is_on_record(signoff: Services) -> None:
    done = await signoff.door.execute(WORKSPACE, submission(task=request()))
    assert done.task is not None

    async with asyncio.timeout(5):
        while len(notices := await signoff.store.notices(WORKSPACE, done.task.id)) < 2:
            await asyncio.sleep(0.02)

    assert MARIA.id in {notice.person_id for notice in notices}
    assert {(notice.channel, notice.reason, notice.state) for notice in notices} == {
        ("inbox", "opened", "sent")
    }
