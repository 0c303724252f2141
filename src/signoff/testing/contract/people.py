"""Workspaces and people, and whom a selector token reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.core.routing import Absence, Person
from signoff.core.words import WorkspaceId
from signoff.engine.ports import Page, Store
from signoff.errors import AlreadyExists, NotFound
from signoff.testing.clock import ManualClock
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

    async def test_what_the_rules_know_of_a_person_comes_back_as_it_was(
        self, store: Store, clock: ManualClock
    ) -> None:
        away = Absence(
            start=clock.now(),
            end=clock.now() + timedelta(days=3, microseconds=7),
            substitute=MARIA.id,
            note='back on "Thursday"',
        )
        anna = replace(
            person("anna"),
            aliases=("anna@old.test", "a.schmidt@acme.test"),
            attributes={"level": "2", "site": "Köln"},
            calendar="berlin",
            absences=(away, Absence(start=away.end, end=away.end + timedelta(days=1))),
        )
        await store.add_person(person_row(anna))

        assert await store.person(HERE, anna.id) == person_row(anna)
        changed = replace(anna, aliases=(), attributes={}, calendar=None, absences=())
        await store.update_person(person_row(changed))
        assert await store.person(HERE, anna.id) == person_row(changed)

    async def test_a_person_is_found_by_every_alias_they_have_now(self, store: Store) -> None:
        anna = replace(person("anna"), aliases=("anna@old.test",))
        await store.add_person(person_row(anna))

        assert await store.person(HERE, "anna@old.test") == person_row(anna)
        assert await store.person(THERE, "anna@old.test") is None
        changed = replace(anna, email="anna@new.test", aliases=(anna.email, "anna@new.test"))
        await store.update_person(person_row(changed))
        assert await store.person(HERE, "anna@old.test") is None
        for address in ("anna@new.test", "anna@acme.test"):
            assert await store.person(HERE, address) == person_row(changed)

    async def test_an_address_is_one_persons_whether_it_is_their_main_one_or_an_alias(
        self, store: Store
    ) -> None:
        anna = replace(person("anna"), aliases=("a@acme.test",))
        await store.add_person(person_row(anna))
        clashes = [
            replace(person("new"), aliases=(MARIA.email,)),
            replace(person("new"), aliases=("free@acme.test", "a@acme.test")),
            replace(person("new"), email="a@acme.test"),
        ]

        for clash in clashes:
            with pytest.raises(AlreadyExists, match=r"(maria|a)@acme\.test"):
                await store.add_person(person_row(clash))
            taking = replace(JONAS, email=clash.email, aliases=clash.aliases)
            with pytest.raises(AlreadyExists, match=r"(maria|a)@acme\.test"):
                await store.update_person(person_row(taking))

        assert [row.person for row in await store.people(HERE, Page())] == [anna, JONAS, MARIA]
        assert await store.person(HERE, "free@acme.test") is None
        await store.add_person(person_row(replace(person("b"), aliases=anna.aliases), THERE))

    async def test_of_those_who_take_an_alias_at_once_one_gets_it(
        self, store: Store, replica: Store
    ) -> None:
        takers = [replace(person(f"p{number}"), aliases=("it@acme.test",)) for number in range(6)]

        results = await asyncio.gather(
            *(
                each.add_person(person_row(taker))
                for each, taker in zip([store, replica] * 3, takers, strict=True)
            ),
            return_exceptions=True,
        )

        assert [type(result) for result in results if result is not None] == [AlreadyExists] * 5
        holder = await store.person(HERE, "it@acme.test")
        assert holder is not None
        assert holder.person == takers[results.index(None)]
        assert len(await store.people(HERE, Page())) == 3

    async def test_attributes_narrow_whom_a_role_or_group_reaches(self, store: Store) -> None:
        anna = replace(
            person("anna", roles=["approver"], groups=["legal"]),
            region="eu",
            attributes={"level": "2"},
        )
        await store.add_person(person_row(anna))

        async def reached(token: str) -> Sequence[Person]:
            return await store.reached(HERE, [token], limit=9)

        for token in ("role:approver@region:eu", "role:approver@level:2", "group:legal@level:2"):
            assert await reached(token) == [anna]
        assert await reached("role:approver@region:us") == []
        await store.update_person(person_row(replace(anna, region="us")))
        assert await reached("role:approver@region:eu") == []
        assert len(await reached("role:approver@region:us")) == 1

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
