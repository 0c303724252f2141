"""Many rungs due at nearly the same moment, and what became of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signoff.core.commands import SubmitIntent
from signoff.core.events import TaskReminded
from signoff.core.words import IntentId
from signoff.engine.execute import Door
from signoff.engine.ports import PersonRow, Store
from signoff.errors import AlreadyExists
from signoff.storage import connect
from tests.engine.asks import MARIA, WORKSPACE, request, submission

_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """One firing: when it was due, and when it happened."""

    intent_id: IntentId
    due_at: datetime
    at: datetime

    @property
    def late(self) -> float:
        """By how many seconds; never negative unless it fired early."""
        return (self.at - self.due_at).total_seconds()


async def arm(database: str, count: int, *, due_at: datetime, within: timedelta) -> list[IntentId]:
    """Submit so many tasks whose first reminder is due at a moment, spread over a while.

    Nothing fires meanwhile unless a server runs on that database as well. On a machine too slow to
    arm them in time, the last are due as soon as they are there.
    """
    store = connect(database)
    await store.open()
    door = Door(store, after_commit=lambda changes: None)
    try:
        await store.add_workspace(WORKSPACE)
        await _enlist(store)
        async with door.open():
            return await _submit(store, door, count, due_at, within)
    finally:
        await store.close()


async def _enlist(store: Store) -> None:
    row = PersonRow(workspace=WORKSPACE, person=MARIA, time_zone=None, created_at=await store.now())
    with contextlib.suppress(AlreadyExists):
        await store.add_person(row)


async def _submit(
    store: Store, door: Door, count: int, due_at: datetime, within: timedelta
) -> list[IntentId]:
    ids: list[IntentId] = []
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            due = due_at + within * (number / count)
            left = max((due - await store.now()) / timedelta(milliseconds=1), 1.0)
            command = _submission(f"{left:.3f}ms")
            ids.append(command.intent_id)
            await door.execute(WORKSPACE, command)

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return ids


def _submission(after: str) -> SubmitIntent:
    again = {"every": "4000h", "max": 2}
    ladder = [{"after": after, "do": "remind", **again}, {"after": "9000h", "do": "fail"}]
    return submission(task=request(assignee="maria@acme.test", ladder=ladder))


async def reminders(database: str, ids: Sequence[IntentId]) -> list[Fired]:
    """Every reminder there was, in the order of the moments at which they were due."""
    store = connect(database)
    await store.open()
    try:
        found: list[Fired] = []
        for intent_id in ids:
            for event in await store.events(WORKSPACE, intent_id, after=0, limit=100):
                if isinstance(event.body, TaskReminded):
                    fired = Fired(intent_id=intent_id, due_at=event.body.due_at, at=event.at)
                    found.append(fired)
        return sorted(found, key=lambda fired: fired.due_at)
    finally:
        await store.close()


async def until_quiet(database: str, due_by: datetime, *, seconds: float) -> None:
    """Wait until no timer due by the moment is left."""
    store = connect(database)
    await store.open()
    try:
        give_up = time.monotonic() + seconds
        while await store.now() < due_by or await store.overdue_timers(due_by):
            assert time.monotonic() < give_up, "timers are still there that nobody fires"
            await asyncio.sleep(0.05)
    finally:
        await store.close()


def out_of_place(fired: Sequence[Fired]) -> int:
    """By how many places the worst firing came before or after its turn.

    Firings of one transaction happen at one moment; among those any order is theirs.
    """
    happened = sorted(fired, key=lambda each: (each.at, each.due_at))
    place = {each.intent_id: index for index, each in enumerate(happened)}
    return max(abs(place[each.intent_id] - index) for index, each in enumerate(fired))


async def now_of(database: str) -> datetime:
    """What time it is for that database."""
    store = connect(database)
    await store.open()
    try:
        return await store.now()
    finally:
        await store.close()
