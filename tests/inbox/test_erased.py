"""A closed task of which all was erased is still shown: what became of it, and nothing more."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest

from signoff.core.commands import AnswerTask, CommentTask
from signoff.core.routing import Actor
from signoff.core.task import Evidence, RawAnswer
from signoff.core.words import ActorKind, TaskId
from signoff.engine.log.forgetting import Wanted
from signoff.server import rendering
from tests.engine.test_erasing import ASKS, SECRET
from tests.inbox.world import HERE, World

ADMIN = Actor(kind=ActorKind.ADMIN, id="key_admin", label="admin key")


async def erased(world: World, kind: str) -> TaskId:
    """A task of this type that somebody answered and that was erased."""
    fields, outcome, said = ASKS[kind]
    asked = {"title": f"About {SECRET}", "description": f"{SECRET} asked", "watchers": [MGR]}
    task_id = await world.ask(kind, payload={"customer": SECRET}, **{**asked, **fields})
    actor = world.people[MGR].person.actor
    task = await world.task(task_id)
    await world.do(CommentTask(actor=actor, task_id=task_id, text=SECRET), task.intent_id)
    evidence = tuple(Evidence(kind="note", value=each) for each in said.get("evidence", ()))
    raw = RawAnswer(
        outcome=outcome, comment=f"For {SECRET}", data=said.get("data"), evidence=evidence
    )
    await world.do(AnswerTask(actor=actor, task_id=task_id, raw=raw), task.intent_id)
    wanted = Wanted(reason="asked for", intent_id=task.intent_id)
    done = await world.services.ledger.erase(HERE, wanted, ADMIN)
    assert done.entries > 0
    return task_id


MGR = "mgr@acme.test"


@pytest.mark.parametrize("kind", ASKS)
async def test_the_page_says_what_became_of_it(world: World, kind: str) -> None:
    task_id = await erased(world, kind)
    browser = await world.signed_in(MGR)

    page = await browser.open(f"/inbox/tasks/{task_id}")

    assert page.status == 200
    assert "[erased]" in page.text
    assert SECRET not in page.text
    assert MGR in page.text
    for listed in ("/inbox", "/inbox?show=done", "/inbox?show=watched"):
        assert SECRET not in (await browser.open(listed)).text


@pytest.mark.parametrize("kind", ASKS)
async def test_every_document_of_it_can_be_made(world: World, kind: str) -> None:
    task_id = await erased(world, kind)
    store = world.services.store
    found = await store.task(HERE, task_id)
    assert found is not None
    intent = await store.intent(HERE, found.task.intent_id)
    assert intent is not None
    events = await store.events(HERE, intent.id, after=0, limit=100)

    task = rendering.task(found)
    documents = [
        task,
        rendering.task_of(intent, found.task),
        rendering.intent(intent, whole=True),
        *map(rendering.event, events),
    ]

    text = json.dumps(msgspec.to_builtins(documents), ensure_ascii=False)
    assert SECRET not in text
    assert task.decision is not None
    assert (task.decision.outcome, task.decision.by) == (ASKS[kind][1], MGR)


async def test_a_person_who_is_erased_is_an_id_on_the_page(world: World) -> None:
    other = await world.person("ann@acme.test", name="Ann")
    task_id = await world.ask(chain=[{"who": [MGR, "ann@acme.test"]}])
    await world.answered(task_id, "ann@acme.test", "approved")

    wanted = Wanted(reason="left", person_id=other.person.id)
    await world.services.ledger.erase(HERE, wanted, ADMIN)

    browser = await world.signed_in(MGR)
    page = await browser.open(f"/inbox/tasks/{task_id}")
    assert page.status == 200
    assert "ann@" not in page.text
    assert other.person.id in page.text
    task = await world.task(task_id)
    assert task.decision is not None
    assert task.decision.by == replace(other.person.actor, label=other.person.id)
