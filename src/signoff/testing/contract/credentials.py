"""API keys, sign-in links and sessions: by the hash of the secret, for as long as they are good."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from signoff.core.words import KeyId, PersonId
from signoff.engine.ports import KeyKind, KeyRow, Page, SignInToken, Store
from signoff.testing.clock import START, ManualClock
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    MARIA,
    THERE,
    World,
    fresh,
)

SOON = START + timedelta(minutes=15)


class CredentialContract(World):
    async def test_a_key_is_found_by_the_hash_of_its_secret(self, store: Store) -> None:
        agents, persons = _key(), _key(kind=KeyKind.PERSON, agent=None, person_id=MARIA.id)
        for row in (agents, persons):
            await store.add_key(row)

        assert await store.key(agents.hash) == agents
        assert await store.key(persons.hash) == persons
        assert await store.key(_hash("something else")) is None

    async def test_a_key_is_revoked_once_and_by_its_own_workspace(
        self, store: Store, clock: ManualClock
    ) -> None:
        row = _key()
        await store.add_key(row)
        assert not await store.revoke_key(THERE, row.id)
        assert not await store.revoke_key(HERE, KeyId("key_no"))
        assert await store.key(row.hash) == row

        revoked_at = clock.advance(timedelta(minutes=1))
        assert await store.revoke_key(HERE, row.id)
        clock.advance(timedelta(minutes=1))
        assert await store.revoke_key(HERE, row.id)

        assert await store.key(row.hash) == replace(row, revoked_at=revoked_at)

    async def test_pages_of_keys_are_newest_first_and_of_one_workspace(self, store: Store) -> None:
        rows = [_key(label=f"k{number}") for number in range(3)]
        for row in rows:
            await store.add_key(row)

        first = await store.keys(HERE, Page(limit=2))
        rest = await store.keys(HERE, Page(limit=2, before=first[-1].id))

        assert [*first, *rest] == rows[::-1]
        assert await store.keys(THERE, Page()) == []

    async def test_a_sign_in_token_is_spent_once_even_by_many_at_once(
        self, store: Store, replica: Store
    ) -> None:
        token = _token()
        await store.add_sign_in(token)

        spent = await asyncio.gather(
            *(each.spend_sign_in(token.hash) for each in (store, replica) for _ in range(4))
        )

        assert [found for found in spent if found is not None] == [token]
        assert await store.spend_sign_in(_hash("unknown")) is None

    async def test_a_sign_in_token_that_has_expired_is_worth_nothing(
        self, store: Store, clock: ManualClock
    ) -> None:
        early, late = _token(), _token()
        for token in (early, late):
            await store.add_sign_in(token)

        clock.advance(SOON - START - timedelta(microseconds=1))
        assert await store.spend_sign_in(early.hash) == early
        clock.advance(timedelta(microseconds=1))
        assert await store.spend_sign_in(late.hash) is None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _key(
    *,
    kind: KeyKind = KeyKind.AGENT,
    agent: str | None = AGENT.id,
    person_id: PersonId | None = None,
    label: str | None = None,
) -> KeyRow:
    key_id = KeyId(fresh("key"))
    return KeyRow(
        workspace=HERE,
        id=key_id,
        kind=kind,
        hash=_hash(key_id),
        hint="signoff_agent_ab..yz",
        label=label,
        agent=agent,
        person_id=person_id,
        created_at=START,
    )


def _token(*, person_id: PersonId = MARIA.id, expires_at: datetime = SOON) -> SignInToken:
    return SignInToken(
        workspace=HERE, hash=_hash(fresh("secret")), person_id=person_id, expires_at=expires_at
    )
