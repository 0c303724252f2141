"""Part of ``StoreContract``: what operators look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from signoff.core import commands as c
from signoff.core.routing import LADDER
from signoff.core.words import IntentId, TaskId, TaskState, TaskType
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import Lane, Store
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    JONAS,
    MARIA,
    OTHER_AGENT,
    THERE,
    answer,
    ask,
    asked,
    execute,
    submitted,
)

LATER = START + timedelta(days=1)


class FigureContract:
    """Figures."""

    async def test_what_has_closed_is_found_with_who_decided_it_and_when(
        self, store: Store, clock: ManualClock
    ) -> None:
        _, first = await asked(store)
        intent, late = await asked(store, deadline="1h")
        clock.advance(timedelta(minutes=5))
        await execute(store, answer(first, by=JONAS))
        clock.advance(timedelta(hours=1))
        fire = c.FireTimer(actor=LADDER, kind=c.TimerKind.RUNG, task_id=late)
        await execute(store, fire, intent.id)
        await asked(store)

        expired, decided = await store.closed_tasks(HERE, since=START, limit=9)

        assert (decided.type, decided.state) == (TaskType.APPROVAL, TaskState.CONCLUDED)
        assert (decided.outcome, decided.closed_by) == ("approved", JONAS.id)
        assert decided.closed_at - decided.opened_at == timedelta(minutes=5)
        assert (expired.state, expired.closed_by) == (TaskState.EXPIRED, None)
        assert await store.closed_tasks(HERE, since=START, limit=1) == [expired]
        assert await store.closed_tasks(HERE, since=clock.now(), limit=9) == [expired]
        assert await store.closed_tasks(THERE, since=START, limit=9) == []

    async def test_what_is_open_is_counted_with_the_oldest(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert (await store.open_tasks(HERE)).count == 0
        _, first = await asked(store, risk="high")
        clock.advance(timedelta(minutes=1))
        await asked(store)
        await execute(store, c.ClaimTask(actor=MARIA.actor, task_id=first))

        found = await store.open_tasks(HERE)

        assert (found.count, found.high, found.oldest) == (2, 1, START)
        await execute(store, c.WithdrawTask(actor=AGENT, task_id=first, reason="over"))
        found = await store.open_tasks(HERE)
        assert (found.count, found.high) == (1, 0)
        assert found.oldest == START + timedelta(minutes=1)

    async def test_a_decision_that_nobody_picked_up_is_found_and_told_again(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store)
        await execute(store, answer(task_id))
        (item,) = await store.claim_outbox(Lane.RESUME, limit=9, lease_seconds=60)
        await store.settle_outbox([], [], retry_at={item.id: LATER})
        clock.advance(timedelta(minutes=10))

        (found,) = await store.unread(HERE, before=clock.now(), limit=9)

        assert (found.task_id, found.intent_id, found.agent) == (task_id, intent.id, AGENT.id)
        assert (found.title, found.since) == (intent.title, START)
        assert await store.unread(HERE, before=START, limit=9) == []
        assert await store.unread(THERE, before=LATER, limit=9) == []
        assert await store.claim_outbox(Lane.RESUME, limit=9, lease_seconds=60) == []
        assert await store.tell_again(THERE, [task_id]) == 0
        assert await store.tell_again(HERE, [task_id]) == 1
        assert len(await store.claim_outbox(Lane.RESUME, limit=9, lease_seconds=60)) == 1
        await store.picked_up(HERE, [task_id], [])
        assert await store.unread(HERE, before=LATER, limit=9) == []

    async def test_every_agent_is_listed_with_how_it_does(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert await store.agents(HERE) == []
        _, task_id = await asked(store)
        await asked(store)
        await execute(store, answer(task_id))
        clock.advance(timedelta(minutes=1))
        other = await submitted(store, actor=OTHER_AGENT)
        await execute(store, c.FailIntent(actor=OTHER_AGENT, reason="broke"), other.id)

        mine, theirs = sorted(await store.agents(HERE), key=lambda each: each.failed)

        assert (mine.agent, mine.waiting, mine.working, mine.failed) == (AGENT.id, 1, 1, 0)
        assert (mine.unread, mine.last_at) == (1, START)
        assert (theirs.agent, theirs.waiting, theirs.failed) == (OTHER_AGENT.id, 0, 1)
        assert theirs.last_at == clock.now()

    async def test_notices_that_failed_are_found_newest_first(self, store: Store) -> None:
        await submitted(store, ask())
        (item,) = await store.claim_outbox(Lane.NOTICE, limit=9, lease_seconds=60)
        (first, second) = _notices(item.intent_id, item.task_id)
        await store.settle_outbox([item.id], [first, second], retry_at={})

        assert await store.failed_notices(HERE, since=START, limit=9) == [second, first]
        assert await store.failed_notices(HERE, since=LATER, limit=9) == []
        assert await store.failed_notices(THERE, since=START, limit=9) == []


def _notices(intent_id: IntentId, task_id: TaskId) -> tuple[Notice, Notice]:
    first = Notice(
        workspace=HERE,
        id="n-1",
        intent_id=intent_id,
        task_id=task_id,
        person_id=MARIA.id,
        channel="email",
        reason="opened",
        state=NoticeState.FAILED,
        detail="the mailbox is full",
        at=START,
    )
    return first, replace(first, id="n-2", channel="slack", at=START + timedelta(seconds=1))
