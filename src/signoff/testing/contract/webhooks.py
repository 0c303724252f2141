"""Webhooks: what has its place in the log becomes deliveries, once, each sent by one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from signoff.engine.log.keys import Seal
from signoff.engine.log.opening import open_log
from signoff.engine.ports import Store
from signoff.engine.webhooks import Delivery, DeliveryState, Secret, Webhook, WebhookState
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import HERE, THERE, World, asked, fresh

MINUTE = timedelta(minutes=1)


class WebhookContract(World):
    async def test_an_endpoint_comes_back_as_it_was_given_until_it_is_removed(
        self, store: Store
    ) -> None:
        new = await store.add_webhook(_webhook(), [])
        assert await store.webhook(HERE, new.id) == new
        assert await store.webhook(THERE, new.id) is None
        secrets = (Secret(sealed=b"2" * 60), Secret(sealed=b"1" * 32, until=START + MINUTE))
        other = replace(
            new,
            url="https://other.test/hook",
            label=None,
            events=("task.*",),
            secrets=secrets,
            state=WebhookState.DISABLED,
            detail="gone",
            failing_since=START,
        )
        assert await store.change_webhook(other, [])
        assert await store.webhooks(HERE) == [other]

        assert not await store.remove_webhook(THERE, new.id, [])
        assert await store.remove_webhook(HERE, new.id, [])
        assert not await store.remove_webhook(HERE, new.id, [])
        assert not await store.change_webhook(other, [])
        assert await store.webhooks(HERE) == []

    async def test_an_endpoint_is_told_of_what_has_its_place_from_then_on(
        self, store: Store
    ) -> None:
        await open_log(store, HERE, origin="", seal=Seal(""))
        await asked(store)
        await store.sequence(limit=100)
        before = await _sequenced(store)
        new = await store.add_webhook(_webhook(), [])
        off = await store.add_webhook(replace(_webhook(), state=WebhookState.DISABLED), [])
        assert new.since == off.since == before
        assert await store.webhooks_behind(limit=9) == []

        await asked(store)
        await store.sequence(limit=100)
        now = await _sequenced(store)
        assert await store.webhooks_behind(limit=9) == [(new, now)]

        move: dict[str, Any] = {"since": now, "deliveries": [_delivery(new)]}
        assert not await store.move_webhook(HERE, new.id, expected=before - 1, **move)
        assert await _all(store, new) == []
        assert await store.move_webhook(HERE, new.id, expected=before, **move)
        assert not await store.move_webhook(HERE, new.id, expected=before, **move)
        assert await store.webhooks_behind(limit=9) == []
        assert len(await _all(store, new)) == 1

    async def test_a_delivery_is_sent_by_one_at_a_time_and_of_an_endpoint_only_so_many(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        busy, other = [await store.add_webhook(_webhook(), []) for _ in range(2)]
        await _add(store, [_delivery(busy, number=n) for n in range(5)])
        await _add(store, [_delivery(other, number=9, due_at=START + MINUTE)])

        first, second = await asyncio.gather(
            *(
                each.claim_deliveries(limit=9, each=2, without=(), lease_seconds=60)
                for each in (store, replica)
            )
        )
        ids = [each.id for each in (*first, *second)]
        assert len(ids) == len(set(ids))
        assert 2 <= len(ids) <= 4
        clock.advance(MINUTE)
        rest = await store.claim_deliveries(limit=9, each=9, without=[busy.id], lease_seconds=60)
        assert [(each.webhook_id, each.attempts) for each in rest] == [(other.id, 1)]
        again = await store.claim_deliveries(limit=9, each=9, without=(), lease_seconds=60)
        assert {each.id for each in again} == {f"msg_{busy.id}_{n}" for n in range(5)}
        assert sorted(each.attempts for each in again) == [1] * (5 - len(ids)) + [2] * len(ids)

    async def test_what_came_of_an_attempt_is_on_record_and_mends_or_breaks_its_endpoint(
        self, store: Store, clock: ManualClock
    ) -> None:
        hook = await store.add_webhook(_webhook(), [])
        await _add(store, [_delivery(hook, number=n) for n in range(3)])
        one, two, three = await store.claim_deliveries(
            limit=9, each=9, without=(), lease_seconds=3_600
        )
        assert await store.failing_webhook(HERE, hook.id, START + MINUTE) == START + MINUTE
        assert await store.failing_webhook(HERE, hook.id, START + 2 * MINUTE) == START + MINUTE
        assert await store.failing_webhook(HERE, "whk_no", START) is None
        assert (await store.delivery_depths())[1] == 1

        failed = replace(one, state=DeliveryState.FAILED, due_at=None, status=500, detail="500")
        later = replace(two, due_at=clock.now() + MINUTE, detail="no answer", milliseconds=15_000)
        for each in (failed, later):
            await store.settle_delivery(each)
        assert await store.delivery(HERE, failed.id) == failed
        broken = await store.webhook(HERE, hook.id)
        assert broken is not None
        assert broken.failing_since == START + MINUTE

        sent = replace(three, state=DeliveryState.SENT, due_at=None, status=204)
        await store.settle_delivery(sent)
        assert await store.webhook(HERE, hook.id) == hook
        assert await _all(store, hook) == sorted(
            [failed, later, sent], key=lambda each: each.id, reverse=True
        )
        assert await _all(store, hook, state=DeliveryState.SENT) == [sent]
        assert await _all(store, hook, before=later.id) == [
            each for each in await _all(store, hook) if each.id < later.id
        ]

    async def test_what_is_to_be_delivered_again_is_due_as_if_for_the_first_time(
        self, store: Store, clock: ManualClock
    ) -> None:
        hook = await store.add_webhook(_webhook(), [])
        await _add(store, [_delivery(hook, number=n) for n in range(3)])
        claimed = await store.claim_deliveries(limit=9, each=9, without=(), lease_seconds=60)
        for minutes, each in enumerate(claimed):
            at = START + minutes * MINUTE
            done = replace(each, state=DeliveryState.FAILED, due_at=None, at=at)
            await store.settle_delivery(done)

        since = START + MINUTE
        assert await store.redeliver(HERE, hook.id, failed_since=since) == 2
        assert await store.redeliver(HERE, hook.id, ids=[claimed[0].id, "msg_no"]) == 1
        assert await store.redeliver(THERE, hook.id, ids=[claimed[0].id]) == 0
        again = await store.claim_deliveries(limit=9, each=9, without=(), lease_seconds=60)
        assert sorted(each.id for each in again) == sorted(each.id for each in claimed)
        assert {each.attempts for each in again} == {1}

    async def test_a_disabled_endpoint_is_left_alone_and_one_removed_takes_its_deliveries(
        self, store: Store
    ) -> None:
        hook = await store.add_webhook(_webhook(), [])
        await _add(store, [_delivery(hook)])
        await store.change_webhook(replace(hook, state=WebhookState.DISABLED), [])
        assert await store.claim_deliveries(limit=9, each=9, without=(), lease_seconds=60) == []
        await store.remove_webhook(HERE, hook.id, [])
        assert await store.delivery(HERE, _delivery(hook).id) is None


def _webhook() -> Webhook:
    return Webhook(
        workspace=HERE,
        id=fresh("whk"),
        url="https://acme.test/hook",
        label="the shop",
        events=("task.concluded",),
        secrets=(Secret(sealed=b"1" * 32),),
        state=WebhookState.ENABLED,
        detail=None,
        since=0,
        failing_since=None,
        created_at=START,
        created_by="admin",
    )


def _delivery(hook: Webhook, *, number: int = 0, due_at: datetime = START) -> Delivery:
    return Delivery(
        workspace=HERE,
        id=f"msg_{hook.id}_{number}",
        webhook_id=hook.id,
        index=number,
        type="task.concluded",
        intent_id=None,
        state=DeliveryState.DUE,
        attempts=0,
        due_at=due_at,
        created_at=START,
        at=START,
    )


async def _add(store: Store, deliveries: Sequence[Delivery]) -> None:
    for each in deliveries:
        await store.add_delivery(each)


async def _all(
    store: Store,
    hook: Webhook,
    *,
    state: DeliveryState | None = None,
    before: str | None = None,
) -> list[Delivery]:
    found = await store.deliveries(HERE, hook.id, state=state, limit=99, before=before)
    return [*found]


async def _sequenced(store: Store) -> int:
    head = await store.log_head(HERE)
    assert head is not None
    return head.sequenced
