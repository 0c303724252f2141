"""Part of ``StoreContract``: browsers that ring, and what the servers of a database share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import Store
from signoff.engine.push import Subscription
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import HERE, JONAS, MARIA, asked


def _browser(person_id: PersonId, name: str, clock: ManualClock, minutes: int = 0) -> Subscription:
    return Subscription(
        workspace=HERE,
        person_id=person_id,
        endpoint=f"https://push.example/{name}",
        p256dh="key",
        auth="secret",
        device="Firefox on Linux",
        created_at=clock.now() + timedelta(minutes=minutes),
    )


class PushContract:
    """Subscriptions and server secrets."""

    async def test_browsers_ring_for_their_people_until_they_are_dropped(
        self, store: Store, clock: ManualClock
    ) -> None:
        await asked(store)  # brings the people
        phone = _browser(MARIA.id, "phone", clock, 1)
        desk = _browser(MARIA.id, "desk", clock)
        other = _browser(JONAS.id, "other", clock, 2)
        for each in (phone, desk, other):
            await store.keep_subscription(each)

        assert await store.subscriptions(HERE, [MARIA.id]) == [desk, phone]
        assert await store.subscriptions(HERE, [MARIA.id, JONAS.id]) == [desk, phone, other]
        assert await store.subscriptions(HERE, []) == []
        assert await store.subscriptions(WorkspaceId("else/where"), [MARIA.id]) == []
        await store.drop_subscription(WorkspaceId("else/where"), desk.id)
        await store.drop_subscription(HERE, phone.id)
        assert await store.subscriptions(HERE, [MARIA.id]) == [desk]

    async def test_one_browser_rings_for_whoever_added_it_last(
        self, store: Store, clock: ManualClock
    ) -> None:
        await asked(store)
        hers = _browser(MARIA.id, "shared", clock)
        his = replace(hers, person_id=JONAS.id, p256dh="another", device=None)
        await store.keep_subscription(hers)
        await store.keep_subscription(his)

        assert await store.subscriptions(HERE, [MARIA.id]) == []
        assert await store.subscriptions(HERE, [JONAS.id]) == [his]

    async def test_the_first_says_what_the_servers_share(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert await store.server_secret("vapid", b"one", clock.now()) == b"one"
        assert await store.server_secret("vapid", b"two", clock.now()) == b"one"
        assert await store.server_secret("another", b"two", clock.now()) == b"two"
