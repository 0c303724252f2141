"""What came due while no server ran is dealt with before anything is accepted, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from signoff.core.events import (
    Event,
    RungSkipped,
    TaskEscalated,
    TaskExpired,
    TaskRecovered,
    TaskReminded,
)
from signoff.core.task import Task
from signoff.core.words import IntentId, TaskState
from signoff.engine.ports import Page, TaskFilter
from signoff.errors import TaskExpired as Expired
from signoff.server.services import Services
from signoff.storage import connect
from signoff.testing.clock import ManualClock
from tests.engine.asks import WORKSPACE, answer, request, submission
from tests.postgres import temporary_database
from tests.promises.conftest import enlist, replica

HOUR = timedelta(hours=1)
LADDER = [
    {"after": "1h", "do": "remind"},
    {"after": "2h", "do": "escalate", "to": "jonas@acme.test"},
    {"after": "4h", "do": "fail"},
]


async def test_after_an_outage_nobody_loses_the_time_in_which_they_could_not_answer(
    database: str, clock: ManualClock
) -> None:
    intent_id = await _asked_by_a_server_that_stops(database, clock)
    clock.advance(10 * HOUR)

    async with replica(database, clock) as signoff:
        task, events = await _seen(signoff, intent_id)
        assert task.due_at == clock.now() + 4 * HOUR
        done = await signoff.door.execute(WORKSPACE, answer(task.id))

    assert _kinds(events) == [TaskRecovered, RungSkipped, TaskEscalated]
    assert all(event.body.reason for event in events if isinstance(event.body, RungSkipped))
    assert done.task is not None
    assert done.task.state is TaskState.CONCLUDED


async def test_a_strict_task_is_over_once_its_time_is_up_outage_or_not(
    database: str, clock: ManualClock
) -> None:
    intent_id = await _asked_by_a_server_that_stops(database, clock, outage="strict")
    clock.advance(10 * HOUR)

    async with replica(database, clock) as signoff:
        task, events = await _seen(signoff, intent_id)
        with pytest.raises(Expired):
            await signoff.door.execute(WORKSPACE, answer(task.id))

    assert _kinds(events) == [RungSkipped, RungSkipped, TaskExpired]
    (expired,) = (event.body for event in events if isinstance(event.body, TaskExpired))
    assert expired.late is not None
    assert "no server ran" in expired.late


async def test_a_restart_within_the_threshold_is_no_outage(
    database: str, clock: ManualClock
) -> None:
    intent_id = await _asked_by_a_server_that_stops(database, clock)
    clock.advance(timedelta(seconds=59))

    async with replica(database, clock) as signoff:
        task, events = await _seen(signoff, intent_id)

    assert events == []
    assert task.due_at == task.opened_at + 4 * HOUR


async def test_two_servers_that_start_after_an_outage_give_it_back_once(
    clock: ManualClock,
) -> None:
    async with temporary_database() as database:
        intent_id = await _asked_by_a_server_that_stops(database, clock)
        clock.advance(10 * HOUR)

        async with replica(database, clock) as first, replica(database, clock) as second:
            _, events = await _seen(first, intent_id)
            task, _ = await _seen(second, intent_id)

    assert _kinds(events) == [TaskRecovered, RungSkipped, TaskEscalated]
    assert task.due_at == clock.now() + 4 * HOUR


async def test_two_servers_that_start_at_the_same_moment_give_it_back_once(
    clock: ManualClock,
) -> None:
    async with temporary_database() as database:
        intent_id = await _asked_by_a_server_that_stops(database, clock)
        clock.advance(10 * HOUR)

        async def started() -> list[Event]:
            async with replica(database, clock) as signoff:
                return (await _seen(signoff, intent_id))[1]

        one, other = await asyncio.gather(started(), started())

    assert one == other
    assert _kinds(one) == [TaskRecovered, RungSkipped, TaskEscalated]


async def test_a_server_that_died_in_its_recovery_leaves_nobody_the_worse_for_it(
    database: str, clock: ManualClock
) -> None:
    ladder = [{"after": "4h", "do": "fail"}]
    intent_id = await _asked_by_a_server_that_stops(database, clock, ladder=ladder)
    clock.advance(3 * HOUR)
    store = connect(database, clock=clock)
    await store.open()
    assert await store.beat(threshold_seconds=60) is not None  # on record, and there it died
    await store.close()
    clock.advance(3 * HOUR)

    async with replica(database, clock) as signoff:
        task, _ = await _seen(signoff, intent_id)

    assert task.live
    assert task.due_at > clock.now()


async def _asked_by_a_server_that_stops(
    database: str, clock: ManualClock, **fields: Any
) -> IntentId:
    async with replica(database, clock) as signoff:
        await enlist(signoff)
        task = request(**{"assignee": "maria@acme.test", "ladder": LADDER, **fields})
        done = await signoff.door.execute(WORKSPACE, submission(task=task))
    return done.intent.id


async def _seen(signoff: Services, intent_id: IntentId) -> tuple[Task, list[Event]]:
    """The task, and what time has made of it."""
    (found,) = await signoff.store.tasks(WORKSPACE, TaskFilter(intent_id=intent_id), Page(limit=2))
    events = await signoff.store.events(WORKSPACE, intent_id, after=0, limit=100)
    return found.task, [event for event in events if isinstance(event.body, _BY_TIME)]


def _kinds(events: Sequence[Event]) -> list[type]:
    return [type(event.body) for event in events]


_BY_TIME = (TaskRecovered, RungSkipped, TaskEscalated, TaskReminded, TaskExpired)
