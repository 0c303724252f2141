"""Who vouches for whom: one subject of an issuer stands for one person of a workspace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.engine.identities import Identity
from signoff.engine.ports import Store
from signoff.errors import AlreadyExists
from signoff.testing.clock import START
from signoff.testing.contract.world import HERE, JONAS, MARIA, THERE, World, person, person_row

TEAM = "slack:T01"
MARIA_THERE = Identity(
    workspace=HERE,
    issuer=TEAM,
    subject="U01",
    person_id=MARIA.id,
    label="maria",
    created_at=START,
)


class IdentityContract(World):
    async def test_a_subject_stands_for_whom_it_was_given_in_each_workspace(
        self, store: Store
    ) -> None:
        paul = person("paul")
        await store.add_person(person_row(paul, THERE))
        elsewhere = replace(MARIA_THERE, workspace=THERE, person_id=paul.id, label=None)
        for row in (MARIA_THERE, elsewhere, MARIA_THERE):
            await store.add_identity(row)

        found = await store.identified(TEAM, "U01")
        assert sorted(found, key=lambda each: each.workspace) == [MARIA_THERE, elsewhere]
        assert await store.identified("slack:T02", "U01") == []
        assert await store.identified(TEAM, "U02") == []

    async def test_a_subject_that_stands_for_one_stands_for_no_other(self, store: Store) -> None:
        await store.add_identity(MARIA_THERE)

        with pytest.raises(AlreadyExists):
            await store.add_identity(replace(MARIA_THERE, person_id=JONAS.id))
        assert await store.identified(TEAM, "U01") == [MARIA_THERE]

    async def test_of_a_person_everything_is_found_and_of_people_their_subjects(
        self, store: Store
    ) -> None:
        later = replace(
            MARIA_THERE, issuer="https://id.test", created_at=START + timedelta(minutes=1)
        )
        for row in (later, MARIA_THERE):
            await store.add_identity(row)

        assert await store.identities(HERE, MARIA.id) == [MARIA_THERE, later]
        assert await store.identities(THERE, MARIA.id) == []
        assert await store.subjects(HERE, TEAM, [MARIA.id, JONAS.id]) == {MARIA.id: "U01"}
        assert await store.subjects(HERE, TEAM, []) == {}

    async def test_what_is_removed_stands_for_nobody(self, store: Store) -> None:
        await store.add_identity(MARIA_THERE)

        assert not await store.remove_identity(THERE, TEAM, "U01")
        assert await store.remove_identity(HERE, TEAM, "U01")
        assert not await store.remove_identity(HERE, TEAM, "U01")
        assert await store.identified(TEAM, "U01") == []
