"""Erasing: values and salts go, leaves stay, and nothing else can be rewritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signoff.core.facts import Erased, KeyMade, PersonAdded
from signoff.core.provenance import Custody
from signoff.core.words import IntentId, PersonId
from signoff.engine.log.ports import Erasable, Rewrite, StoredEvent, StoredFact
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import (
    Lane,
    Store,
)
from signoff.errors import NotFound, StoreUnavailable
from signoff.storage.writes import WriteConflict
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.facts import hold, key_row, passkey, session, token
from signoff.testing.contract.logged import facts_in, logged, opened, told
from signoff.testing.contract.said import (
    NAME,
    all_of,
    blank_fact,
    blanked,
    cancel,
    ended_intent,
    erase,
    failed,
)
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    THERE,
    World,
    ask,
    execute,
    person_row,
    submitted,
)

REFUSED = (WriteConflict, StoreUnavailable)


class ErasingContract(World):
    async def test_what_is_erased_is_gone_and_every_leaf_stays(
        self, store: Store, clock: ManualClock
    ) -> None:
        await opened(store)
        intent, task_id = await ended_intent(store)
        about = told(failed(), intent_id=intent.id, task_id=task_id)
        await store.record([about])
        before = await logged(store)
        assert NAME in all_of(before)
        fact = told(Erased(scope="intent", intents=1, entries=3))

        done = await erase(store, intent, blanked(facts_added=[fact]))

        assert done.facts_added == (fact,)
        after = await logged(store)
        assert NAME not in all_of(after)
        assert [entry.leaf for entry in after[: len(before)]] == [entry.leaf for entry in before]
        of_intent = await store.log_entries_of(HERE, intent.id)
        assert {entry.erased for entry in of_intent} == {("all",)}
        assert {entry.salts for entry in of_intent} == {""}
        assert after[-1].source == fact.id
        assert NAME not in repr(await store.intent(HERE, intent.id))
        assert NAME not in repr(await store.task(HERE, task_id))
        assert NAME not in repr(await store.events(HERE, intent.id, after=0, limit=99))
        assert NAME not in repr(await store.steps(HERE, intent.id))

    async def test_an_erasure_that_is_refused_changes_nothing(self, store: Store) -> None:
        await opened(store)
        intent, _ = await ended_intent(store)
        before = await logged(store)

        def refuse(found: Erasable, now: datetime) -> Rewrite:
            raise NotFound("a hold stands")

        with pytest.raises(NotFound, match="a hold stands"):
            await store.rewrite(HERE, intent.id, refuse)
        await erase(store, intent, lambda found: Rewrite())

        assert await logged(store) == before
        assert NAME in repr(await store.intent(HERE, intent.id))

    async def test_whoever_erases_knows_all_there_is_about_the_intent(
        self, store: Store, clock: ManualClock
    ) -> None:
        await opened(store)
        custody = Custody(subject="customer:1", retention_class="short")
        live = await submitted(store, ask(), custody=custody)
        ended, _ = await ended_intent(store)
        fact = told(intent_id=live.id)
        await store.record([fact, told(intent_id=ended.id), told()])
        stands, lifted = hold(), hold("subject", "customer:1")
        for each in (stands, lifted):
            await store.place_hold(each, [])
        await store.lift_hold(HERE, lifted.id, START, [])
        seen: list[tuple[Erasable, datetime]] = []

        def look(found: Erasable, now: datetime) -> Rewrite:
            seen.append((found, now))
            return Rewrite()

        now = clock.advance(timedelta(hours=1))
        for intent in (live, ended):
            await store.rewrite(HERE, intent.id, look)

        (first, at), (second, _) = seen
        assert at == now
        assert (first.live, first.subject, first.retention_class) == (True, "customer:1", "short")
        assert (second.live, second.subject, second.retention_class) == (False, None, None)
        events = await store.events(HERE, live.id, after=0, limit=99)
        assert [(e.seq, e.type, e.at) for e in first.events] == [
            (event.seq, event.body.type, event.at) for event in events
        ]
        assert [each.id for each in first.facts] == [fact.id]
        assert first.holds == [stands]
        assert (first.workspace, first.intent_id) == (HERE, live.id)

    async def test_what_does_not_exist_is_not_erased(self, store: Store) -> None:
        intent, _ = await ended_intent(store)

        for workspace, intent_id in ((HERE, IntentId("int_no")), (THERE, intent.id)):
            with pytest.raises(NotFound):
                await store.rewrite(workspace, intent_id, lambda found, now: Rewrite())
        for workspace, person_id in ((HERE, PersonId("per_no")), (THERE, MARIA.id)):
            with pytest.raises(NotFound):
                await store.rewrite_person(workspace, person_id, lambda found, now: Rewrite())
        address = PersonId(MARIA.email)
        with pytest.raises(NotFound):
            await store.rewrite_person(HERE, address, lambda found, now: Rewrite())
        assert await store.person(HERE, MARIA.id) == person_row(MARIA)

    @pytest.mark.parametrize(
        "forged",
        [
            lambda event: replace(event, leaf="{}"),
            lambda event: replace(event, type="intent.started"),
            lambda event: replace(event, at=event.at + timedelta(1)),
            lambda event: replace(event, seq=99),
            lambda event: replace(event, data="{}", erased=()),
        ],
        ids=["leaf", "type", "at", "seq", "not erased"],
    )
    async def test_an_erasure_rewrites_nothing_but_what_is_erasable(
        self, store: Store, forged: Callable[[StoredEvent], StoredEvent]
    ) -> None:
        await opened(store)
        intent, _ = await ended_intent(store)
        before = await logged(store)

        def forge(found: Erasable) -> Rewrite:
            first = replace(found.events[0], data="{}", salts="", erased=("all",))
            return Rewrite(events=(forged(first),), intent={"title": "forged"})

        with pytest.raises(REFUSED):
            await erase(store, intent, forge)

        assert await logged(store) == before
        assert NAME in repr(await store.intent(HERE, intent.id))

    @pytest.mark.parametrize("column", ["status", "seq", "agent", "retention_class", "erased"])
    async def test_of_an_intents_row_only_its_texts_are_rewritten(
        self, store: Store, column: str
    ) -> None:
        intent, _ = await ended_intent(store)

        with pytest.raises(REFUSED):
            await erase(store, intent, lambda found: Rewrite(intent={column: "1"}))

        assert await store.intent(HERE, intent.id) == replace(intent, tasks={})

    async def test_a_fact_of_another_intent_is_not_rewritten(self, store: Store) -> None:
        await opened(store)
        intent, _ = await ended_intent(store)
        fact = told(failed())
        await store.record([fact])
        before = await logged(store)
        other = StoredFact(
            id=fact.id,
            type=fact.body.type,
            at=fact.at,
            actor="{}",
            intent_id=None,
            task_id=None,
            data="{}",
            leaf=before[-1].leaf,
            salts="",
            erased=("all",),
        )

        with pytest.raises(REFUSED):
            await erase(store, intent, lambda found: Rewrite(facts=(other,)))

        assert await logged(store) == before

    async def test_a_field_is_erased_and_another_one_later(self, store: Store) -> None:
        await opened(store)
        intent, _ = await ended_intent(store)

        for names in (("title",), ("title", "rest")):
            await erase(store, intent, blanked(names=names))

        await store.sequence(limit=99)
        entries = await store.log_entries_of(HERE, intent.id)
        assert {entry.erased for entry in entries} == {("title", "rest")}

    async def test_what_channels_said_and_what_is_still_to_be_sent_goes_too(
        self, store: Store
    ) -> None:
        intent, task_id = await ended_intent(store)
        (item,) = await store.claim_outbox(Lane.NOTICE, limit=9, lease_seconds=0)
        failed = Notice(
            workspace=HERE,
            id=f"{item.id}-1",
            intent_id=intent.id,
            task_id=task_id,
            person_id=MARIA.id,
            channel="email",
            reason="opened",
            state=NoticeState.FAILED,
            detail=f"cannot send {NAME!r}",
            at=START,
        )
        await store.settle_outbox([], [failed], retry_at={item.id: START})

        await erase(store, intent, blanked())

        assert await store.notices(HERE, task_id) == [replace(failed, detail=None)]
        assert await store.claim_outbox(Lane.NOTICE, limit=9, lease_seconds=0) == []
        assert len(await store.claim_outbox(Lane.RESUME, limit=9, lease_seconds=0)) == 1

    async def test_of_a_live_intent_people_are_still_told(self, store: Store) -> None:
        custody = Custody(retention_class="short")
        live = await submitted(store, ask(), custody=custody, title=NAME)

        await erase(store, live, blanked())

        assert NAME not in repr(await store.intent(HERE, live.id))
        assert len(await store.claim_outbox(Lane.NOTICE, limit=9, lease_seconds=0)) == 1
        ended = await execute(store, cancel(), live.id)
        later = ended.updated_at + timedelta(1)
        assert await store.intents_to_erase(HERE, "short", later, limit=9) == [live.id]

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
        row, open_session, sign_in = key_row(), session(), token()
        await store.add_key(row)
        await store.add_session(open_session)
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
        assert await store.session(open_session.hash) is None
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

    async def test_scrubbing_is_harmless_at_any_time(self, store: Store) -> None:
        await opened(store)
        intent, _ = await ended_intent(store)
        await store.scrub()
        before = await logged(store)

        await erase(store, intent, blanked())
        await store.scrub()

        after = await logged(store)
        assert [entry.leaf for entry in after] == [entry.leaf for entry in before]
        await submitted(store)


def _added(person_id: PersonId) -> PersonAdded:
    return PersonAdded(
        person_id=person_id, roles=(), groups=(), after="d", email="e@acme.test", name=NAME
    )


def _key_made(person_id: PersonId) -> KeyMade:
    return KeyMade(key_id="key_1", kind="person", agent=None, person_id=person_id, label=NAME)
