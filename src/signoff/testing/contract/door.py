"""What the one door writes: all of a batch together, exactly as decided, for good."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from signoff.core import commands as c
from signoff.core.intent import Intent, replay
from signoff.core.words import IntentId, IntentStatus, TaskState
from signoff.engine.batch import Judged
from signoff.engine.ports import Commit, Idempotency, Loaded, Lookup, Page, Store, TaskFilter
from signoff.errors import InvalidInput, NotFound
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    MARIA,
    THERE,
    OpenStore,
    Order,
    World,
    answer,
    ask,
    asked,
    batch,
    execute,
    history_of,
    loaded_by,
    step,
    submission,
    submitted,
)

HOSTILE = (
    'it\'s "quoted" -- ; drop table intent; %s ? :x $1 {rows}',
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\U0001f9fe\U0001f469\u200d\U0001f680 e\u0301 \ufeff \ufffe",
    "\\u0000 \\ \n\t\x01\x7f",
)


class DoorContract(World):
    async def test_what_was_acknowledged_is_there_for_another_process(
        self, store: Store, replica: Store
    ) -> None:
        task = ask(action={"name": "refund", "arguments": {"amount": 240.5, "to": None}})
        intent = await submitted(store, task, payload={"n": [1, 2.5, True]}, on_behalf_of="x@y.z")

        assert await replica.intent(HERE, intent.id) == intent
        found = await replica.task(HERE, task.id)
        assert found is not None
        assert found.task == intent.tasks[task.id]
        assert (found.agent, found.on_behalf_of) == (AGENT.id, "x@y.z")
        assert (found.intent_title, found.intent_status) == (intent.title, intent.status)

    async def test_what_was_acknowledged_is_there_after_reopening(
        self, open_store: OpenStore, clock: ManualClock, store: Store
    ) -> None:
        intent, task_id = await asked(store)
        await execute(store, answer(task_id))
        await store.close()

        async with open_store(clock) as reopened:
            found = await reopened.task(HERE, task_id)
            assert found is not None
            assert found.task.decision is not None
            assert len(await history_of(reopened, intent.id)) == 6

    async def test_commands_of_one_batch_apply_one_after_the_other(self, store: Store) -> None:
        submit = submission()
        task = ask()
        outcomes = await batch(
            store,
            Order(command=submit),
            Order(command=step("draft", {"text": "hello"}), intent_id=submit.intent_id),
            Order(command=c.OpenTask(actor=AGENT, task=task), intent_id=submit.intent_id),
        )
        await batch(
            store,
            Order(command=c.ClaimTask(actor=MARIA.actor, task_id=task.id)),
            Order(command=answer(task.id)),
            Order(command=c.CompleteIntent(actor=AGENT, result=[1]), intent_id=submit.intent_id),
        )

        assert all(isinstance(outcome, Judged) for outcome in outcomes)
        kept = await store.intent(HERE, submit.intent_id)
        assert kept is not None
        assert (kept.status, kept.result) == (IntentStatus.COMPLETED, [1])

    async def test_the_history_has_no_gaps_and_gives_the_state_when_replayed(
        self, store: Store
    ) -> None:
        intent, task_id = await asked(store, type="review", content="draft", revisions=2)
        await execute(store, step("read", 1), intent.id)
        await execute(store, answer(task_id, "changes_requested", comment="shorter"))
        await execute(store, c.ReviseTask(actor=AGENT, task_id=task_id, content={"v": 2}))
        await execute(store, c.Sleep(actor=AGENT, name="nap", until=await store.now()), intent.id)

        history = await history_of(store, intent.id)
        assert [event.seq for event in history] == list(range(1, len(history) + 1))
        assert replay(history, intent_id=intent.id) == await store.intent(HERE, intent.id)

    async def test_a_refused_command_leaves_its_neighbours_in_the_batch_untouched(
        self, store: Store
    ) -> None:
        before, task_id = await asked(store)
        first, last = submission(), submission()

        outcomes = await batch(
            store,
            Order(command=first),
            Order(command=answer(task_id, "no such outcome")),
            Order(command=step("x"), intent_id=IntentId("int_unknown")),
            Order(command=last),
        )

        assert [isinstance(outcome, Exception) for outcome in outcomes] == [
            False,
            True,
            True,
            False,
        ]
        assert await store.intent(HERE, first.intent_id) is not None
        assert await store.intent(HERE, last.intent_id) is not None
        assert await store.intent(HERE, before.id) == before
        assert len(await history_of(store, before.id)) == before.seq

    async def test_when_the_step_raises_nothing_of_the_batch_is_written(self, store: Store) -> None:
        intent, _ = await asked(store)

        def explode(loaded: Loaded, now: datetime) -> Commit:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await store.transact(Lookup(intents=frozenset({(HERE, intent.id)})), explode)

        assert await store.intent(HERE, intent.id) == intent
        assert (await submitted(store)).seq == 1

    async def test_an_empty_commit_writes_nothing_and_tells_the_time(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert await store.transact(Lookup(), lambda loaded, now: Commit()) == clock.now()

    async def test_the_time_is_read_once_for_a_batch(
        self, store: Store, clock: ManualClock
    ) -> None:
        clock.advance(timedelta(minutes=5, microseconds=7))
        orders = [Order(command=submission(task=ask())) for _ in range(3)]
        outcomes = await batch(store, *orders)

        for outcome in outcomes:
            assert isinstance(outcome, Judged)
            history = await history_of(store, outcome.intent.id)
            assert {event.at for event in history} == {clock.now()}
            assert outcome.intent.submitted_at == clock.now()

    async def test_many_batches_at_once_on_one_intent_leave_one_unbrokenhistory_of(
        self, store: Store, replica: Store
    ) -> None:
        intent = await submitted(store)
        stores = [store, replica] * 8

        steps = [
            execute(each, step(f"s{number}", number), intent.id)
            for number, each in enumerate(stores)
        ]
        await asyncio.gather(*steps)

        history = await history_of(store, intent.id)
        assert [event.seq for event in history] == list(range(1, len(stores) + 3))
        assert {one.name for one in await store.steps(HERE, intent.id)} == {
            f"s{number}" for number in range(len(stores))
        }

    async def test_of_many_answers_at_once_one_decides(self, store: Store, replica: Store) -> None:
        _, task_id = await asked(store)
        said = [
            execute(each, answer(task_id, outcome))
            for each in (store, replica)
            for outcome in ("approved", "rejected")
        ]

        results = await asyncio.gather(*said, return_exceptions=True)

        won = [result for result in results if isinstance(result, Intent)]
        found = await store.task(HERE, task_id)
        assert found is not None
        assert len(won) == 1
        assert found.task == won[0].tasks[task_id]
        assert found.task.state is TaskState.CONCLUDED

    async def test_a_spent_idempotency_key_is_found_by_its_scope_and_workspace_alone(
        self, store: Store, replica: Store
    ) -> None:
        spent = Idempotency(scope="agent:1", key="refund-1", fingerprint="f" * 64)
        task = ask()
        submit = submission(task=task)
        await batch(store, Order(command=submit, idempotency=spent))

        key = (HERE, spent.scope, spent.key)
        others = {(HERE, "agent:2", spent.key), (HERE, spent.scope, "refund-2")}
        others |= {(THERE, spent.scope, spent.key)}
        replays = (await loaded_by(replica, replays=frozenset({key, *others}))).replays
        assert set(replays) == {key}
        assert replays[key].fingerprint == spent.fingerprint
        assert (replays[key].intent_id, replays[key].task_id) == (submit.intent_id, task.id)

    async def test_a_refused_command_spends_no_idempotency_key(self, store: Store) -> None:
        spent = Idempotency(scope="agent:1", key="refund-1", fingerprint="f" * 64)
        unknown = Order(command=step("x"), intent_id=IntentId("int_unknown"), idempotency=spent)

        (outcome,) = await batch(store, unknown)

        assert isinstance(outcome, NotFound)
        key = (HERE, spent.scope, spent.key)
        assert not (await loaded_by(store, replays=frozenset({key}))).replays

    @pytest.mark.parametrize("text", HOSTILE, ids=["quotes", "bidi", "emoji", "escapes"])
    async def test_hostile_text_comes_back_as_it_went_in(self, store: Store, text: str) -> None:
        task = ask(title=text, description=text, action={"name": text, "arguments": {text: text}})
        intent = await submitted(store, task, title=text, payload={text: [text]})
        after = await execute(store, step(text, {text: text}), intent.id)

        kept = await store.intent(HERE, intent.id)
        assert kept == after
        assert [one.name for one in await store.steps(HERE, intent.id)] == [text]
        assert replay(await history_of(store, intent.id), intent_id=intent.id) == kept

    async def test_half_a_surrogate_pair_is_refused_and_nothing_is_written(
        self, store: Store
    ) -> None:
        submit = submission(title="\ud83d", payload=["fine"])

        with pytest.raises(InvalidInput):
            await batch(store, Order(command=submit))

        assert await store.intent(HERE, submit.intent_id) is None

    async def test_a_quarter_of_a_megabyte_of_payload_comes_back_whole(self, store: Store) -> None:
        payload = {"text": "\U0001f9fe" * 16_000, "more": ["x" * 1_000] * 192}
        intent = await submitted(store, ask(), payload=payload)
        await execute(store, step("read", payload), intent.id)

        kept = await store.intent(HERE, intent.id)
        assert kept is not None
        assert kept.payload == payload
        assert (await store.steps(HERE, intent.id))[0].output == payload

    async def test_a_large_batch_is_written_whole(self, store: Store) -> None:
        submits = [submission(task=ask()) for _ in range(203)]

        await batch(store, *(Order(command=submit) for submit in submits))
        answers = [Order(command=answer(submit.task.id)) for submit in submits[:131] if submit.task]
        await batch(store, *answers)

        where = TaskFilter(states=(TaskState.CONCLUDED,))
        assert len(await store.tasks(HERE, where, Page(limit=500))) == 131
        assert (await store.depths()).live_tasks == 72
