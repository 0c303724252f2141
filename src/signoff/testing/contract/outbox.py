"""The outbox: duties written with the deciding batch, carried out after it by one at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from signoff.core import commands as c
from signoff.core.plan import NoticeReason, Notify
from signoff.core.words import TaskId
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import (
    Depths,
    Lane,
    OutboxItem,
    Store,
)
from signoff.engine.records import decode_notify
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    MARIA,
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

SECOND = timedelta(seconds=1)


class OutboxContract(World):
    async def test_an_opened_task_leaves_a_notice_to_send(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store)

        (item,) = await _claim(store, Lane.NOTICE)

        assert (item.workspace, item.intent_id, item.task_id) == (HERE, intent.id, task_id)
        assert (item.lane, item.attempts, item.created_at) == (Lane.NOTICE, 1, clock.now())
        notify = decode_notify(item.body)
        assert notify == Notify(
            task_id=task_id,
            reason=NoticeReason.OPENED,
            to=intent.tasks[task_id].asked.who,
        )

    async def test_a_decided_task_leaves_its_agent_to_wake_in_a_lane_of_its_own(
        self, store: Store
    ) -> None:
        _, task_id = await asked(store)
        assert await _claim(store, Lane.RESUME) == []

        await execute(store, answer(task_id))

        (item,) = await _claim(store, Lane.RESUME)
        assert (item.task_id, item.lane) == (task_id, Lane.RESUME)
        assert len(await _claim(store, Lane.NOTICE)) == 1

    async def test_a_leased_item_is_nobody_elses_until_the_lease_ends_and_counts_attempts(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        await asked(store)
        (first,) = await _claim(store, Lane.NOTICE, lease_seconds=30)

        assert await _claim(replica, Lane.NOTICE) == []
        clock.advance(30 * SECOND)
        (again,) = await _claim(replica, Lane.NOTICE)
        assert again.id == first.id
        assert (first.attempts, again.attempts) == (1, 2)

    async def test_the_oldest_come_first_and_no_more_than_asked_for(
        self, store: Store, clock: ManualClock
    ) -> None:
        tasks = []
        for _ in range(3):
            tasks.append((await asked(store))[1])
            clock.advance(SECOND)

        first = await _claim(store, Lane.NOTICE, limit=2)
        rest = await _claim(store, Lane.NOTICE, limit=2)

        assert [item.task_id for item in [*first, *rest]] == tasks
        assert len(first) == 2

    async def test_what_is_settled_is_gone_and_what_is_put_off_comes_back_then(
        self, store: Store, clock: ManualClock
    ) -> None:
        await asked(store)
        await asked(store)
        done, later = await _claim(store, Lane.NOTICE, lease_seconds=3_600)
        retry_at = clock.now() + 60 * SECOND

        await store.settle_outbox([done.id], [_notice(done)], retry_at={later.id: retry_at})

        clock.advance(59 * SECOND)
        assert await _claim(store, Lane.NOTICE) == []
        clock.advance(SECOND)
        (again,) = await _claim(store, Lane.NOTICE)
        assert (again.id, again.attempts) == (later.id, 2)
        clock.advance(timedelta(days=1))
        assert [item.id for item in await _claim(store, Lane.NOTICE)] == [later.id]

    async def test_settling_nothing_or_what_is_gone_is_harmless(self, store: Store) -> None:
        await asked(store)
        (item,) = await _claim(store, Lane.NOTICE)
        await store.settle_outbox([], [], retry_at={})
        for _ in range(2):
            await store.settle_outbox([item.id], [], retry_at={})
        await store.settle_outbox([], [], retry_at={item.id: START})

        assert await _claim(store, Lane.NOTICE) == []

    async def test_an_id_is_never_given_twice(self, store: Store) -> None:
        await asked(store)
        (first,) = await _claim(store, Lane.NOTICE)
        await store.settle_outbox([first.id], [], retry_at={})
        await asked(store)
        (second,) = await _claim(store, Lane.NOTICE)

        assert first.id != second.id

    async def test_who_was_told_is_on_record_and_a_later_attempt_tells_it_anew(
        self, store: Store, clock: ManualClock
    ) -> None:
        _, task_id = await asked(store)
        (item,) = await _claim(store, Lane.NOTICE)
        failed = _notice(item, state=NoticeState.FAILED, detail="refused: it's \u274c")
        await store.settle_outbox([], [failed], retry_at={item.id: clock.now()})
        assert await store.notices(HERE, task_id) == [failed]

        sent = _notice(item, state=NoticeState.SENT)
        other = _notice(item, number=2)
        await store.settle_outbox([item.id], [other, sent], retry_at={})

        assert await store.notices(HERE, task_id) == [sent, other]
        assert await store.notices(HERE, TaskId("task_no")) == []

    async def test_what_an_agent_has_picked_up_it_is_not_told_again(self, store: Store) -> None:
        read, unread = (await asked(store))[1], (await asked(store))[1]
        for task_id in (read, unread):
            await execute(store, answer(task_id))

        await store.picked_up(THERE, [read, unread])
        await store.picked_up(HERE, [read, TaskId("task_no")])
        await store.picked_up(HERE, [])

        assert [item.task_id for item in await _claim(store, Lane.RESUME)] == [unread]
        assert len(await _claim(store, Lane.NOTICE)) == 2

    async def test_of_callers_at_once_each_item_goes_to_one(
        self, store: Store, replica: Store
    ) -> None:
        left = [(await asked(store))[1] for _ in range(12)]

        claims = await asyncio.gather(
            *(_claim(each, Lane.NOTICE, limit=3) for each in (store, replica) for _ in range(4))
        )

        claimed = [item.task_id for claim in claims for item in claim]
        rest = [item.task_id for item in await _claim(store, Lane.NOTICE)]
        assert sorted([*claimed, *rest]) == sorted(left)

    async def test_depths_count_what_is_open_and_what_is_due(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert await store.depths() == Depths()
        intent, decided = await asked(store)
        await store.add_person(person_row(person("paul", roles=["approver"]), THERE))
        await submitted(store, ask(), workspace=THERE)
        task = ask()
        await execute(store, c.OpenTask(actor=AGENT, task=task), intent.id)
        await execute(store, c.ClaimTask(actor=MARIA.actor, task_id=task.id))
        await execute(store, answer(decided))
        oldest = clock.now()

        assert await _depths(store) == Depths(
            live_tasks=2, notices_due=3, resumes_due=1, oldest_resume=oldest, overdue_timers=0
        )
        (resume,) = await _claim(store, Lane.RESUME)
        retry_at = clock.advance(timedelta(hours=1)) + 60 * SECOND
        await store.settle_outbox([], [], retry_at={resume.id: retry_at})
        assert await _depths(store) == Depths(
            live_tasks=2, notices_due=3, resumes_due=0, oldest_resume=oldest, overdue_timers=2
        )


async def _depths(store: Store) -> Depths:
    """All but what waits for the log."""
    return replace(await store.depths(), unlogged=0, oldest_unlogged=None)


def _notice(
    item: OutboxItem,
    *,
    number: int = 1,
    state: NoticeState = NoticeState.SENT,
    detail: str | None = None,
) -> Notice:
    return Notice(
        workspace=item.workspace,
        id=f"{item.id}-{number}",
        intent_id=item.intent_id,
        task_id=item.task_id,
        person_id=MARIA.id,
        channel="inbox",
        reason="opened",
        state=state,
        detail=detail,
        at=START,
    )


async def _claim(
    store: Store, lane: Lane, *, limit: int = 100, lease_seconds: float = 60
) -> list[OutboxItem]:
    return [*await store.claim_outbox(lane, limit=limit, lease_seconds=lease_seconds)]
