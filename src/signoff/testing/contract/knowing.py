"""What a batch gets to know of the directory: members, loads, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from signoff.core import commands as c
from signoff.core.routing import MAX_MEMBERS, MAX_STAND_INS, Absence, Directory, Person
from signoff.engine.ports import Store
from signoff.testing.clock import ManualClock
from signoff.testing.contract.world import (
    HERE,
    JONAS,
    MARIA,
    THERE,
    World,
    answer,
    ask,
    asked,
    execute,
    loaded_by,
    person,
    person_row,
    submitted,
)

HOUR = timedelta(hours=1)


def away(who: Person, substitute: Person | None, start: datetime, end: datetime) -> Person:
    """The same person, with an absence."""
    deputy = substitute.id if substitute else None
    return replace(who, absences=(Absence(start=start, end=end, substitute=deputy),))


async def known(
    store: Store,
    *,
    people: Sequence[str] = (),
    tokens: Sequence[str] = (),
    picks: Sequence[str] = (),
) -> Directory:
    """What a batch and a reader get to know, which is the same."""
    loaded = await loaded_by(
        store,
        people=frozenset((HERE, each) for each in people),
        tokens=frozenset((HERE, each) for each in tokens),
        picks=frozenset((HERE, each) for each in picks),
    )
    read = await store.directory(HERE, people=people, tokens=tokens, picks=picks)
    assert loaded.directories.get(HERE, Directory()) == read
    return read


def everybody(*people: Person) -> dict[str, Person]:
    """These people, under all that they are found by."""
    return {key: who for who in people for key in (who.id, who.email, *who.aliases)}


class KnowingContract(World):
    async def test_a_person_is_known_by_every_address_of_theirs(self, store: Store) -> None:
        anna = replace(person("anna"), aliases=("anna@old.test",))
        await store.add_person(person_row(anna))

        for reference in (anna.id, anna.email, "anna@old.test"):
            assert (await known(store, people=[reference])).people == everybody(anna)

    async def test_members_of_a_token_are_the_enabled_people_it_reaches(self, store: Store) -> None:
        anna = person("anna", roles=["approver"])
        await store.add_person(person_row(anna))
        await store.add_person(person_row(person("else", roles=["approver"]), THERE))
        await store.update_person(person_row(replace(JONAS, disabled=True)))

        directory = await known(store, tokens=["role:approver", "group:payments", "role:nobody"])

        assert directory.members == {
            "role:approver": (MARIA.id, anna.id),
            "group:payments": (MARIA.id,),
            "role:nobody": (),
        }
        assert directory.people == everybody(MARIA, anna)
        assert directory.loads == {}

    async def test_of_a_token_with_many_members_so_many_are_known(self, store: Store) -> None:
        crowd = [person(f"c{number}", groups=["crowd"]) for number in range(MAX_MEMBERS + 3)]
        for who in crowd:
            await store.add_person(person_row(who))

        directory = await known(store, tokens=["group:crowd", "role:approver"])

        kept = [who.id for who in crowd][:MAX_MEMBERS]
        assert list(directory.members["group:crowd"]) == kept
        assert directory.members["role:approver"] == (MARIA.id, JONAS.id)

    async def test_loads_count_the_live_tasks_that_ask_a_person_by_name(self, store: Store) -> None:
        for _ in range(3):
            await asked(store, assignee=MARIA.email)
        _, done = await asked(store, assignee=JONAS.email)
        await asked(store, assignee=JONAS.email)
        await asked(store, assignee="role:approver")
        await execute(store, answer(done, by=JONAS))

        directory = await known(
            store, tokens=["role:approver"], picks=["role:approver", f"person:{MARIA.id}"]
        )

        assert directory.loads == {MARIA.id: 3, JONAS.id: 1}

    async def test_whoever_stands_in_for_somebody_away_now_is_known_hop_by_hop(
        self, store: Store, clock: ManualClock
    ) -> None:
        start, end = clock.now(), clock.now() + HOUR
        carl = person("carl")
        bert = away(person("bert"), carl, start, end)
        anna = away(person("anna", roles=["boss"]), bert, start, end)
        for who in (anna, bert, carl):
            await store.add_person(person_row(who))

        assert (await known(store, people=[anna.email])).people == everybody(anna, bert, carl)
        by_token = await known(store, tokens=["role:boss"])
        assert by_token.people == everybody(anna, bert, carl)
        assert by_token.members == {"role:boss": (anna.id,)}
        clock.advance(HOUR)
        assert (await known(store, people=[anna.email])).people == everybody(anna)

    async def test_whoever_stands_in_later_is_known_to_a_reader_alone(
        self, store: Store, clock: ManualClock
    ) -> None:
        bert = person("bert")
        anna = away(person("anna"), bert, clock.now() + HOUR, clock.now() + 2 * HOUR)
        for who in (anna, bert):
            await store.add_person(person_row(who))

        loaded = await loaded_by(store, people=frozenset({(HERE, anna.id)}))
        read = await store.directory(HERE, people=[anna.id])

        assert loaded.directories[HERE].people == everybody(anna)
        assert read.people == everybody(anna, bert)

    async def test_substitutes_in_a_circle_or_without_end_are_followed_so_far(
        self, store: Store, clock: ManualClock
    ) -> None:
        start, end = clock.now(), clock.now() + HOUR
        line = [person(f"p{number}") for number in range(MAX_STAND_INS + 3)]
        line = [away(one, two, start, end) for one, two in pairwise([*line, line[0]])]
        left, right = person("left"), person("right")
        circle = [away(left, right, start, end), away(right, left, start, end)]
        for who in (*line, *circle):
            await store.add_person(person_row(who))

        assert (await known(store, people=[left.id])).people == everybody(*circle)
        far = (await known(store, people=[line[0].id])).people
        assert far == everybody(*line[: MAX_STAND_INS + 1])

    async def test_a_substitute_of_another_workspace_is_nobody(
        self, store: Store, clock: ManualClock
    ) -> None:
        stranger = person("stranger")
        anna = away(person("anna"), stranger, clock.now(), clock.now() + HOUR)
        await store.add_person(person_row(stranger, THERE))
        await store.add_person(person_row(anna))

        assert (await known(store, people=[anna.id])).people == everybody(anna)

    async def test_a_task_brings_whoever_its_next_stage_asks(self, store: Store) -> None:
        _, task_id = await asked(
            store, assignee=None, chain=["role:operator", "role:approver", MARIA.email]
        )

        loaded = await loaded_by(store, tasks=frozenset({(HERE, task_id)}))

        directory = loaded.directories[HERE]
        assert directory.members == {"role:approver": (MARIA.id, JONAS.id)}
        assert directory.people == everybody(MARIA, JONAS)

    async def test_a_task_brings_whoever_it_asks_by_name_has_claimed_it_or_has_answered(
        self, store: Store
    ) -> None:
        anna, bert = person("anna", roles=["boss"]), person("bert", roles=["boss"])
        for who in (anna, bert):
            await store.add_person(person_row(who))
        chain = [{"who": [MARIA.email, JONAS.email, "role:boss"], "need": 3}]
        _, task_id = await asked(store, assignee=None, chain=chain)
        await execute(store, answer(task_id, by=anna))
        await execute(store, c.ClaimTask(actor=bert.actor, task_id=task_id))

        loaded = await loaded_by(store, tasks=frozenset({(HERE, task_id)}))

        assert loaded.directories[HERE].people == everybody(MARIA, JONAS, anna, bert)
        assert loaded.directories[HERE].members == {}

    async def test_where_refusals_count_against_a_task_brings_everybody_it_asks(
        self, store: Store
    ) -> None:
        chain = [{"who": ["role:approver"], "need": 2, "veto": False}]
        _, task_id = await asked(store, assignee=None, chain=chain)

        loaded = await loaded_by(store, tasks=frozenset({(HERE, task_id)}))

        assert loaded.directories[HERE].members == {"role:approver": (MARIA.id, JONAS.id)}

    async def test_a_task_brings_those_it_escalates_to_once_that_is_due(
        self, store: Store, clock: ManualClock
    ) -> None:
        ladder = [{"after": "10m", "do": "escalate", "to": "role:operator"}]
        _, task_id = await asked(store, deadline="1h", ladder=ladder)
        addressed = frozenset({(HERE, task_id)})

        before = (await loaded_by(store, tasks=addressed)).directories[HERE]
        clock.advance(timedelta(minutes=10))
        due = (await loaded_by(store, tasks=addressed)).directories[HERE]

        assert before.members == {}
        assert due.members == {"role:operator": (JONAS.id,)}

    async def test_a_task_brings_its_requester_by_whatever_name_they_go(self, store: Store) -> None:
        anna = replace(person("anna"), aliases=("anna@old.test",))
        await store.add_person(person_row(anna))
        task = ask()
        intent = await submitted(store, task, on_behalf_of="anna@old.test")

        loaded = await loaded_by(store, tasks=frozenset({(HERE, task.id)}))

        assert intent.requesters == ("anna@old.test",)
        assert loaded.directories[HERE].people == everybody(anna)
