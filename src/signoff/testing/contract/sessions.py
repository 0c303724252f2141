"""Part of ``StoreContract``: who is signed in where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from signoff.engine.ports import Store
from signoff.engine.sessions import IDLE, LASTS
from signoff.testing.clock import ManualClock
from signoff.testing.contract.facts import session
from signoff.testing.contract.world import HERE, JONAS, MARIA, THERE, person_row


class SessionContract:
    """Sessions."""

    async def test_a_session_is_good_until_it_expires(
        self, store: Store, clock: ManualClock
    ) -> None:
        theirs = session()
        await store.add_session(theirs)

        assert await store.session(theirs.hash) == theirs
        used = 0 * IDLE
        while used + IDLE / 2 < LASTS:
            clock.advance(IDLE / 2)
            used += IDLE / 2
            assert await store.session(theirs.hash) is not None
            await store.see_session(theirs.hash)
        clock.advance(LASTS - used)
        assert await store.session(theirs.hash) is None

    async def test_a_session_that_nobody_uses_is_over(
        self, store: Store, clock: ManualClock
    ) -> None:
        used, idle = session(), session()
        for each in (used, idle):
            await store.add_session(each)
        clock.advance(IDLE - timedelta(seconds=1))
        await store.see_session(used.hash)
        assert await store.session(idle.hash) == idle

        clock.advance(timedelta(seconds=1))

        assert await store.session(idle.hash) is None
        seen = replace(used, seen_at=clock.now() - timedelta(seconds=1))
        assert await store.session(used.hash) == seen
        assert await store.sessions(HERE, MARIA.id) == [seen]

    async def test_a_dropped_session_is_over_and_others_go_on(self, store: Store) -> None:
        dropped, other = session(), session()
        for each in (dropped, other):
            await store.add_session(each)

        for _ in range(2):
            await store.drop_session(dropped.hash)

        assert await store.session(dropped.hash) is None
        assert await store.session(other.hash) == other

    async def test_somebodys_sessions_are_listed_and_ended_by_their_ids(
        self, store: Store, clock: ManualClock
    ) -> None:
        first, second, theirs = session(), session(), session(JONAS.id)
        for each in (first, second, theirs):
            await store.add_session(each)
        clock.advance(timedelta(minutes=1))
        await store.see_session(first.hash)
        seen = replace(first, seen_at=clock.now())

        assert await store.sessions(HERE, MARIA.id) == [seen, second]
        assert await store.sessions(THERE, MARIA.id) == []
        ids = [first.id, theirs.id, "nonsense"]
        assert await store.end_sessions(HERE, MARIA.id, ids) == 1
        assert await store.sessions(HERE, MARIA.id) == [second]
        assert await store.session(first.hash) is None
        assert await store.session(theirs.hash) == theirs

    async def test_whoever_is_disabled_has_no_session(self, store: Store) -> None:
        theirs, another = session(), session(JONAS.id)
        for each in (theirs, another):
            await store.add_session(each)

        await store.update_person(person_row(replace(MARIA, disabled=True)))
        assert await store.session(theirs.hash) is None
        assert await store.session(another.hash) == another
        await store.update_person(person_row(MARIA))
        assert await store.session(theirs.hash) == theirs
