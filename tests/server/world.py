"""A whole server in this process: the real store on a temporary file, and a key for everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import httpx2
from starlette.types import ASGIApp

from signoff.app import running
from signoff.config import Settings
from signoff.core.routing import Person
from signoff.core.words import WorkspaceId
from signoff.engine.ports import KeyKind, KeyRow, PersonRow
from signoff.server import ids
from signoff.server.asgi import application
from signoff.server.auth import mint
from signoff.server.services import Services
from signoff.storage.migrate import migrate
from signoff.testing.clock import ManualClock

HERE = WorkspaceId("default/main")
ELSEWHERE = WorkspaceId("other/main")
MANAGER = "mgr@acme.test"
COLLEAGUE = "jonas@acme.test"
OUTSIDER = "nadia@acme.test"
OPERATOR = "ops@acme.test"
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

_STORED = (
    "intent",
    "event",
    "task",
    "step",
    "replay",
    "person",
    "settings",
    "api_key",
    "sign_in",
)
Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class World:
    """One running server and everybody's keys, by who they are."""

    services: Services
    app: ASGIApp
    clock: ManualClock
    http: httpx2.AsyncClient
    keys: dict[str, str]
    file: Path

    async def send(
        self,
        who: str | None,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx2.Response:
        """Send one request as somebody; ``content`` are bytes to send instead of a document."""
        sent = {"Authorization": f"Bearer {self.keys[who]}"} if who else {}
        if content is not None:
            sent |= {"Content-Type": "application/json"}
        sent |= headers or {}
        json = body if content is None else None
        return await self.http.request(method, path, headers=sent, json=json, content=content)

    async def post(self, who: str, path: str, body: object = None, **more: Any) -> httpx2.Response:
        return await self.send(who, "POST", path, {} if body is None else body, **more)

    async def get(self, who: str | None, path: str, **more: Any) -> httpx2.Response:
        return await self.send(who, "GET", path, **more)

    async def hired(self, email: str, **fields: Any) -> Answer:
        """Add a person and a key of theirs, which is known by their mail address."""
        added = await self.post("admin", "/v1/people", {"email": email, **fields})
        assert added.status_code == 201, added.text
        key = await self.post("admin", "/v1/keys", {"kind": "person", "person": email})
        self.keys[email] = key.json()["key"]
        person: Answer = added.json()["person"]
        return person

    async def submitted(self, who: str = "agent", **fields: Any) -> Answer:
        """Submit an intent that asks the manager, unless told otherwise; the answer."""
        body = {"type": "refund", "payload": {"amount": 240}, "task": asking()} | fields
        response = await self.post(who, "/v1/intents", body)
        assert response.status_code == 201, response.text
        answer: Answer = response.json()
        return answer

    async def task(self, **fields: Any) -> Answer:
        """Submit an intent with a task of these fields; the task."""
        submitted = await self.submitted(task=asking(**fields))
        task: Answer = submitted["task"]
        return task

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the tables that requests write, to see that nothing changed.

        Read with the library the server uses: a second SQLite in one process breaks its locks.
        """
        database = apsw.Connection(str(self.file), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return {name: list(database.execute(f"select * from {name}")) for name in _STORED}
        finally:
            database.close()


def asking(**fields: Any) -> Answer:
    """The fields of a task: an approval by the manager unless told otherwise."""
    return {"type": "approval", "title": "Refund 240 EUR?", "assignee": MANAGER} | fields


@asynccontextmanager
async def world(folder: Path, **given: Any) -> AsyncIterator[World]:
    """Run a server whose clock stands still, with two workspaces."""
    file = folder / "signoff.db"
    settings = Settings(database=f"sqlite:///{file}", poll_seconds=0.05, **given)
    await migrate(settings.database)
    clock = ManualClock(START)
    async with running(settings, clock=clock) as services:
        keys = {**await _here(services), **await _elsewhere(services)}
        app = application(services)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://signoff.test") as http:
            yield World(services=services, app=app, clock=clock, http=http, keys=keys, file=file)


async def _here(services: Services) -> dict[str, str]:
    await services.store.add_workspace(HERE)
    keys = {
        "admin": await _key(services, HERE, KeyKind.ADMIN),
        "auditor": await _key(services, HERE, KeyKind.AUDITOR),
        "agent": await _key(services, HERE, KeyKind.AGENT, agent="agent://default/main/refunds"),
        "other agent": await _key(services, HERE, KeyKind.AGENT, agent="agent://default/main/bot"),
    }
    for name, email, roles in (
        ("manager", MANAGER, ("manager",)),
        ("colleague", COLLEAGUE, ("finance",)),
        ("outsider", OUTSIDER, ()),
        ("operator", OPERATOR, ("operator",)),
    ):
        row = await _person(services, HERE, email, roles)
        keys[name] = await _key(services, HERE, KeyKind.PERSON, person=row)
    return keys


async def _elsewhere(services: Services) -> dict[str, str]:
    await services.store.add_workspace(ELSEWHERE)
    row = await _person(services, ELSEWHERE, MANAGER, ("operator",))
    address = "agent://other/main/refunds"
    return {
        "foreign admin": await _key(services, ELSEWHERE, KeyKind.ADMIN),
        "foreign agent": await _key(services, ELSEWHERE, KeyKind.AGENT, agent=address),
        "foreign person": await _key(services, ELSEWHERE, KeyKind.PERSON, person=row),
    }


async def _person(
    services: Services, workspace: WorkspaceId, email: str, roles: tuple[str, ...]
) -> PersonRow:
    row = PersonRow(
        workspace=workspace,
        person=Person(id=ids.new_person_id(), email=email, name=email, roles=roles),
        time_zone=None,
        created_at=START,
    )
    await services.store.add_person(row)
    return row


async def _key(
    services: Services,
    workspace: WorkspaceId,
    kind: KeyKind,
    *,
    agent: str | None = None,
    person: PersonRow | None = None,
) -> str:
    made = mint(kind)
    await services.store.add_key(
        KeyRow(
            workspace=workspace,
            id=ids.new_key_id(),
            kind=kind,
            hash=made.hash,
            hint=made.hint,
            label=None,
            agent=agent,
            person_id=person.person.id if person else None,
            created_at=START,
        )
    )
    return made.secret
