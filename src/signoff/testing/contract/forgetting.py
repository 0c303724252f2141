"""Whom and what an erasure would be about, and the holds that stand against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from signoff.core.provenance import Custody
from signoff.core.words import IntentId
from signoff.engine.log.ports import Rewrite
from signoff.engine.ports import Store
from signoff.testing.clock import START
from signoff.testing.contract.facts import hold
from signoff.testing.contract.said import (
    NAME,
    ended_intent,
    erase,
)
from signoff.testing.contract.world import (
    HERE,
    MARIA,
    THERE,
    World,
    submitted,
)


class ForgettingContract(World):
    async def test_intents_are_found_by_whom_they_are_about_even_when_erased(
        self, store: Store
    ) -> None:
        about = await submitted(store, custody=Custody(subject="customer:1"))
        behalf = await submitted(store, on_behalf_of="customer:1")
        both = await submitted(
            store, custody=Custody(subject="customer:1"), on_behalf_of="customer:1"
        )
        await submitted(store, custody=Custody(subject="customer:2"))
        found = [about.id, behalf.id, both.id]

        assert await store.intents_of_subject(HERE, "customer:1") == found
        assert await store.intents_of_subject(THERE, "customer:1") == []
        kept = {"title": ""}
        await erase(store, about, lambda _: Rewrite(intent=kept))
        assert await store.intents_of_subject(HERE, "customer:1") == found

    async def test_intents_are_found_by_the_words_in_what_happened(self, store: Store) -> None:
        titled = await submitted(store, title=f"Refund {NAME}")
        answered, _ = await ended_intent(store)
        await submitted(store, title="Refund somebody else")

        async def naming(*words: str) -> Sequence[IntentId]:
            return await store.intents_naming(HERE, words)

        assert await naming(NAME.lower()) == sorted([titled.id, answered.id])
        assert await naming("no such word", f"refund {NAME.lower()}") == sorted(
            [titled.id, answered.id]
        )
        assert await naming("no such word") == []
        assert await naming() == []
        assert await naming(f'"id":"{MARIA.id}"') == [answered.id]
        assert await store.intents_naming(THERE, [NAME.lower()]) == []

    async def test_holds_are_listed_newest_first_and_lifted_once(self, store: Store) -> None:
        first, second = hold(), replace(hold("intent", "int_1"), placed_at=START + timedelta(1))
        for each in (first, second):
            await store.place_hold(each, [])
        lifted_at = START + timedelta(2)

        assert not await store.lift_hold(THERE, first.id, lifted_at, [])
        assert await store.lift_hold(HERE, first.id, lifted_at, [])
        assert not await store.lift_hold(HERE, first.id, lifted_at + timedelta(1), [])

        assert await store.holds(HERE) == [second, replace(first, lifted_at=lifted_at)]
        assert await store.holds(THERE) == []
