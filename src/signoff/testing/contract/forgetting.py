"""Forgetting: whom and what an erasure is about, and of a person all but the id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from signoff.core.facts import Erased, KeyMade, PersonAdded
from signoff.core.provenance import Custody
from signoff.core.words import IntentId, PersonId
from signoff.engine.log.ports import Erasable, Rewrite, StoredFact
from signoff.engine.ports import Store
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.facts import hold, key_row, passkey, token
from signoff.testing.contract.logged import facts_in, logged, opened, told
from signoff.testing.contract.said import (
    NAME,
    blank_fact,
    blanked,
    cancel,
    ended_intent,
    erase,
)
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    THERE,
    World,
    execute,
    person_row,
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

    async def test_what_a_class_keeps_no_longer_is_listed_until_all_of_it_is_erased(
        self, store: Store, clock: ManualClock
    ) -> None:
        await opened(store)
        ended = []
        for retention_class in ("short", "short", "short", "long"):
            custody = Custody(retention_class=retention_class)
            intent = await submitted(store, custody=custody, title=NAME)
            ended.append(await execute(store, cancel(), intent.id))
            clock.advance(timedelta(days=1))
        live = await submitted(store, custody=Custody(retention_class="short"))
        moment = ended[2].updated_at

        async def due(before: datetime, *, limit: int = 9) -> Sequence[IntentId]:
            return await store.intents_to_erase(HERE, "short", before, limit=limit)

        assert await due(moment) == [ended[0].id, ended[1].id]
        assert await due(moment + timedelta(days=9)) == [each.id for each in ended[:3]]
        assert await due(moment, limit=1) == [ended[0].id]
        assert live.id not in await due(moment + timedelta(days=99))
        assert await store.intents_to_erase(THERE, "short", moment, limit=9) == []

        def partly(found: Erasable) -> Rewrite:
            (first, *_) = found.events
            return Rewrite(events=(replace(first, erased=("deadline",)),), intent={"title": ""})

        await erase(store, ended[0], partly)
        assert await due(moment) == [ended[0].id, ended[1].id]
        await erase(store, ended[0], blanked(names=("deadline", "all")))
        assert await due(moment) == [ended[1].id]

    async def test_of_a_person_nothing_is_left_but_the_id(
        self, store: Store, clock: ManualClock
    ) -> None:
        await opened(store)
        maria = replace(MARIA, aliases=("erika@acme.test",), region="eu", attributes={"level": "2"})
        await store.update_person(person_row(maria))
        row, session, sign_in = key_row(), token(), token()
        await store.add_key(row)
        await store.add_session(session)
        await store.add_sign_in(sign_in)
        await store.add_passkey(passkey(), [])
        facts = [told(_added(MARIA.id)), told(_key_made(MARIA.id), actor=JONAS.actor), told()]
        others = [
            told(_added(JONAS.id), actor=JONAS.actor),
            told(_key_made(JONAS.id), actor=JONAS.actor),
        ]
        await store.record([*facts, *others])
        before = await logged(store)
        seen: list[str] = []
        erased = told(Erased(scope="person", intents=0, entries=3, person_id=MARIA.id))

        def forget(found: Sequence[StoredFact], now: datetime) -> Rewrite:
            seen.extend(fact.id for fact in found)
            return Rewrite(facts=tuple(map(blank_fact, found)), facts_added=(erased,))

        now = clock.advance(timedelta(minutes=5))
        await store.rewrite_person(HERE, MARIA.id, forget)

        assert seen == sorted(fact.id for fact in facts)
        kept = await store.person(HERE, MARIA.id)
        assert kept is not None
        assert kept.person.disabled
        assert (kept.person.name, kept.person.aliases) == ("[erased]", ())
        assert kept.person.email == f"erased-{MARIA.id}@erased.invalid"
        assert "aria" not in repr(kept)
        assert await store.person(HERE, kept.person.email) == kept
        for address in (MARIA.email, "erika@acme.test"):
            assert await store.person(HERE, address) is None
        tokens = ["role:approver", "role:approver@region:eu", f"person:{MARIA.id}"]
        assert await store.reached(HERE, tokens, limit=9) == [JONAS]
        assert await store.session(session.hash) is None
        assert await store.spend_sign_in(sign_in.hash) is None
        assert await store.passkeys(HERE, MARIA.id) == []
        assert await store.key(row.hash) == replace(row, label=None, revoked_at=now)
        after = await logged(store)
        assert [entry.leaf for entry in after[: len(before)]] == [entry.leaf for entry in before]
        named = {e.source: e.data for e in after}
        assert all(NAME not in named[fact.id] for fact in facts)
        assert all(NAME in named[fact.id] for fact in others)
        assert await facts_in(store, erased) == [erased.id]
        await store.add_person(person_row(replace(MARIA, id=PersonId("per_again"))))

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


def _added(person_id: PersonId) -> PersonAdded:
    return PersonAdded(
        person_id=person_id, roles=(), groups=(), after="d", email="e@acme.test", name=NAME
    )


def _key_made(person_id: PersonId) -> KeyMade:
    return KeyMade(key_id="key_1", kind="person", agent=None, person_id=person_id, label=NAME)
