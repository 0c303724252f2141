"""Part of ``StoreContract``: lists of live tasks for those they ask, in every order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core.words import Risk, TaskId, TaskType
from signoff.engine.listing import Order, Place, QueueFilter
from signoff.engine.ports import FoundTask, Store
from signoff.engine.records import answered_by, claimed_by
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    JONAS,
    MARIA,
    OTHER_AGENT,
    THERE,
    answer,
    ask,
    execute,
    submitted,
)

ASKED = ("role:approver", f"person:{MARIA.id}")


async def _asks(store: Store, **fields: Any) -> TaskId:
    actor = fields.pop("actor", AGENT)
    request = ask(**{"assignee": "role:approver", **fields})
    await submitted(store, request, actor=actor)
    return request.id


async def _ids(
    store: Store, order: Order = Order.NEWEST, *, limit: int = 50, **where: Any
) -> list[str]:
    narrowed = QueueFilter(**{"tokens": ASKED, **where})
    found = await store.queue(HERE, narrowed, order=order, limit=limit)
    return [each.task.id for each in found]


async def _turned(store: Store, order: Order, where: QueueFilter) -> list[str]:
    """Everything of a queue, page by page of two."""
    seen: list[str] = []
    after: Place | None = None
    while found := await store.queue(HERE, where, order=order, limit=2, after=after):
        seen += [each.task.id for each in found]
        after = _place(found)
    return seen


def _place(found: Sequence[FoundTask]) -> Place:
    last = found[-1].task
    return Place(risk=last.ask.risk, due_at=last.due_at, id=last.id)


class ListContract:
    """Queues."""

    async def test_a_queue_is_sorted_by_age_by_when_it_is_due_and_by_risk(
        self, store: Store
    ) -> None:
        calm = await _asks(store, risk="low", deadline="9h")
        grave = await _asks(store, risk="high", deadline="8h")
        soon = await _asks(store, risk="medium", deadline="1h")
        usual = await _asks(store, risk="medium", deadline="5h", assignees=["role:approver"])

        assert await _ids(store) == [usual, soon, grave, calm]
        assert await _ids(store, Order.DUE) == [soon, usual, grave, calm]
        assert await _ids(store, Order.RISK) == [grave, soon, usual, calm]
        assert await _ids(store, Order.DUE, limit=2) == [soon, usual]
        assert await _ids(store, Order.RISK, limit=1) == [grave]
        assert await store.queue(THERE, QueueFilter(tokens=ASKED), order=Order.DUE, limit=9) == []

    @pytest.mark.parametrize("order", Order)
    async def test_pages_of_a_queue_have_no_gaps_and_nothing_twice(
        self, store: Store, order: Order
    ) -> None:
        for number in range(9):
            risk = ("low", "medium", "high")[number % 3]
            asked = ["role:approver", MARIA.email] if number % 2 else ["role:approver"]
            await _asks(
                store, risk=risk, deadline=f"{9 - number // 2}h", assignee=None, assignees=asked
            )
        where = QueueFilter(tokens=ASKED)
        whole = [each.task.id for each in await store.queue(HERE, where, order=order, limit=50)]

        assert len(whole) == len({*whole}) == 9
        assert await _turned(store, order, where) == whole

    @pytest.mark.parametrize("order", Order)
    async def test_a_queue_is_narrowed_by_what_was_asked_and_by_whom(
        self, store: Store, order: Order
    ) -> None:
        refund = await _asks(store, title="Refund of 40 EUR to Özgür", risk="low", deadline="1h")
        wire = await _asks(
            store, title="Wire 100% to O'Brien", risk="high", deadline="2h", actor=OTHER_AGENT
        )
        form = await _asks(
            store, type="clarification", title="Which Özgür?", deadline="3h", choices=["a", "b"]
        )
        found = await store.task(HERE, wire)
        assert found is not None

        assert await _ids(store, order, risks=(Risk.HIGH,)) == [wire]
        assert {*await _ids(store, order, risks=(Risk.LOW, Risk.HIGH))} == {refund, wire}
        assert await _ids(store, order, types=(TaskType.CLARIFICATION,)) == [form]
        assert await _ids(store, order, agent=OTHER_AGENT.id) == [wire]
        assert await _ids(store, order, due_before=found.task.due_at) == [refund]
        assert {*await _ids(store, order, words=("özgür",))} == {refund, form}
        assert await _ids(store, order, words=("özgür", "refund of")) == [refund]
        assert await _ids(store, order, words=("100%",)) == [wire]
        assert await _ids(store, order, words=("o'brien",)) == [wire]
        assert await _ids(store, order, words=("%",), risks=(Risk.LOW,)) == []

    async def test_a_queue_knows_who_claimed_a_task_and_who_answered_it_already(
        self, store: Store
    ) -> None:
        chain = [{"who": ["role:approver"], "need": 2}]
        both = await _asks(store, assignee=None, chain=chain)
        alone = await _asks(store)
        assert await _ids(store, apart=answered_by(MARIA.id)) == [alone, both]

        await execute(store, c.ClaimTask(actor=JONAS.actor, task_id=alone))
        await execute(store, answer(both))

        assert await _ids(store, tokens=(claimed_by(JONAS.id),)) == [alone]
        assert await _ids(store, apart=answered_by(MARIA.id)) == [alone]
        assert await _ids(store, apart=answered_by(JONAS.id)) == [alone, both]
        assert await _ids(store, tokens=(answered_by(MARIA.id),)) == [both]
        await execute(store, c.ReleaseTask(actor=JONAS.actor, task_id=alone))
        assert await _ids(store, tokens=(claimed_by(JONAS.id),)) == []
        await execute(store, answer(both, by=JONAS))
        assert await _ids(store, tokens=(answered_by(MARIA.id),)) == []

    async def test_a_task_goes_down_the_queue_once_it_is_due_later(
        self, store: Store, clock: ManualClock
    ) -> None:
        first = await _asks(store, deadline="1h", pause=True)
        second = await _asks(store, deadline="2h")
        assert await _ids(store, Order.DUE) == [first, second]

        await execute(store, c.PauseTask(actor=MARIA.actor, task_id=first, reason="waits"))
        assert await _ids(store, Order.DUE) == [second, first]
        clock.advance(timedelta(minutes=90))
        await execute(store, c.ResumeTask(actor=MARIA.actor, task_id=first))
        assert await _ids(store, Order.DUE) == [second, first]
        found = await store.task(HERE, first)
        assert found is not None
        assert await _ids(store, Order.DUE, due_before=found.task.due_at) == [second]

    async def test_a_queue_is_counted_each_task_once_and_up_to_a_limit(self, store: Store) -> None:
        for number in range(5):
            risk = "high" if number < 2 else "low"
            await _asks(store, risk=risk, assignee=None, assignees=["role:approver", MARIA.email])

        async def size(most: int = 100, **where: Any) -> int:
            narrowed = QueueFilter(**{"tokens": ASKED, **where})
            return await store.queue_size(HERE, narrowed, most=most)

        assert await size() == 5
        assert await size(3) == 3
        assert await size(risks=(Risk.HIGH,)) == 2
        assert await size(words=("nowhere",)) == 0
        assert await size(tokens=("role:nobody",)) == 0
