"""What a batch gets to know of what its lookup names, and of nothing else."""

from __future__ import annotations

from signoff.core import commands as c
from signoff.core.words import IntentId, TaskId
from signoff.engine.ports import Store
from signoff.testing.contract.world import (
    AGENT,
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
    step,
    submitted,
)


class LoadingContract(World):
    async def test_an_intent_comes_with_all_its_live_tasks(self, store: Store) -> None:
        intent, first = await asked(store)
        later = [ask() for _ in range(3)]
        for task in later:
            intent = await execute(store, c.OpenTask(actor=AGENT, task=task), intent.id)
        await execute(store, c.ClaimTask(actor=MARIA.actor, task_id=later[0].id))
        intent = await execute(store, answer(later[1].id))

        loaded = await loaded_by(store, intents=frozenset({(HERE, intent.id)}))

        kept = loaded.intents[HERE, intent.id]
        assert list(kept.tasks) == [first, later[0].id, later[2].id]
        assert kept.tasks == {task.id: task for task in intent.live_tasks}

    async def test_a_task_brings_its_intent_and_itself_even_when_it_is_closed(
        self, store: Store
    ) -> None:
        intent, task_id = await asked(store)
        intent = await execute(store, answer(task_id))

        loaded = await loaded_by(store, tasks=frozenset({(HERE, task_id)}))

        assert loaded.parents == {(HERE, task_id): intent.id}
        assert loaded.intents == {(HERE, intent.id): intent}
        assert not loaded.intents[HERE, intent.id].tasks[task_id].live

    async def test_people_are_found_by_id_and_by_mail_address(self, store: Store) -> None:
        named = frozenset({(HERE, MARIA.id), (HERE, JONAS.email), (HERE, "nobody@acme.test")})

        directory = (await loaded_by(store, people=named)).directories[HERE]

        everyone = {key: who for who in (MARIA, JONAS) for key in (who.id, who.email)}
        assert dict(directory.people) == everyone

    async def test_a_step_is_found_under_its_name(self, store: Store) -> None:
        intent = await submitted(store)
        await execute(store, step("draft", {"n": 1}), intent.id)
        named = frozenset({(HERE, intent.id, "draft"), (HERE, intent.id, "other")})

        steps = (await loaded_by(store, steps=named)).steps

        assert list(steps) == [(HERE, intent.id, "draft")]
        assert steps[HERE, intent.id, "draft"].output == {"n": 1}
        assert list(steps.values()) == await store.steps(HERE, intent.id)

    async def test_what_does_not_exist_is_missing(self, store: Store) -> None:
        loaded = await loaded_by(
            store,
            intents=frozenset({(HERE, IntentId("int_no"))}),
            tasks=frozenset({(HERE, TaskId("task_no"))}),
        )

        assert not loaded.intents
        assert not loaded.parents
        assert not loaded.directories[HERE].people

    async def test_nothing_of_another_workspace_is_loaded(self, store: Store) -> None:
        intent, task_id = await asked(store)
        await execute(store, step("draft"), intent.id)

        loaded = await loaded_by(
            store,
            intents=frozenset({(THERE, intent.id)}),
            tasks=frozenset({(THERE, task_id)}),
            people=frozenset({(THERE, MARIA.id), (THERE, MARIA.email)}),
            steps=frozenset({(THERE, intent.id, "draft")}),
        )

        assert not loaded.intents
        assert not loaded.parents
        assert not loaded.directories[THERE].people
        assert not loaded.steps

    async def test_the_same_address_is_another_person_in_another_workspace(
        self, store: Store
    ) -> None:
        double = person("maria")
        await store.add_person(person_row(double, THERE))
        both = frozenset({(HERE, MARIA.email), (THERE, MARIA.email)})

        directories = (await loaded_by(store, people=both)).directories

        assert directories[HERE].people[MARIA.email] == MARIA
        assert directories[THERE].people[MARIA.email] == double
