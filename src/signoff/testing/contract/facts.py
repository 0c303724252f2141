"""Facts: written with the change they tell of, where there is one, and each only once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from signoff.core.facts import Fact
from signoff.core.words import KeyId, PersonId, TaskId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.log.ports import Hold, View
from signoff.engine.ports import (
    Commit,
    KeyKind,
    KeyRow,
    Lane,
    Lookup,
    PasskeyRow,
    SignInToken,
    Store,
)
from signoff.engine.sessions import LASTS, Session
from signoff.errors import AlreadyExists, ChangedMeanwhile, NotFound
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.logged import facts_in, logged, opened, told
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    THERE,
    World,
    answer,
    asked,
    execute,
    fresh,
    loaded_by,
    person,
    person_row,
)

Act = Callable[[Store, list[Fact]], Awaitable[object]]


def key_row() -> KeyRow:
    """A key that nobody has yet."""
    key_id = KeyId(fresh("key"))
    return KeyRow(
        workspace=HERE,
        id=key_id,
        kind=KeyKind.PERSON,
        hash=sha256(key_id.encode()).hexdigest(),
        hint="hint",
        label="my laptop",
        agent=None,
        person_id=MARIA.id,
        created_at=START,
    )


def token() -> SignInToken:
    """A sign-in link of Maria's."""
    secret = sha256(fresh("secret").encode()).hexdigest()
    return SignInToken(
        workspace=HERE, hash=secret, person_id=MARIA.id, expires_at=START + timedelta(hours=1)
    )


def session(person_id: PersonId = MARIA.id, *, at: datetime = START) -> Session:
    """A session that has just begun."""
    return Session(
        workspace=HERE,
        hash=sha256(fresh("secret").encode()).hexdigest(),
        id=fresh("ses"),
        person_id=person_id,
        expires_at=at + LASTS,
        created_at=at,
        authenticated_at=at,
        seen_at=at,
        device="Firefox on Linux",
    )


def passkey(credential_id: str = "credential") -> PasskeyRow:
    """A passkey of Maria's."""
    return PasskeyRow(
        workspace=HERE,
        credential_id=credential_id,
        person_id=MARIA.id,
        public_key="cose",
        label="my phone",
        sign_count=0,
        created_at=START,
    )


def hold(scope: str = "workspace", target: str = "") -> Hold:
    """A hold that nobody has placed yet."""
    return Hold(
        workspace=HERE,
        id=fresh("hold"),
        scope=scope,
        target=target,
        reason="a lawsuit",
        placed_by=JONAS.id,
        placed_at=START,
    )


async def _revoke(store: Store, facts: list[Fact]) -> None:
    row = key_row()
    await store.add_key(row)
    assert await store.revoke_key(HERE, row.id, facts)


async def _drop_session(store: Store, facts: list[Fact]) -> None:
    theirs = session()
    await store.add_session(theirs)
    await store.drop_session(theirs.hash, facts)


async def _end_sessions(store: Store, facts: list[Fact]) -> None:
    theirs = session()
    await store.add_session(theirs)
    assert await store.end_sessions(HERE, MARIA.id, [theirs.id], facts) == 1


async def _remove_passkey(store: Store, facts: list[Fact]) -> None:
    await store.add_passkey(passkey(), [])
    assert await store.remove_passkey(HERE, "credential", facts)


async def _lift(store: Store, facts: list[Fact]) -> None:
    placed = hold()
    await store.place_hold(placed, [])
    assert await store.lift_hold(HERE, placed.id, START, facts)


async def _pick_up(store: Store, facts: list[Fact]) -> None:
    _, task_id = await asked(store)
    await execute(store, answer(task_id))
    await store.picked_up(HERE, [task_id], facts)


async def _settle(store: Store, facts: list[Fact]) -> None:
    await asked(store)
    (item,) = await store.claim_outbox(Lane.NOTICE, limit=9, lease_seconds=60)
    await store.settle_outbox([item.id], [], retry_at={}, facts=facts)


async def _transact(store: Store, facts: list[Fact]) -> None:
    await store.transact(Lookup(), lambda loaded, now: Commit(facts=tuple(facts)))


CHANGES: dict[str, Act] = {
    "a person is added": lambda store, facts: store.add_person(person_row(person("anna")), facts),
    "a person is changed": lambda store, facts: store.update_person(person_row(MARIA), facts),
    "settings are saved": lambda store, facts: store.save_settings(
        HERE, WorkspaceSettings(version=1), by="admin", facts=facts
    ),
    "a key is made": lambda store, facts: store.add_key(key_row(), facts),
    "a key is revoked": _revoke,
    "a sign-in is offered": lambda store, facts: store.add_sign_in(token(), facts),
    "a session begins": lambda store, facts: store.add_session(session(), facts),
    "a session ends": _drop_session,
    "sessions are ended": _end_sessions,
    "a passkey is added": lambda store, facts: store.add_passkey(passkey(), facts),
    "a passkey is removed": _remove_passkey,
    "a hold is placed": lambda store, facts: store.place_hold(hold(), facts),
    "a hold is lifted": _lift,
    "an answer is picked up": _pick_up,
    "duties are settled": _settle,
    "a batch is written": _transact,
    "nothing but that": lambda store, facts: store.record(facts),
}


async def _taken_address(store: Store, facts: list[Fact]) -> None:
    with pytest.raises(AlreadyExists):
        await store.add_person(person_row(person("maria")), facts)


async def _nobody(store: Store, facts: list[Fact]) -> None:
    with pytest.raises(NotFound):
        await store.update_person(person_row(person("nobody")), facts)


async def _stale_settings(store: Store, facts: list[Fact]) -> None:
    with pytest.raises(ChangedMeanwhile):
        await store.save_settings(HERE, WorkspaceSettings(version=7), by="admin", facts=facts)


async def _revoke_twice(store: Store, facts: list[Fact]) -> None:
    row = key_row()
    await store.add_key(row)
    assert await store.revoke_key(HERE, row.id)
    assert await store.revoke_key(HERE, row.id, facts)


async def _add_passkey_twice(store: Store, facts: list[Fact]) -> None:
    await store.add_passkey(passkey(), [])
    with pytest.raises(AlreadyExists):
        await store.add_passkey(replace(passkey(), person_id=JONAS.id), facts)


async def _lift_twice(store: Store, facts: list[Fact]) -> None:
    placed = hold()
    await store.place_hold(placed, [])
    assert await store.lift_hold(HERE, placed.id, START, [])
    assert not await store.lift_hold(HERE, placed.id, START, facts)


async def _failing_batch(store: Store, facts: list[Fact]) -> None:
    def decide(loaded: object, now: object) -> Commit:
        raise NotFound("whatever")

    with pytest.raises(NotFound):
        await store.transact(Lookup(), decide)


NO_CHANGES: dict[str, Act] = {
    "an address is taken": _taken_address,
    "there is no such person": _nobody,
    "settings are stale": _stale_settings,
    "there is no such key": lambda store, facts: store.revoke_key(HERE, KeyId("no"), facts),
    "a key was revoked before": _revoke_twice,
    "there is no such session": lambda store, facts: store.drop_session("no", facts),
    "there are no such sessions": lambda store, facts: store.end_sessions(
        HERE, MARIA.id, ["no"], facts
    ),
    "a passkey is somebody's": _add_passkey_twice,
    "there is no such passkey": lambda store, facts: store.remove_passkey(HERE, "no", facts),
    "a hold was lifted before": _lift_twice,
    "nothing was to be picked up": lambda store, facts: store.picked_up(
        HERE, [TaskId("no")], facts
    ),
    "nothing was to be settled": lambda store, facts: store.settle_outbox(
        [], [], retry_at={}, facts=facts
    ),
    "a batch fails": _failing_batch,
}


class FactContract(World):
    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
    async def test_facts_are_written_with_the_change_they_tell_of(
        self, store: Store, change: Act
    ) -> None:
        await opened(store)
        facts = [told(), told()]

        await change(store, facts)

        assert await facts_in(store, *facts) == sorted(fact.id for fact in facts)

    @pytest.mark.parametrize("no_change", NO_CHANGES.values(), ids=NO_CHANGES.keys())
    async def test_where_nothing_changes_nothing_is_told(
        self, store: Store, no_change: Act
    ) -> None:
        await opened(store)
        facts = [told(), told()]

        await no_change(store, facts)

        assert await facts_in(store, *facts) == []

    async def test_a_fact_told_twice_is_told_once(self, store: Store, replica: Store) -> None:
        await opened(store)
        fact, other = told(), told()

        await store.record([fact])
        await replica.record([replace(fact, at=START + timedelta(1)), other])
        (first, _) = [e for e in await logged(store) if e.source in {fact.id, other.id}]
        await store.record([fact])
        await store.transact(Lookup(), lambda loaded, now: Commit(facts=(fact,)))

        assert await facts_in(store, fact, other) == sorted([fact.id, other.id])
        (kept,) = await store.log_entries_named(HERE, [fact.id])
        assert kept == first

    async def test_the_same_fact_of_two_workspaces_is_two(self, store: Store) -> None:
        for workspace in (HERE, THERE):
            await opened(store, workspace)
        fact = told()
        await store.record([fact, replace(fact, workspace=THERE)])

        for workspace in (HERE, THERE):
            places = [entry.source for entry in await logged(store, workspace)]
            assert places.count(fact.id) == 1

    async def test_the_first_sight_of_a_task_stays_the_first(
        self, store: Store, replica: Store, clock: ManualClock
    ) -> None:
        _, task_id = await asked(store)
        first = View(
            workspace=HERE, task_id=task_id, person_id=MARIA.id, view_digest="d1", at=START
        )
        later = clock.advance(timedelta(minutes=5))
        assert await store.first_viewed(HERE, task_id, MARIA.id) is None

        await store.record([], [first])
        await replica.record([], [replace(first, at=later)])
        await store.record([], [replace(first, view_digest="d2", at=later)])

        assert await store.first_viewed(HERE, task_id, MARIA.id) == START
        assert await store.first_viewed(HERE, task_id, JONAS.id) is None
        assert await store.first_viewed(THERE, task_id, MARIA.id) is None
        seen = (HERE, task_id, MARIA.id)
        asked_for = frozenset({seen, (HERE, task_id, JONAS.id), (THERE, *seen[1:])})
        assert (await loaded_by(store, views=asked_for)).views == {seen: START}
        assert (await loaded_by(store)).views == {}

    async def test_a_passkey_is_one_persons_and_comes_back_as_it_was(self, store: Store) -> None:
        mine, other = passkey("b"), replace(passkey("a"), created_at=START + timedelta(1))
        for row in (other, mine):
            await store.add_passkey(row, [])

        with pytest.raises(AlreadyExists):
            await store.add_passkey(replace(mine, person_id=JONAS.id), [])
        assert await store.passkeys(HERE, MARIA.id) == [mine, other]
        assert await store.passkeys(HERE, JONAS.id) == []
        assert await store.passkeys(THERE, MARIA.id) == []
        assert not await store.remove_passkey(THERE, "a", [])
        assert await store.remove_passkey(HERE, "a", [])
        assert not await store.remove_passkey(HERE, "a", [])
        assert await store.passkeys(HERE, MARIA.id) == [mine]

    async def test_the_counter_of_a_passkey_goes_up_or_stays_nothing(self, store: Store) -> None:
        await store.add_passkey(passkey(), [])
        used = store.used_passkey

        assert [await used(HERE, "credential", 0) for _ in range(2)] == [True, True]
        assert await used(HERE, "credential", 5)
        assert not await used(HERE, "credential", 5)
        assert not await used(HERE, "credential", 4)
        assert not await used(HERE, "credential", 0)
        assert await used(HERE, "credential", 6)
        assert not await used(THERE, "credential", 9)
        assert not await used(HERE, "another", 9)
        assert [row.sign_count for row in await store.passkeys(HERE, PersonId(MARIA.id))] == [6]
