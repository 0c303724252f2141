"""Links: a link is spent in the transaction of the answer that comes by it, once, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.core import commands as c
from signoff.core.asking import AskRequest
from signoff.core.intent import Intent
from signoff.core.links import Link, LinkKind
from signoff.core.task import RawAnswer
from signoff.core.words import JSON, TaskId, TaskState
from signoff.engine.ports import Store
from signoff.errors import LinkExpired, LinkSpent, StaleView
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    Order,
    World,
    answer,
    batch,
    execute,
    fresh,
    submitted,
)


class LinkContract(World):
    async def test_a_link_is_found_by_the_hash_of_its_secret(self, store: Store) -> None:
        link = await _linked(store)

        assert await store.link(link.hash) == link
        assert await store.link("something else") is None

    async def test_a_link_is_spent_with_the_answer_it_gave(
        self, store: Store, clock: ManualClock
    ) -> None:
        link = await _linked(store)

        intent = await execute(store, _by(link))

        assert intent.tasks[link.task_id].state is TaskState.CONCLUDED
        assert await store.link(link.hash) == replace(link, spent_at=clock.now())

    async def test_an_answer_that_is_refused_spends_nothing(self, store: Store) -> None:
        link = await _linked(store)
        moved = replace(_by(link), view_digest="sha256:another")

        with pytest.raises(StaleView):
            await execute(store, moved)

        assert await store.link(link.hash) == link
        assert (await execute(store, _by(link))).tasks[link.task_id].decision is not None

    async def test_of_two_answers_by_one_link_in_one_batch_one_counts(self, store: Store) -> None:
        link = await _linked(store, need=2)

        first, second = await batch(store, Order(command=_by(link)), Order(command=_by(link)))

        assert not isinstance(first, Exception)
        assert isinstance(second, LinkSpent)

    async def test_a_link_is_good_until_its_time_and_not_a_moment_longer(
        self, store: Store, clock: ManualClock
    ) -> None:
        link = await _linked(store, until=timedelta(minutes=30))
        clock.advance(timedelta(minutes=30))

        with pytest.raises(LinkExpired):
            await execute(store, _by(link))
        assert await store.link(link.hash) == link

    async def test_a_link_of_another_answers_nothing_and_neither_does_one_nobody_sent(
        self, store: Store
    ) -> None:
        link = await _linked(store)

        with pytest.raises(Exception, match="another person"):
            await execute(store, replace(_by(link), actor=JONAS.actor))
        with pytest.raises(LinkExpired):
            await execute(store, replace(_by(link), link="nobody sent this"))
        assert await store.link(link.hash) == link

    async def test_wrong_codes_are_counted_until_the_link_is_spent(self, store: Store) -> None:
        link = await _linked(store)

        assert [await store.miss_link(link.hash) for _ in range(3)] == [1, 2, 3]
        await execute(store, _by(link))
        assert await store.miss_link(link.hash) == 0
        assert await store.miss_link("nobody sent this") == 0

    async def test_what_expired_long_ago_is_forgotten(
        self, store: Store, clock: ManualClock
    ) -> None:
        old = await _linked(store, until=timedelta(minutes=1))
        clock.advance(timedelta(days=30))
        await _linked(store)
        assert await store.link(old.hash) is not None
        clock.advance(timedelta(days=1))
        await _linked(store)
        assert await store.link(old.hash) is None


async def _linked(store: Store, *, need: int = 1, until: timedelta = timedelta(days=40)) -> Link:
    """A link of Maria's to a task that asks her."""
    chain: JSON = [{"who": ["role:approver"], "need": need}]
    task = AskRequest(
        id=TaskId(fresh("task")),
        fields={
            "type": "approval",
            "title": "Refund?",
            "chain": chain,
            "risk": "low",
            "deadline": "45d",
        },
    )
    intent, task_id = await submitted(store, task), task.id
    link = link_to(intent, task_id, until=until + (await store.now() - START))
    await store.add_link(link)
    return link


def link_to(intent: Intent, task_id: TaskId, *, until: timedelta = timedelta(days=1)) -> Link:
    """A link of Maria's to a task, not stored yet."""
    return Link(
        hash=fresh("hash"),
        workspace=HERE,
        kind=LinkKind.PAGE,
        person_id=MARIA.id,
        task_id=task_id,
        notice_id="1-maria-email",
        view_digest=intent.tasks[task_id].view_digest,
        outcomes=("approved", "rejected"),
        expires_at=START + until,
        created_at=START,
        code="a code",
    )


def _by(link: Link) -> c.AnswerTask:
    said = answer(link.task_id)
    return replace(said, raw=RawAnswer(outcome="approved"), link=link.hash)
