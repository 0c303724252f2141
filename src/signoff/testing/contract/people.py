"""Workspaces and people, and whom a selector token reaches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signoff.core.words import WorkspaceId
from signoff.engine.ports import Page, Store
from signoff.errors import AlreadyExists, NotFound
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    THERE,
    World,
    person,
    person_row,
)


class PeopleContract(World):
    async def test_a_workspace_is_created_once(self, store: Store) -> None:
        new = WorkspaceId("acme/second")

        assert [await store.add_workspace(new) for _ in range(2)] == [True, False]
        assert list(await store.workspaces()) == sorted([HERE, new, THERE])

    async def test_a_person_comes_back_as_added_by_id_and_by_mail_address(
        self, store: Store
    ) -> None:
        anna = replace(person("anna", roles=["approver"], groups=["x", "y"]), region="EMEA")
        row = person_row(anna)
        await store.add_person(row)

        assert await store.person(HERE, anna.id) == row
        assert await store.person(HERE, anna.email) == row
        assert await store.person(THERE, anna.id) is None
        assert await store.person(THERE, anna.email) is None
        assert await store.person(HERE, "nobody@acme.test") is None

    async def test_a_mail_address_is_taken_once_in_a_workspace(self, store: Store) -> None:
        with pytest.raises(AlreadyExists):
            await store.add_person(person_row(person("maria", roles=["operator"])))
        await store.add_person(person_row(person("maria"), THERE))

        kept = await store.person(HERE, MARIA.email)
        assert kept is not None
        assert kept.person == MARIA
        assert MARIA not in await store.reached(HERE, ["role:operator"], limit=9)

    async def test_a_person_changes_and_is_reached_by_what_they_are_now(self, store: Store) -> None:
        changed = replace(MARIA, name="Maria II", roles=("operator",), groups=("legal",))
        row = replace(person_row(changed), time_zone=None)
        await store.update_person(row)

        kept = await store.person(HERE, MARIA.email)
        assert kept == row
        assert await store.reached(HERE, ["role:approver", "group:payments"], limit=9) == [JONAS]
        assert await store.reached(HERE, ["group:legal"], limit=9) == [changed]

    async def test_a_person_may_not_take_anothers_address_nor_one_nobody_knows_change(
        self, store: Store
    ) -> None:
        with pytest.raises(AlreadyExists):
            await store.update_person(person_row(replace(MARIA, email=JONAS.email)))
        with pytest.raises(NotFound):
            await store.update_person(person_row(MARIA, THERE))
        with pytest.raises(NotFound):
            await store.update_person(person_row(person("nobody")))

        kept = await store.person(HERE, MARIA.id)
        assert kept is not None
        assert kept.person == MARIA

    async def test_a_token_reaches_everybody_it_names_who_is_not_disabled_once(
        self, store: Store
    ) -> None:
        await store.update_person(person_row(replace(JONAS, disabled=True)))
        anna = person("anna", roles=["approver"])
        await store.add_person(person_row(anna))
        await store.add_person(person_row(person("else", roles=["approver"]), THERE))
        tokens = ["role:approver", "group:payments", f"person:{MARIA.id}", "role:nobody"]

        assert await store.reached(HERE, tokens, limit=9) == [MARIA, anna]
        assert len(await store.reached(HERE, tokens, limit=1)) == 1
        assert await store.reached(HERE, [], limit=9) == []
        assert await store.reached(HERE, [f"person:{JONAS.id}"], limit=9) == []

    async def test_pages_of_people_have_no_gaps_and_nothing_twice(self, store: Store) -> None:
        added = [person(f"p{number}") for number in range(3)]
        for who in added:
            await store.add_person(person_row(who))

        first = await store.people(HERE, Page(limit=2))
        rest = await store.people(HERE, Page(limit=9, before=first[-1].person.id))

        everyone = [MARIA, JONAS, *added]
        newest = sorted(everyone, key=lambda who: who.id, reverse=True)
        assert [row.person for row in [*first, *rest]] == newest
        assert await store.people(THERE, Page()) == []
