"""Timers: armed and disarmed with the deciding batch, each leased to one caller when it is due."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from signoff.core import commands as c
from signoff.core.commands import TimerKind
from signoff.core.routing import LADDER
from signoff.engine.ports import DueTimer, Store
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    THERE,
    World,
    answer,
    ask,
    asked,
    execute,
    person,
    person_row,
    submitted,
)

MINUTE = timedelta(minutes=1)
RUNGS = [{"after": "10m", "do": "remind"}, {"after": "20m", "do": "fail"}]


class TimerContract(World):
    async def test_a_waiting_task_has_its_next_rung_armed(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store, ladder=RUNGS, deadline=None)
        due_at = intent.tasks[task_id].next_rung_at

        assert await store.next_timer() == due_at
        clock.advance(10 * MINUTE - timedelta(microseconds=1))
        assert await _claim(store) == []
        clock.advance(timedelta(microseconds=1))
        (timer,) = await _claim(store)
        assert timer == DueTimer(
            workspace=HERE,
            intent_id=intent.id,
            task_id=task_id,
            kind=TimerKind.RUNG,
            due_at=clock.now(),
        )

    async def test_a_leased_timer_is_nobody_elses_until_the_lease_ends(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        await asked(store, deadline="10m")
        clock.advance(11 * MINUTE)
        first = await _claim(store, lease_seconds=30)

        assert len(first) == 1
        assert await store.next_timer() is None
        assert await _claim(replica) == []
        clock.advance(timedelta(seconds=30))
        assert await store.next_timer() == first[0].due_at
        assert await _claim(replica) == first

    async def test_a_lease_that_lapsed_comes_in_its_turn_among_those_that_are_due(
        self, store: Store, clock: ManualClock
    ) -> None:
        tasks = [(await asked(store, deadline=f"{minutes}m"))[1] for minutes in (1, 2, 3, 4)]
        clock.advance(3 * MINUTE)
        first = await _claim(store, limit=2, lease_seconds=60)
        clock.advance(MINUTE)

        assert [timer.task_id for timer in first] == tasks[:2]
        assert [timer.task_id for timer in await _claim(store, limit=3)] == tasks[:3]
        assert [timer.task_id for timer in await _claim(store)] == tasks[3:]

    async def test_a_timer_set_anew_is_leased_to_nobody(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store, ladder=RUNGS, deadline=None)
        clock.advance(10 * MINUTE)
        await _claim(store, lease_seconds=3_600)
        fire = c.FireTimer(actor=LADDER, kind=TimerKind.RUNG, task_id=task_id)
        after = await execute(store, fire, intent.id)

        assert await store.next_timer() == after.tasks[task_id].next_rung_at
        clock.advance(10 * MINUTE)
        assert [timer.task_id for timer in await _claim(store)] == [task_id]

    async def test_a_task_that_closes_takes_its_timer_with_it(
        self, store: Store, clock: ManualClock
    ) -> None:
        _, task_id = await asked(store)
        await execute(store, answer(task_id))

        assert await store.next_timer() is None
        clock.advance(timedelta(days=1))
        assert await _claim(store) == []

    async def test_an_intent_has_timers_of_its_own_beside_those_of_its_tasks(
        self, store: Store, clock: ManualClock
    ) -> None:
        now = clock.now()
        intent = await submitted(store, ask(deadline="3m"), deadline=now + 2 * MINUTE)
        nap = c.Sleep(actor=AGENT, name="nap", until=now + MINUTE)
        await execute(store, nap, intent.id)
        clock.advance(3 * MINUTE)

        timers = await _claim(store)

        assert [timer.kind for timer in timers] == ["sleep", "deadline", "rung"]
        assert [timer.task_id is None for timer in timers] == [True, True, False]

    async def test_an_intent_that_ends_leaves_no_timer(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent = await submitted(store, ask(), deadline=clock.now() + MINUTE)
        await execute(store, c.CancelIntent(actor=AGENT, reason="enough"), intent.id)

        assert await store.next_timer() is None

    async def test_the_earliest_come_first_and_no_more_than_asked_for(
        self, store: Store, clock: ManualClock
    ) -> None:
        tasks = {minutes: (await asked(store, deadline=f"{minutes}m"))[1] for minutes in (3, 1, 2)}
        clock.advance(5 * MINUTE)

        first = await _claim(store, limit=2)
        rest = await _claim(store, limit=2)

        assert [timer.task_id for timer in first] == [tasks[1], tasks[2]]
        assert [timer.task_id for timer in rest] == [tasks[3]]

    async def test_timers_of_every_workspace_are_claimed(
        self, store: Store, clock: ManualClock
    ) -> None:
        await asked(store)
        await store.add_person(person_row(person("paul", roles=["approver"]), THERE))
        await submitted(store, ask(), workspace=THERE)
        clock.advance(timedelta(hours=1))

        assert {timer.workspace for timer in await _claim(store)} == {HERE, THERE}

    async def test_of_callers_at_once_each_timer_goes_to_one(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        armed = [(await asked(store, deadline="1m"))[1] for _ in range(12)]
        clock.advance(MINUTE)

        claims = await asyncio.gather(
            *(_claim(each, limit=3) for each in (store, replica) for _ in range(4))
        )

        claimed = [timer.task_id for claim in claims for timer in claim]
        rest = [timer.task_id for timer in await _claim(store)]
        assert sorted(map(str, [*claimed, *rest])) == sorted(armed)


async def _claim(store: Store, *, limit: int = 100, lease_seconds: float = 60) -> list[DueTimer]:
    return [*await store.claim_timers(limit=limit, lease_seconds=lease_seconds)]
