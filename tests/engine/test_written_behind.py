"""Views and pick-ups are written behind: once, before the answer, and despite a failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from signoff.core.facts import Fact, NoticeFailed, NoticeSent
from signoff.core.routing import CLOCK
from signoff.core.words import PersonId
from signoff.engine.execute import Door
from signoff.engine.log.ports import View
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.noting import MOST_IN_ONE, noticed
from signoff.engine.pickups import Pickups
from signoff.engine.ports import (
    FoundTask,
    PersonRow,
    Store,
)
from signoff.engine.recent import Recent
from signoff.engine.views import Views
from signoff.errors import StoreUnavailable
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.testing.clock import START, ManualClock
from tests.engine.asks import JONAS, MARIA, WORKSPACE, answer, request, submission


class Watched:
    """The real store, which tells what was written behind, and fails once when it is told to."""

    def __init__(self, store: Store) -> None:
        self.recorded: list[Fact] = []
        self.picked_up_facts: list[Fact] = []
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def record(self, facts: Sequence[Fact], views: Sequence[View] = ()) -> None:
        await self.gate.wait()
        self._fail_once()
        await self._store.record(facts, views)
        self.recorded += facts

    async def picked_up(self, *args: Any) -> None:
        self._fail_once()
        await self._store.picked_up(*args)
        self.picked_up_facts += args[2]

    def _fail_once(self) -> None:
        failing, self.fails = self.fails, False
        if failing:
            raise StoreUnavailable("the disk is gone")


@dataclass(kw_only=True)
class Scene:
    """A task that asks Maria and Jonas, on a real store."""

    store: Watched
    door: Door
    clock: ManualClock
    found: FoundTask
    views: Views = field(init=False)
    pickups: Pickups = field(init=False)

    def __post_init__(self) -> None:
        self.views = Views(cast(Store, self.store))
        self.pickups = Pickups(cast(Store, self.store))

    def looked(self, person: Any = MARIA) -> None:
        task, now = self.found.task, self.clock.now()
        self.views.note(WORKSPACE, task, person, channel="api", at=now)

    async def first_viewed(self, person: Any = MARIA) -> Any:
        return await self.store.first_viewed(WORKSPACE, self.found.task.id, person.id)

    async def now_found(self) -> FoundTask:
        found: FoundTask | None = await self.store.task(WORKSPACE, self.found.task.id)
        assert found is not None
        return found


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    address, clock = f"sqlite:///{tmp_path / 'signoff.db'}", ManualClock()
    await migrate(address)
    store = connect(address, clock=clock)
    await store.open()
    watched = Watched(store)
    door = Door(cast(Store, watched), after_commit=lambda changes: None)
    try:
        await store.add_workspace(WORKSPACE)
        for person in (MARIA, JONAS):
            row = PersonRow(workspace=WORKSPACE, person=person, time_zone=None, created_at=START)
            await store.add_person(row)
        async with door.open():
            done = await door.execute(WORKSPACE, submission(handled=True, task=request()))
            assert done.task is not None
            found = await store.task(WORKSPACE, done.task.id)
            assert found is not None
            yield Scene(store=watched, door=door, clock=clock, found=found)
    finally:
        await store.close()


async def test_a_view_is_written_once_however_often_it_is_noted(scene: Scene) -> None:
    scene.looked()
    scene.looked()
    await scene.views.flush()
    scene.clock.advance(timedelta(minutes=1))
    scene.looked()
    await scene.views.flush()
    Views(cast(Store, scene.store)).note(
        WORKSPACE, scene.found.task, MARIA, channel="api", at=scene.clock.now()
    )

    assert len(scene.store.recorded) == 1
    assert await scene.first_viewed() == START


async def test_an_answer_waits_for_the_view_of_its_giver_and_for_no_others(scene: Scene) -> None:
    scene.looked(JONAS)
    await scene.views.settled(scene.found.task.id, MARIA.id)
    assert scene.store.recorded == []

    scene.looked(MARIA)
    await scene.views.settled(scene.found.task.id, MARIA.id)

    assert await scene.first_viewed() == START


async def test_an_answer_waits_for_a_view_that_is_being_written(scene: Scene) -> None:
    scene.store.gate.clear()
    scene.looked()
    writing = asyncio.create_task(scene.views.flush())
    await asyncio.sleep(0)
    answering = asyncio.create_task(scene.views.settled(scene.found.task.id, MARIA.id))
    await asyncio.sleep(0)
    assert not answering.done()

    scene.store.gate.set()
    await asyncio.gather(writing, answering)

    assert await scene.first_viewed() == START


async def test_a_view_that_could_not_be_written_is_written_the_next_time(scene: Scene) -> None:
    scene.store.fails = True
    scene.looked()
    with pytest.raises(StoreUnavailable):
        await scene.views.flush()

    await scene.views.settled(scene.found.task.id, MARIA.id)

    assert await scene.first_viewed() == START


async def test_what_is_noted_at_the_end_of_the_process_is_written(scene: Scene) -> None:
    loops = [asyncio.create_task(loop) for loop in (scene.views.run(), scene.pickups.run())]
    await asyncio.sleep(0)
    scene.looked()
    await scene.door.execute(WORKSPACE, answer(scene.found.task.id))
    await scene.pickups.note(await scene.now_found())

    for loop in loops:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop

    assert await scene.first_viewed() == START
    assert len(scene.store.picked_up_facts) == 1


async def test_a_pick_up_that_could_not_be_written_is_written_the_next_time(scene: Scene) -> None:
    await scene.door.execute(WORKSPACE, answer(scene.found.task.id))
    scene.store.fails = True
    await scene.pickups.note(await scene.now_found())
    with pytest.raises(StoreUnavailable):
        await scene.pickups.flush()

    await scene.pickups.flush()
    await scene.pickups.flush()

    assert [fact.id for fact in scene.store.picked_up_facts] == [f"pickup_{scene.found.task.id}"]
    assert (await scene.store.depths()).resumes_due == 0


def test_a_notice_that_failed_is_told_with_why(scene: Scene) -> None:
    notice = _notice(scene, MARIA.id, NoticeState.FAILED, detail="the mailbox is full")

    (fact,) = noticed([notice])

    assert fact.actor == CLOCK
    assert (fact.intent_id, fact.task_id) == (notice.intent_id, notice.task_id)
    assert fact.body == NoticeFailed(
        notice_id=notice.id,
        person_id=MARIA.id,
        channel="mail",
        reason="opened",
        detail="the mailbox is full",
    )


def test_people_who_are_told_at_once_are_told_of_in_one_fact(scene: Scene) -> None:
    notices = [_notice(scene, PersonId(f"per_{n}")) for n in range(MOST_IN_ONE * 2 + 1)]
    failed = _notice(scene, MARIA.id, NoticeState.FAILED, detail="gone")

    first, *sent = noticed([*notices, failed])

    assert isinstance(first.body, NoticeFailed)
    bodies = [fact.body for fact in sent if isinstance(fact.body, NoticeSent)]
    assert [len(body.told) for body in bodies] == [MOST_IN_ONE, MOST_IN_ONE, 1]
    assert [one.notice_id for body in bodies for one in body.told] == [one.id for one in notices]
    assert len({fact.id for fact in (first, *sent)}) == 4
    assert noticed([*notices, failed]) == [first, *sent], "told again it is the same"
    assert noticed([]) == []


def _notice(
    scene: Scene,
    person_id: PersonId,
    state: NoticeState = NoticeState.SENT,
    detail: str | None = None,
) -> Notice:
    return Notice(
        workspace=WORKSPACE,
        id=f"out_1-{person_id}-mail",
        intent_id=scene.found.task.intent_id,
        task_id=scene.found.task.id,
        person_id=person_id,
        channel="mail",
        reason="opened",
        state=state,
        detail=detail,
        at=START,
    )


def test_what_is_remembered_is_bounded_and_the_oldest_is_forgotten() -> None:
    recent = Recent(at_most=2)

    assert [recent.add(key) for key in ("a", "b", "a", "c")] == [True, True, False, True]
    assert [key in recent for key in ("a", "b", "c")] == [False, True, True]
