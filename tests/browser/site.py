"""A whole Signoff on loopback for a browser to visit: real store, real rules, its clock standing.

It differs from ``signoff serve`` in two things only: time stands still unless a test moves it, and
the ids of what is asked are counted, so that the same page is the same page tomorrow.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from signoff.app import initialise, running
from signoff.config import Settings
from signoff.core.asking import AskRequest
from signoff.core.commands import Command, SubmitIntent
from signoff.core.routing import Actor, Person
from signoff.core.words import JSON, ActorKind, IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.ports import DatabaseUse, KeyKind, KeyRow, PersonRow
from signoff.server import ids
from signoff.server.asgi import application
from signoff.server.auth import mint
from signoff.server.inbox import new_sign_in_url
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from tests.anchors.serving import serving

HERE = WorkspaceId("default/main")
AGENT_ADDRESS = "agent://default/main/refunds"
AGENT = Actor(kind=ActorKind.AGENT, id=AGENT_ADDRESS, label=AGENT_ADDRESS)
BEGINNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MIRA = "mira@acme.test"
Document = dict[str, Any]


@dataclass
class Site:
    """One running server, as the browser, the agent and the test see it.

    :param url: where the browser finds it. By name: browsers allow passkeys at ``localhost``, and
        at no bare address.
    """

    url: str
    services: Services
    clock: ManualClock
    agent: httpx2.AsyncClient
    people: dict[str, PersonRow] = field(default_factory=dict)
    _asked: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def person(self, email: str, *, name: str, roles: Sequence[str] = ()) -> PersonRow:
        """Add somebody."""
        number = len(self.people) + 1
        person = Person(
            id=PersonId(f"per_{number:032x}"), email=email, name=name, roles=tuple(roles)
        )
        row = PersonRow(workspace=HERE, person=person, time_zone=None, created_at=self.clock.now())
        await self.services.store.add_person(row)
        self.people[email] = row
        return row

    async def ask(
        self,
        kind: str,
        title: str,
        *,
        assignee: str = MIRA,
        run: str = "Refunds of Tuesday",
        payload: JSON = None,
        **fields: Any,
    ) -> TaskId:
        """The agent asks."""
        number = next(self._asked)
        task_id = TaskId(f"task_{number:032x}")
        asked = {"type": kind, "title": title, "assignee": assignee, **fields}
        if "chain" in fields:
            del asked["assignee"]
        intent_id = IntentId(f"int_{number:032x}")
        submit = SubmitIntent(
            actor=AGENT,
            workspace=HERE,
            intent_id=intent_id,
            type="refund",
            title=run,
            agent=AGENT_ADDRESS,
            payload=payload,
            task=AskRequest(id=task_id, fields=asked),
        )
        await self.do(submit, intent_id)
        return task_id

    async def do(self, command: Command, intent_id: IntentId | None = None) -> None:
        """Send a command through the door."""
        await self.services.door.execute(HERE, command, intent_id)

    async def read(self, task_id: str) -> Document:
        """The task as the agent reads it over the API, with its own key."""
        answer = await self.agent.get(f"/v1/tasks/{task_id}")
        assert answer.status_code == 200, answer.text
        task: Document = answer.json()["task"]
        return task

    async def decision(self, task_id: str) -> Document | None:
        """What the agent is told was decided, if anything was."""
        decision: Document | None = (await self.read(task_id))["decision"]
        return decision

    async def sign_in_url(self, email: str = MIRA, *, to: str = "/inbox") -> str:
        """A one-time URL, as the server prints it."""
        row = self.people[email]
        url, _ = await new_sign_in_url(self.services, HERE, row.person.id, next_path=to)
        return url


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[Site]:
    """Serve a new Signoff on a free port, with one manager and nothing asked yet.

    :param settings: to differ from the defaults.
    """
    database = f"sqlite:///{folder / 'signoff.db'}"
    await initialise(database, workspace=HERE, use=DatabaseUse.TEST)
    clock = ManualClock(BEGINNING)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        url = f"http://localhost:{listener.getsockname()[1]}"
        made = msgspec.convert({"database": database, "public_url": url, **settings}, Settings)
        async with running(made, clock=clock) as services:
            key = await _agent_key(services, clock)
            bearer = {"Authorization": f"Bearer {key}"}
            async with (
                serving(application(services), listener),
                httpx2.AsyncClient(base_url=url, headers=bearer) as agent,
            ):
                site = Site(url=url, services=services, clock=clock, agent=agent)
                await site.person(MIRA, name="Mira Okafor", roles=("manager",))
                yield site
                services.wakeups.close()


async def _agent_key(services: Services, clock: ManualClock) -> str:
    key = mint(KeyKind.AGENT)
    row = KeyRow(
        workspace=HERE,
        id=ids.new_key_id(),
        kind=KeyKind.AGENT,
        hash=key.hash,
        hint=key.hint,
        label=None,
        agent=AGENT_ADDRESS,
        person_id=None,
        created_at=clock.now(),
    )
    await services.store.add_key(row)
    return key.secret
