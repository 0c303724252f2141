"""What is read outside the door: by id, by keyset, by who is asked, and never across workspaces."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core.routing import LADDER
from signoff.core.words import IntentId, IntentStatus, TaskId, TaskState
from signoff.engine.ports import IntentFilter, Page, Store, TaskFilter
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    JONAS,
    MARIA,
    OTHER_AGENT,
    THERE,
    World,
    answer,
    ask,
    asked,
    execute,
    history_of,
    step,
    submission,
    submitted,
)

LIVE = (TaskState.OPEN, TaskState.CLAIMED)
ALL = Page(limit=200)


class ReadingContract(World):
    async def test_nothing_of_one_workspace_is_read_from_another(self, store: Store) -> None:
        intent, task_id = await asked(store)
        await execute(store, step("draft"), intent.id)
        everybody = TaskFilter(audience=("role:approver",))

        assert await store.intent(THERE, intent.id) is None
        assert await store.task(THERE, task_id) is None
        assert not await store.intents(THERE, IntentFilter(), ALL)
        assert not await store.tasks(THERE, TaskFilter(), ALL)
        assert not await store.tasks(THERE, TaskFilter(intent_id=intent.id), ALL)
        assert not await store.tasks(THERE, everybody, ALL)
        assert not await history_of(store, intent.id, workspace=THERE)
        assert not await store.steps(THERE, intent.id)
        assert not await store.notices(THERE, task_id)

    async def test_what_does_not_exist_is_none(self, store: Store) -> None:
        assert await store.intent(HERE, IntentId("int_no")) is None
        assert await store.task(HERE, TaskId("task_no")) is None
        assert not await history_of(store, IntentId("int_no"))

    async def test_an_intent_is_read_with_its_live_tasks_and_listed_without(
        self, store: Store
    ) -> None:
        intent, first = await asked(store)
        task = ask()
        await execute(store, c.OpenTask(actor=AGENT, task=task), intent.id)
        await execute(store, answer(first))

        kept = await store.intent(HERE, intent.id)
        (listed,) = await store.intents(HERE, IntentFilter(), ALL)

        assert kept is not None
        assert list(kept.tasks) == [task.id]
        assert listed.tasks == {}
        assert listed.seq == kept.seq

    async def test_intents_are_narrowed_by_status_and_agent(self, store: Store) -> None:
        waiting, _ = await asked(store)
        fresh = await submitted(store)
        done = await submitted(store)
        await execute(store, c.CompleteIntent(actor=AGENT, result=None), done.id)
        other = await submitted(store, actor=OTHER_AGENT)

        async def ids(**where: Any) -> list[str]:
            return [i.id for i in await store.intents(HERE, IntentFilter(**where), ALL)]

        assert await ids() == [other.id, done.id, fresh.id, waiting.id]
        assert await ids(statuses=(IntentStatus.WAITING,)) == [waiting.id]
        both = (IntentStatus.COMPLETED, IntentStatus.WAITING)
        assert await ids(statuses=both) == [done.id, waiting.id]
        assert await ids(agent=OTHER_AGENT.id) == [other.id]
        assert await ids(agent=AGENT.id) == [done.id, fresh.id, waiting.id]
        assert await ids(agent=AGENT.id, statuses=both) == [done.id, waiting.id]
        assert await ids(agent=OTHER_AGENT.id, statuses=both) == []

    async def test_tasks_are_narrowed_by_state_agent_and_intent(self, store: Store) -> None:
        intent, opened = await asked(store)
        claimed = ask()
        await execute(store, c.OpenTask(actor=AGENT, task=claimed), intent.id)
        await execute(store, c.ClaimTask(actor=MARIA.actor, task_id=claimed.id))
        other = ask()
        theirs = await submitted(store, other, actor=OTHER_AGENT)
        await execute(store, answer(other.id))

        async def ids(**where: Any) -> list[str]:
            return [found.task.id for found in await store.tasks(HERE, TaskFilter(**where), ALL)]

        assert await ids() == [other.id, claimed.id, opened]
        assert await ids(states=LIVE) == [claimed.id, opened]
        assert await ids(states=(TaskState.CONCLUDED,)) == [other.id]
        assert await ids(agent=AGENT.id) == [claimed.id, opened]
        assert await ids(agent=AGENT.id, states=(TaskState.OPEN,)) == [opened]
        assert await ids(intent_id=intent.id) == [claimed.id, opened]
        assert await ids(intent_id=intent.id, states=(TaskState.CLAIMED,)) == [claimed.id]
        assert await ids(intent_id=theirs.id, agent=AGENT.id) == []

    async def test_live_tasks_are_listed_under_everybody_they_ask_once_each(
        self, store: Store
    ) -> None:
        for_role = (await asked(store))[1]
        for_maria = (await asked(store, assignee=MARIA.email))[1]
        for_both = (await asked(store, assignees=["role:approver", "group:payments"]))[1]
        closed = (await asked(store))[1]
        await execute(store, answer(closed))

        async def ids(*tokens: str, **where: Any) -> list[str]:
            narrowed = TaskFilter(audience=tokens, **where)
            return [found.task.id for found in await store.tasks(HERE, narrowed, ALL)]

        every = ("role:approver", "group:payments", f"person:{MARIA.id}")
        assert await ids(*every) == [for_both, for_maria, for_role]
        assert await ids("role:approver") == [for_both, for_role]
        assert await ids("group:payments", "role:unknown") == [for_both]
        assert await ids(f"person:{JONAS.id}") == []
        assert await ids() == []
        assert await ids(*every, agent=OTHER_AGENT.id) == []
        assert await ids(*every, states=(TaskState.CLAIMED,)) == []

    async def test_whom_a_ladder_or_a_chain_adds_is_asked_from_then_on(
        self, store: Store, clock: ManualClock
    ) -> None:
        ladder = [{"after": "10m", "do": "escalate", "to": "role:operator"}]
        chain = ["role:approver", "group:payments"]
        intent, task_id = await asked(store, assignee=None, chain=chain, ladder=ladder)

        async def asks(token: str) -> bool:
            return bool(await store.tasks(HERE, TaskFilter(audience=(token,)), ALL))

        assert await asks("role:approver")
        assert not await asks("role:operator")
        clock.advance(timedelta(minutes=10))
        fire = c.FireTimer(actor=LADDER, kind=c.TimerKind.RUNG, task_id=task_id)
        await execute(store, fire, intent.id)
        assert await asks("role:operator")
        assert await asks("role:approver")
        await execute(store, answer(task_id))
        assert not await asks("role:approver")
        assert not await asks("role:operator")
        assert await asks("group:payments")

    @pytest.mark.parametrize(
        "where",
        [
            TaskFilter(),
            TaskFilter(states=LIVE),
            TaskFilter(agent=AGENT.id),
            TaskFilter(audience=("role:approver", f"person:{MARIA.id}")),
        ],
        ids=["all", "state", "agent", "audience"],
    )
    async def test_pages_of_tasks_have_no_gaps_and_nothing_twice_while_more_come_in(
        self, store: Store, where: TaskFilter
    ) -> None:
        there = [(await asked(store, assignees=["role:approver", MARIA.email]))[1] for _ in "12345"]
        await execute(store, c.ClaimTask(actor=MARIA.actor, task_id=there[2]))

        async def page(of: Page) -> Sequence[str]:
            found = [found.task.id for found in await store.tasks(HERE, where, of)]
            await asked(store)
            return found

        assert await _turned(page) == there[::-1]

    async def test_pages_of_intents_have_no_gaps_and_nothing_twice_while_more_come_in(
        self, store: Store
    ) -> None:
        there = [(await submitted(store)).id for _ in range(5)]
        await execute(store, c.CompleteIntent(actor=AGENT, result=None), there[2])
        both = (IntentStatus.SUBMITTED, IntentStatus.COMPLETED)

        for where in (IntentFilter(), IntentFilter(statuses=both), IntentFilter(agent=AGENT.id)):

            async def page(of: Page, where: IntentFilter = where) -> list[str]:
                found = [intent.id for intent in await store.intents(HERE, where, of)]
                await submitted(store, actor=OTHER_AGENT)
                return [each for each in found if each in there]

            assert await _turned(page, limit=20) == there[::-1]

    async def test_events_are_read_from_a_number_on(self, store: Store) -> None:
        intent = await submitted(store)
        for name in "abcd":
            await execute(store, step(name), intent.id)

        async def seqs(after: int, limit: int) -> list[int]:
            found = await store.events(HERE, intent.id, after=after, limit=limit)
            return [event.seq for event in found]

        assert await seqs(0, 3) == [1, 2, 3]
        assert await seqs(3, 100) == [4, 5, 6]
        assert await seqs(6, 100) == []

    async def test_steps_are_read_in_the_order_in_which_they_were_recorded(
        self, store: Store
    ) -> None:
        intent = await submitted(store)
        for name in ("zeta", "alpha", "mid"):
            await execute(store, step(name, {"of": name}), intent.id)

        steps = await store.steps(HERE, intent.id)

        assert [(one.name, one.output) for one in steps] == [
            (name, {"of": name}) for name in ("zeta", "alpha", "mid")
        ]
        assert [one.seq for one in steps] == [3, 4, 5]

    async def test_what_changed_at_or_after_a_moment_is_named(
        self, store: Store, clock: ManualClock
    ) -> None:
        old, touched = await submitted(store), await submitted(store)
        moment = clock.advance(timedelta(seconds=1))
        await execute(store, step("x"), touched.id)
        new = await execute(store, submission(workspace=THERE), workspace=THERE)

        changed, now = await store.changed_since(moment)

        assert changed == {touched.id, new.id}
        assert now == moment
        later, _ = await store.changed_since(moment + timedelta(microseconds=1))
        assert not later
        assert old.id not in changed


async def _turned(page: Callable[[Page], Awaitable[Sequence[str]]], *, limit: int = 2) -> list[str]:
    """Turn all pages from the newest on."""
    found: list[str] = []
    of = Page(limit=limit)
    while rows := await page(of):
        assert len(rows) <= limit
        found.extend(rows)
        of = Page(limit=limit, before=rows[-1])
    return found
