"""A small Signoff for the tests of the inbox: a store, the door, people, and browsers."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.types import ASGIApp

from signoff.channels.guard import allowed
from signoff.channels.post import Poster
from signoff.channels.push.sender import PushSender
from signoff.config import Settings
from signoff.core.asking import AskRequest
from signoff.core.commands import (
    AnswerTask,
    Command,
    FireTimer,
    OverrideIntent,
    ReviseTask,
    SubmitIntent,
    TimerKind,
    WithdrawTask,
)
from signoff.core.credential import Credential, Strength
from signoff.core.routing import Absence, Actor, Person
from signoff.core.task import RawAnswer, Task
from signoff.core.words import JSON, ActorKind, IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.execute import Door
from signoff.engine.log.keys import Seal
from signoff.engine.log.ledger import Ledger
from signoff.engine.log.sequencer import Sequencer
from signoff.engine.pickups import Pickups
from signoff.engine.ports import PersonRow
from signoff.engine.views import Views
from signoff.engine.wakeups import Wakeups
from signoff.server.asgi import application
from signoff.server.inbox import new_sign_in_url
from signoff.server.oidc import provider_of
from signoff.server.services import Services
from signoff.storage import connect
from signoff.storage.migrate import migrate
from signoff.testing.clock import ManualClock
from tests.inbox.browser import ORIGIN, Browser

HERE = WorkspaceId("default/main")
ELSEWHERE = WorkspaceId("other/main")
AGENT_ADDRESS = "agent://default/main/refunds"
AGENT = Actor(kind=ActorKind.AGENT, id=AGENT_ADDRESS, label=AGENT_ADDRESS)
LADDER = Actor(kind=ActorKind.LADDER, id="ladder", label="ladder")
BEGINNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class World:
    """Everything a test arranges with and looks at; answers are given in a browser."""

    services: Services
    clock: ManualClock
    app: ASGIApp
    people: dict[str, PersonRow] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def person(
        self,
        email: str,
        *,
        roles: Sequence[str] = (),
        groups: Sequence[str] = (),
        zone: str | None = None,
        name: str | None = None,
        workspace: WorkspaceId = HERE,
    ) -> PersonRow:
        name = name or email.partition("@")[0].capitalize()
        person = Person(
            id=PersonId(f"per_{uuid4().hex}"),
            email=email,
            name=name,
            roles=tuple(roles),
            groups=tuple(groups),
        )
        now = self.clock.now()
        row = PersonRow(workspace=workspace, person=person, time_zone=zone, created_at=now)
        await self.services.store.add_person(row)
        self.people[email] = row
        return row

    async def disable(self, email: str) -> None:
        row = self.people[email]
        person = replace(row.person, disabled=True)
        await self.services.store.update_person(replace(row, person=person))

    async def away(
        self, email: str, *, days: float, substitute: str | None = None, note: str | None = None
    ) -> None:
        """Somebody is away from now on, and perhaps another stands in."""
        row, now = self.people[email], self.clock.now()
        deputy = self.people[substitute].person.id if substitute else None
        absence = Absence(start=now, end=now + timedelta(days=days), substitute=deputy, note=note)
        changed = replace(row, person=replace(row.person, absences=(absence,)))
        await self.services.store.update_person(changed)
        self.people[email] = changed

    async def ask(
        self,
        kind: str = "approval",
        *,
        assignee: str | None = "mgr@acme.test",
        payload: JSON = None,
        on_behalf_of: str | None = None,
        workspace: WorkspaceId = HERE,
        **fields: Any,
    ) -> TaskId:
        """An agent asks; everything not given is ordinary."""
        number = next(self._ids)
        task_id = TaskId(f"task_{number:032x}")
        asked = {"type": kind, "title": "Refund 240 EUR to cus_123?", **fields}
        if assignee is not None and "chain" not in fields:
            asked["assignee"] = assignee
        intent_id = IntentId(f"int_{number:032x}")
        submit = SubmitIntent(
            actor=AGENT,
            workspace=workspace,
            intent_id=intent_id,
            type="refund",
            title="Refund order 4721",
            agent=AGENT_ADDRESS,
            payload=payload,
            on_behalf_of=on_behalf_of,
            task=AskRequest(id=task_id, fields=asked),
        )
        await self.services.door.execute(workspace, submit, intent_id)
        return task_id

    async def task(self, task_id: str) -> Task:
        found = await self.services.store.task(HERE, TaskId(task_id))
        assert found is not None
        task: Task = found.task
        return task

    async def do(self, command: Command, intent_id: IntentId | None = None) -> None:
        await self.services.door.execute(HERE, command, intent_id)

    async def revise(self, task_id: TaskId, content: JSON) -> None:
        await self.do(ReviseTask(actor=AGENT, task_id=task_id, content=content))

    async def withdraw(self, task_id: TaskId, reason: str) -> None:
        await self.do(WithdrawTask(actor=AGENT, task_id=task_id, reason=reason))

    async def take_over(self, task_id: TaskId, email: str, why: str) -> None:
        task = await self.task(task_id)
        command = OverrideIntent(
            actor=self.people[email].person.actor,
            justification=why,
            task_id=TaskId(f"{task_id}-handover"),
        )
        await self.do(command, task.intent_id)

    async def answered(
        self, task_id: TaskId, email: str, outcome: str, comment: str | None = None
    ) -> None:
        """Somebody answers elsewhere, over the API say."""
        raw = RawAnswer(outcome=outcome, comment=comment)
        actor = self.people[email].person.actor
        key = Credential(strength=Strength.KEY, method="api_key")
        await self.do(AnswerTask(actor=actor, task_id=task_id, raw=raw, credential=key))

    async def pass_time(self, task_id: TaskId, by: timedelta) -> None:
        """Let time pass, and the ladder do what is due by then."""
        self.clock.advance(by)
        task = await self.task(task_id)
        command = FireTimer(actor=LADDER, kind=TimerKind.RUNG, task_id=task_id)
        await self.do(command, task.intent_id)

    async def link(self, email: str, next_path: str = "/inbox") -> str:
        """A sign-in link, as the path and query a person opens."""
        row = self.people[email]
        url, _ = await new_sign_in_url(
            self.services, row.workspace, row.person.id, next_path=next_path
        )
        return url.removeprefix(self.services.settings.address)

    async def signed_in(self, email: str) -> Browser:
        browser = self.browser()
        page = await browser.press(await browser.open(await self.link(email)), "Sign in")
        assert page.heading == "Inbox"
        return browser

    def browser(self) -> Browser:
        return Browser(self.app, origin=self.services.settings.address)


@asynccontextmanager
async def opened(folder: Path, *, origin: str = ORIGIN, **given: Any) -> AsyncIterator[World]:
    """A world on a database of its own. Only the background loops are left out of it.

    :param given: settings.

    What they would do, time makes them do: ``pass_time`` climbs a ladder by the same command.
    """
    clock = ManualClock(BEGINNING)
    database = f"sqlite:///{folder / 'signoff.db'}"
    settings = Settings(database=database, public_url=origin, **given)
    await migrate(settings.database)
    store = connect(settings.database, clock=clock)
    await store.open()
    door = Door(store, after_commit=lambda changes: None)
    services = Services(
        settings=settings,
        store=store,
        door=door,
        wakeups=Wakeups(),
        pickups=Pickups(store),
        ledger=Ledger(store, Sequencer(store, origin="", seal=Seal("")), seal=Seal("")),
        views=Views(store),
        push=PushSender(store, Poster(allowed(settings.webhook_allow)), Seal(""), settings.address),
        oidc=provider_of(settings),
    )
    try:
        async with door.open():
            for workspace in (HERE, ELSEWHERE):
                await store.add_workspace(workspace)
            yield World(services=services, clock=clock, app=application(services))
    finally:
        await store.close()
