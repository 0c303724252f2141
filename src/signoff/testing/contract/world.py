"""The small world in which a store is tried: two workspaces, a few people, and a door.

The door here is the engine's own judging of a batch, with nothing around it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core.asking import AskRequest
from signoff.core.events import Event
from signoff.core.intent import Intent
from signoff.core.routing import Actor, Person
from signoff.core.task import RawAnswer
from signoff.core.words import JSON, ActorKind, IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.batch import Judged, Outcome, Pending, judge, lookup_of, mentions
from signoff.engine.ports import (
    Change,
    Clock,
    Commit,
    Idempotency,
    Loaded,
    Lookup,
    PersonRow,
    Replay,
    Store,
)
from signoff.testing.clock import START, ManualClock

OpenStore = Callable[[Clock], AbstractAsyncContextManager[Store]]

HERE = WorkspaceId("acme/main")
THERE = WorkspaceId("rival/main")
AGENT = Actor(kind=ActorKind.AGENT, id="agent://acme/main/refunds", label="refunds")
OTHER_AGENT = Actor(kind=ActorKind.AGENT, id="agent://acme/main/hiring", label="hiring")

_numbers = count(1)


def fresh(prefix: str) -> str:
    """An id that sorts after every one before it, as those the edge mints."""
    return f"{prefix}_{next(_numbers):032x}"


def person(name: str, *, roles: Sequence[str] = (), groups: Sequence[str] = ()) -> Person:
    """Somebody nobody has added yet."""
    return Person(
        id=PersonId(fresh("per")),
        email=f"{name}@acme.test",
        name=name.title(),
        roles=tuple(roles),
        groups=tuple(groups),
    )


MARIA = person("maria", roles=["approver"], groups=["payments"])
JONAS = person("jonas", roles=["approver", "operator"])


def person_row(who: Person, workspace: WorkspaceId = HERE) -> PersonRow:
    """The row of a person."""
    return PersonRow(workspace=workspace, person=who, time_zone="Europe/Berlin", created_at=START)


def ask(**fields: Any) -> AskRequest:
    """An approval that asks the approvers within an hour, unless the fields say otherwise."""
    asked = {"type": "approval", "title": "Refund?", "assignee": "role:approver", "deadline": "1h"}
    return AskRequest(id=TaskId(fresh("task")), fields={**asked, **fields})


def submission(
    *,
    workspace: WorkspaceId = HERE,
    actor: Actor = AGENT,
    task: AskRequest | None = None,
    **fields: Any,
) -> c.SubmitIntent:
    """An intent that its agent handles, unless the fields say otherwise."""
    values = {"type": "refund", "title": "Refund 240 EUR", "handled": True, **fields}
    return c.SubmitIntent(
        actor=actor,
        workspace=workspace,
        intent_id=IntentId(fresh("int")),
        agent=actor.id,
        task=task,
        **values,
    )


def answer(
    task_id: TaskId, outcome: str = "approved", *, by: Person = MARIA, comment: str | None = None
) -> c.AnswerTask:
    """What one person says."""
    raw = RawAnswer(outcome=outcome, comment=comment)
    return c.AnswerTask(actor=by.actor, task_id=task_id, raw=raw)


def step(name: str, output: JSON = None) -> c.RecordStep:
    """A piece of the agent's work."""
    return c.RecordStep(actor=AGENT, name=name, kind="step", output=output)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command of a batch."""

    command: c.Command
    workspace: WorkspaceId = HERE
    intent_id: IntentId | None = None
    idempotency: Idempotency | None = None


async def batch(store: Store, *orders: Order, logged: bool = True) -> list[Outcome]:
    """Judge the orders together, in one transaction."""
    loop = asyncio.get_running_loop()
    pending = [
        Pending(
            workspace=order.workspace,
            command=order.command,
            intent_id=order.intent_id,
            idempotency=order.idempotency,
            mentioned=mentions(order.command),
            outcome=loop.create_future(),
        )
        for order in orders
    ]
    outcomes: list[Outcome] = []

    def decide(loaded: Loaded, now: datetime) -> Commit:
        nonlocal outcomes
        outcomes, commit = judge(pending, loaded, now)
        return commit if logged else replace(commit, logged=False)

    await store.transact(lookup_of(pending), decide)
    return outcomes


async def execute(
    store: Store,
    command: c.Command,
    intent_id: IntentId | None = None,
    *,
    workspace: WorkspaceId = HERE,
) -> Intent:
    """Judge one command by itself and return the intent right after it; raises its refusal."""
    order = Order(command=command, workspace=workspace, intent_id=intent_id)
    (outcome,) = await batch(store, order)
    if isinstance(outcome, Exception):
        raise outcome
    assert isinstance(outcome, Judged)
    return outcome.intent


async def submitted(store: Store, task: AskRequest | None = None, **fields: Any) -> Intent:
    """Submit one intent and return it."""
    command = submission(task=task, **fields)
    return await execute(store, command, workspace=command.workspace)


async def asked(store: Store, **fields: Any) -> tuple[Intent, TaskId]:
    """Submit one intent that waits on a task, and return both."""
    task = ask(**fields)
    return await submitted(store, task), task.id


async def history_of(
    store: Store, intent_id: IntentId, *, workspace: WorkspaceId = HERE
) -> Sequence[Event]:
    """Everything that has happened to an intent."""
    return await store.events(workspace, intent_id, after=0, limit=1_000)


async def loaded_by(store: Store, **lookup: Any) -> Loaded:
    """What a batch gets to know, of a batch that then writes nothing."""
    seen: list[Loaded] = []

    def look(loaded: Loaded, now: datetime) -> Commit:
        seen.append(loaded)
        return Commit()

    await store.transact(Lookup(**lookup), look)
    return seen[-1]


async def commit(store: Store, *changes: Change, replays: Sequence[Replay] = ()) -> datetime:
    """Write these changes, whatever they are."""
    written = Commit(changes=changes, replays=tuple(replays))
    intents = frozenset((change.after.workspace, change.after.id) for change in changes)
    return await store.transact(Lookup(intents=intents), lambda loaded, now: written)


class World:
    """What every part of the contract starts from."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    async def store(self, open_store: OpenStore, clock: ManualClock) -> AsyncIterator[Store]:
        """An opened store that knows two workspaces, and Maria and Jonas in the first."""
        async with open_store(clock) as store:
            for workspace in (HERE, THERE):
                await store.add_workspace(workspace)
            for who in (MARIA, JONAS):
                await store.add_person(person_row(who))
            yield store

    @pytest.fixture
    async def replica(
        self, store: Store, open_store: OpenStore, clock: ManualClock
    ) -> AsyncIterator[Store]:
        """Another process's store on the same database."""
        async with open_store(clock) as replica:
            yield replica
