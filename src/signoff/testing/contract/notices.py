"""Notices that wait to be sent: each to one sender at a time, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from signoff.core.words import IntentId, TaskId
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import Store
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import HERE, MARIA, World, asked

MINUTE = timedelta(minutes=1)


class NoticeContract(World):
    async def test_a_notice_is_sent_when_it_is_due_and_by_its_own_channel(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store)
        now = _due(intent.id, task_id, 1)
        later = _due(intent.id, task_id, 2, due_at=START + MINUTE, digest=True)
        place = _due(intent.id, task_id, 3, channel="slack", person_id=None, place="C042")
        await store.settle_notices([later, place, now])

        assert await _claim(store, "email", lease_seconds=600) == [replace(now, attempts=1)]
        assert await _claim(store, "slack") == [replace(place, attempts=1)]
        clock.advance(MINUTE)
        assert await _claim(store, "email") == [replace(later, attempts=1)]
        assert await _claim(store, "push") == []

    async def test_a_leased_notice_is_nobody_elses_until_the_lease_ends(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store)
        await store.settle_notices([_due(intent.id, task_id, 1)])
        (first,) = await _claim(store, "email", lease_seconds=60)

        assert await _claim(replica, "email") == []
        clock.advance(MINUTE)
        (again,) = await _claim(replica, "email")
        assert (first.attempts, again.attempts) == (1, 2)
        assert again.id == first.id

    async def test_the_earliest_come_first_and_no_more_than_asked_for(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store)
        notices = [_due(intent.id, task_id, n, due_at=START - n * MINUTE) for n in range(3)]
        await store.settle_notices(notices)

        first = await _claim(store, "email", limit=2)
        rest = await _claim(store, "email", limit=2)

        assert [each.id for each in [*first, *rest]] == ["n-2", "n-1", "n-0"]
        assert len(first) == 2

    async def test_what_is_put_off_comes_back_then_and_what_is_settled_never(
        self, store: Store, clock: ManualClock
    ) -> None:
        intent, task_id = await asked(store)
        await store.settle_notices([_due(intent.id, task_id, n) for n in range(4)])
        one, two, three, four = await _claim(store, "email", lease_seconds=3_600)
        sent = replace(
            one,
            state=NoticeState.SENT,
            due_at=None,
            provider_id="<1@acme.test>",
            address="sha256:0",
        )
        failed = replace(two, state=NoticeState.FAILED, due_at=None, detail="no such mailbox")
        skipped = replace(three, state=NoticeState.SKIPPED, due_at=None, detail="it closed before")
        later = replace(four, due_at=clock.now() + MINUTE, detail="try again")
        await store.settle_notices([sent, failed, skipped, later])
        await store.settle_notices([])

        assert await _claim(store, "email") == []
        clock.advance(timedelta(hours=2))
        assert await _claim(store, "email") == [replace(later, attempts=2)]
        on_record = await store.notices(HERE, task_id)
        assert {sent, failed, skipped} < {*on_record}

    async def test_a_notice_is_found_by_what_its_channel_calls_it(self, store: Store) -> None:
        intent, task_id = await asked(store)
        due = _due(intent.id, task_id, 1)
        sent = replace(due, state=NoticeState.SENT, due_at=None, provider_id="<1@acme.test>")
        await store.settle_notices([sent])

        assert await store.notice_of("<1@acme.test>") == sent
        assert await store.notice_of("<2@acme.test>") is None


def _due(
    intent_id: IntentId,
    task_id: TaskId,
    number: int,
    *,
    due_at: datetime = START,
    **fields: object,
) -> Notice:
    notice = Notice(
        workspace=HERE,
        id=f"n-{number}",
        intent_id=intent_id,
        task_id=task_id,
        person_id=MARIA.id,
        channel="email",
        reason="opened",
        state=NoticeState.DUE,
        detail=None,
        at=START,
        due_at=due_at,
    )
    return replace(notice, **fields)  # type: ignore[arg-type]


async def _claim(
    store: Store, channel: str, *, limit: int = 100, lease_seconds: float = 60
) -> list[Notice]:
    return [*await store.claim_notices(channel, limit=limit, lease_seconds=lease_seconds)]
