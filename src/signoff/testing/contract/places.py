"""Places in the log: dense, in the order of commits, and how entries are found by them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from signoff.core.facts import LogKeyAdded, PasskeyAdded
from signoff.engine.log.ports import LogEntry
from signoff.engine.ports import Store
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.logged import (
    facts_in,
    head_of,
    key_of,
    logged,
    opened,
    told,
)
from signoff.testing.contract.world import (
    HERE,
    MARIA,
    THERE,
    Order,
    World,
    answer,
    asked,
    batch,
    execute,
    history_of,
    step,
    submission,
    submitted,
)


class PlaceContract(World):
    async def test_a_log_is_opened_once(self, store: Store, replica: Store) -> None:
        assert await store.log_head(HERE) is None
        first, second = told(), told()
        others = replace(head_of(), origin="another")

        opened, made = await store.open_log(head_of(), key_of(), [first])
        again, made_again = await replica.open_log(others, key_of(generation=2), [second])

        assert (made, made_again) == (True, False)
        assert opened == again == await store.log_head(HERE)
        assert replace(opened, sequenced=0) == head_of()  # or the fact has its place already
        assert await store.log_keys(HERE) == [key_of()]
        assert await store.log_head(THERE) is None
        assert await facts_in(store, first, second) == [first.id]

    async def test_of_those_who_open_a_log_at_once_one_does(
        self, store: Store, replica: Store
    ) -> None:
        results = await asyncio.gather(
            *(
                each.open_log(head_of(origin=f"origin{n}"), key_of(), [told()])
                for n, each in enumerate([store, replica] * 3)
            )
        )

        assert sorted(made for _, made in results) == [False] * 5 + [True]
        assert len({head.origin for head, _ in results}) == 1
        assert len(await logged(store)) == 1

    async def test_everything_that_happens_gets_its_place_in_order(self, store: Store) -> None:
        await opened(store)
        intent, task_id = await asked(store)
        await execute(store, answer(task_id))
        fact = told(intent_id=intent.id, task_id=task_id)
        await store.record([fact])

        entries = await logged(store)

        assert [entry.index for entry in entries] == list(range(len(entries)))
        events = await history_of(store, intent.id)
        of_intent = [entry for entry in entries if entry.source == intent.id]
        assert [(entry.seq, entry.type) for entry in of_intent] == [
            (event.seq, event.body.type) for event in events
        ]
        assert (entries[-1].source, entries[-1].seq) == (fact.id, 0)
        assert all(f'"type":"{entry.type}"' in entry.leaf for entry in entries)
        assert [entry.leaf for entry in entries] == [*await store.log_leaves(HERE, 0, limit=99)]

    async def test_a_place_is_given_once_and_later_ones_follow_it(self, store: Store) -> None:
        await opened(store)
        await submitted(store)
        before = await logged(store)

        assert await logged(store) == before
        await submitted(store)
        after = await logged(store)

        assert after[: len(before)] == before
        assert [entry.index for entry in after] == list(range(len(after)))
        assert len(after) > len(before)

    async def test_what_is_not_logged_is_counted_and_has_no_place(self, store: Store) -> None:
        await batch(store, Order(command=submission()), logged=False)
        count = await store.count_unlogged(HERE)
        await opened(store)
        await submitted(store)

        assert count > 0
        assert await store.count_unlogged(HERE) == count
        assert await store.count_unlogged(THERE) == 0
        assert all(entry.leaf for entry in await logged(store))

    async def test_a_workspace_whose_log_is_not_open_waits_for_that(self, store: Store) -> None:
        await submitted(store)
        await opened(store, THERE)

        assert await store.sequence(limit=99) == [THERE]
        assert await store.log_entries(HERE, 0, limit=99) == []
        await opened(store)
        assert await store.sequence(limit=99) == [HERE, THERE]
        assert len(await store.log_entries(HERE, 0, limit=99)) > 1

    async def test_callers_at_once_give_no_place_twice_and_leave_no_gap(
        self, store: Store, replica: Store
    ) -> None:
        for workspace in (HERE, THERE):
            await opened(store, workspace)
        intents = [await submitted(store) for _ in range(4)]

        async def work(each: Store, number: int) -> None:
            for turn in range(6):
                name = f"{number}-{turn}"
                orders = [Order(command=step(name), intent_id=intent.id) for intent in intents]
                await batch(each, *orders)
                await each.record([told(workspace=THERE)])

        async def place(each: Store) -> None:
            for _ in range(20):
                await each.sequence(limit=7)

        stores = [store, replica]
        await asyncio.gather(
            *(work(stores[number % 2], number) for number in range(4)),
            *(place(stores[number % 2]) for number in range(4)),
        )

        for workspace in (HERE, THERE):
            entries = await logged(store, workspace)
            assert [entry.index for entry in entries] == list(range(len(entries)))
            assert len({(entry.source, entry.seq) for entry in entries}) == len(entries)
            _require_in_order(entries)
            head = await store.log_head(workspace)
            assert head is not None
            assert head.sequenced == len(entries)
        assert {intent.id for intent in intents} <= {entry.source for entry in await logged(store)}
        for intent in intents:
            events = await history_of(store, intent.id)
            places = [e for e in await logged(store) if e.source == intent.id]
            assert [e.seq for e in places] == [event.seq for event in events]

    async def test_keys_come_in_generations_each_added_and_retired_once(
        self, store: Store, replica: Store
    ) -> None:
        await opened(store)
        second = key_of(generation=2)
        added = [told(LogKeyAdded(generation=2, key=f"vkey{n}")) for n in range(2)]
        retired = [told(), told()]

        assert await store.add_log_key(second, [added[0]])
        assert not await replica.add_log_key(second, [added[1]])
        at = START + timedelta(hours=1)
        assert await store.retire_log_key(HERE, 1, at, [retired[0]])
        assert not await store.retire_log_key(HERE, 1, at + timedelta(1), [retired[1]])
        assert not await store.retire_log_key(HERE, 9, at, [retired[1]])

        assert await store.log_keys(HERE) == [replace(key_of(), retired_at=at), second]
        assert await store.log_keys(THERE) == []
        kept = sorted([added[0].id, retired[0].id])
        assert await facts_in(store, *added, *retired) == kept

    async def test_the_last_key_that_signs_is_not_retired_whoever_tries_at_once(
        self, store: Store, replica: Store
    ) -> None:
        await opened(store)
        assert not await store.retire_log_key(HERE, 1, START, [told()])
        for generation in (2, 3, 4):
            await store.add_log_key(key_of(generation=generation), [])

        retired = await asyncio.gather(
            *(
                (store, replica)[generation % 2].retire_log_key(HERE, generation, START, [told()])
                for generation in (1, 2, 3, 4)
            )
        )

        assert sorted(retired) == [False, True, True, True]
        keys = await store.log_keys(HERE)
        assert [key.retired_at is None for key in keys] == [not each for each in retired]

    async def test_entries_are_found_by_place_by_intent_and_by_fact(self, store: Store) -> None:
        await opened(store)
        intent, task_id = await asked(store)
        other = await submitted(store)
        facts = [told(intent_id=intent.id), told(), told(intent_id=other.id, task_id=task_id)]
        await store.record(facts)
        entries = await logged(store)

        of_intent = [e for e in entries if e.source in {intent.id, facts[0].id}]
        named = [e for e in entries if e.source in {facts[1].id, facts[2].id}]
        assert await store.log_entries_of(HERE, intent.id) == of_intent
        assert await store.log_entries_of(THERE, intent.id) == []
        asked_for = [facts[2].id, facts[1].id, facts[1].id, "no"]
        assert await store.log_entries_named(HERE, asked_for) == named
        assert await store.log_entries_named(THERE, asked_for) == []
        assert await store.log_entries_named(HERE, []) == []
        assert await store.log_entries(HERE, 2, limit=3) == entries[2:5]
        assert await store.log_leaves(HERE, 2, limit=3) == [e.leaf for e in entries[2:5]]
        assert await store.log_leaves(HERE, len(entries), limit=3) == []
        assert await store.log_entries(THERE, 0, limit=9) == []

    async def test_the_fact_that_added_a_passkey_is_found_by_it(self, store: Store) -> None:
        await opened(store)
        keys = [
            told(
                PasskeyAdded(
                    person_id=MARIA.id,
                    credential_id=name,
                    public_key="spki",
                    relying_party="acme.test",
                    label=None,
                )
            )
            for name in ("one", "two")
        ]
        await store.record(keys)

        assert await store.passkey_fact(HERE, "two") == keys[1].id
        assert await store.passkey_fact(HERE, "three") is None
        assert await store.passkey_fact(THERE, "two") is None

    async def test_a_span_of_time_is_the_places_of_all_that_happened_in_it(
        self, store: Store, clock: ManualClock
    ) -> None:
        await opened(store)
        moments, ends = [], []
        for _ in range(3):
            moments.append(clock.advance(timedelta(minutes=1)))
            await submitted(store)
            ends.append(len(await logged(store)))

        span = store.log_span
        assert await span(HERE, None, None) == (0, ends[2])
        assert await span(HERE, moments[1], None) == (ends[0], ends[2])
        assert await span(HERE, moments[1], moments[2]) == (ends[0], ends[1])
        assert await span(HERE, None, moments[0]) == (0, 1)
        later = moments[2] + timedelta(microseconds=1)
        assert await span(HERE, later, None) == (0, 0)
        assert await span(THERE, None, None) == (0, 0)


def _require_in_order(entries: Sequence[LogEntry]) -> None:
    """Events of each intent come in the order of their numbers."""
    seqs: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.seq:
            seqs[entry.source].append(entry.seq)
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())
