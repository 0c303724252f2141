"""No answer is accepted at or after its deadline, even where nothing has fired for days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signoff.engine.execute import Door
from signoff.errors import TaskExpired
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from tests.engine.asks import WORKSPACE, answer, request, submission


@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(days=3)])
async def test_a_stopped_scheduler_lets_no_late_answer_in(
    signoff: Services, clock: ManualClock, late_by: timedelta
) -> None:
    door = Door(signoff.store, after_commit=lambda changes: None)
    async with door.open():
        done = await door.execute(WORKSPACE, submission(task=request(deadline="2h")))
        assert done.task is not None
        before = await signoff.store.task(WORKSPACE, done.task.id)
        clock.advance(timedelta(hours=2) + late_by)

        with pytest.raises(TaskExpired):
            await door.execute(WORKSPACE, answer(done.task.id))

    after = await signoff.store.task(WORKSPACE, done.task.id)
    assert before is not None
    assert after is not None
    assert after.task.decision is None


async def test_a_moment_before_the_deadline_is_in_time(
    signoff: Services, clock: ManualClock
) -> None:
    done = await signoff.door.execute(WORKSPACE, submission(task=request(deadline="2h")))
    assert done.task is not None
    clock.advance(timedelta(hours=2) - timedelta(microseconds=1))

    decided = await signoff.door.execute(WORKSPACE, answer(done.task.id))

    assert decided.task is not None
    assert decided.task.decision is not None
