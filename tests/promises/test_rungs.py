"""A rung fires once and never early, whichever replica gets to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from signoff.core.commands import Sleep
from signoff.core.events import Event, IntentFailed, RungSkipped, TaskEscalated, TaskReminded
from signoff.core.words import IntentId, IntentStatus
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from tests.engine.asks import AGENT, WORKSPACE, request, submission
from tests.postgres import temporary_database
from tests.promises.conftest import enlist, replica

LADDER = [
    {"after": "1h", "do": "remind", "every": "1h", "max": 2},
    {"after": "4h", "do": "escalate", "to": "jonas@acme.test"},
    {"after": "6h", "do": "fail"},
]


async def test_each_rung_fires_once_at_its_time(signoff: Services, clock: ManualClock) -> None:
    intent_id = await _asked(signoff)

    await _climb(signoff, clock, intent_id)


async def test_two_replicas_fire_each_rung_once(clock: ManualClock) -> None:
    async with (
        temporary_database() as database,
        replica(database, clock) as first,
        replica(database, clock),
    ):
        await enlist(first)
        await _climb(first, clock, await _asked(first))


async def test_after_an_outage_the_deadline_closes_and_what_was_missed_says_why(
    signoff: Services, clock: ManualClock
) -> None:
    intent_id = await _asked(signoff)
    clock.advance(timedelta(hours=5))

    events = await _until(signoff, intent_id, lambda seen: _count(seen, TaskEscalated) == 1)

    assert _count(events, TaskReminded) == 0
    skipped = [event.body for event in events if isinstance(event.body, RungSkipped)]
    assert [body.nth for body in skipped] == [1, 2]
    assert all(body.reason for body in skipped)


async def test_a_sleep_ends_at_its_time_and_not_before(
    signoff: Services, clock: ManualClock
) -> None:
    done = await signoff.door.execute(WORKSPACE, submission(handled=True))
    until = clock.now() + timedelta(hours=1)
    sleep = Sleep(actor=AGENT, name="cool down", until=until)
    await signoff.door.execute(WORKSPACE, sleep, done.intent.id)

    clock.advance(timedelta(minutes=59))
    await asyncio.sleep(0.2)
    still = await signoff.store.intent(WORKSPACE, done.intent.id)
    assert still is not None
    assert still.status is IntentStatus.WAITING

    clock.advance(timedelta(minutes=1))
    events = await _until(
        signoff, done.intent.id, lambda seen: seen[-1].body.type == "intent.resumed"
    )
    assert [event.body.type for event in events][-2:] == ["intent.awoke", "intent.resumed"]


async def _asked(signoff: Services) -> IntentId:
    task = request(assignee="maria@acme.test", ladder=LADDER)
    done = await signoff.door.execute(WORKSPACE, submission(task=task))
    return done.intent.id


async def _climb(signoff: Services, clock: ManualClock, intent_id: IntentId) -> None:
    """Step through the hours and compare with the ladder at each."""
    for hours, reminders, escalations, failures in (
        (0.99, 0, 0, 0),
        (0.01, 1, 0, 0),
        (1.0, 2, 0, 0),
        (1.9, 2, 0, 0),
        (0.1, 2, 1, 0),
        (1.9, 2, 1, 0),
        (0.1, 2, 1, 1),
        (9.0, 2, 1, 1),
    ):
        clock.advance(timedelta(hours=hours))
        expected = (reminders, escalations, failures)
        await _until(signoff, intent_id, partial(_has_fired, expected))
        await asyncio.sleep(0.15)  # long enough for either replica to fire it a second time
        events = await signoff.store.events(WORKSPACE, intent_id, after=0, limit=100)
        assert _fired(events) == expected


def _has_fired(expected: tuple[int, int, int], events: Sequence[Event]) -> bool:
    return _fired(events) == expected


def _fired(events: Sequence[Event]) -> tuple[int, int, int]:
    return (
        _count(events, TaskReminded),
        _count(events, TaskEscalated),
        _count(events, IntentFailed),
    )


def _count(events: Sequence[Event], kind: type) -> int:
    return sum(isinstance(event.body, kind) for event in events)


async def _until(
    signoff: Services, intent_id: IntentId, holds: Callable[[Sequence[Event]], bool]
) -> Sequence[Event]:
    async with asyncio.timeout(10):
        while True:
            events = await signoff.store.events(WORKSPACE, intent_id, after=0, limit=100)
            if holds(events):
                return events
            await asyncio.sleep(0.02)
