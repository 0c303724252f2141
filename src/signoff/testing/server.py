"""A whole Signoff for tests: real rules, real store, its own thread, its own time, no socket.

It makes its own database in a fresh temporary folder and takes no address, so it can never be
pointed at one that matters; the database is marked as one for tests besides.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2

from signoff.app import initialise, running
from signoff.client._async import Client
from signoff.client._nearby import NEARBY
from signoff.client._sync import SyncClient
from signoff.config import Settings
from signoff.core.routing import Absence, Person
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import DatabaseUse, KeyKind, KeyRow, PersonRow
from signoff.server import ids
from signoff.server.asgi import application
from signoff.server.auth import mint
from signoff.server.services import Services
from signoff.testing.clock import START, ManualClock
from signoff.testing.driver import PATIENCE, Driver
from signoff.testing.people import Human
from signoff.testing.script import Span, after
from signoff.testing.traffic import Traffic

T = TypeVar("T")

WORKSPACE = WorkspaceId("default/main")
AGENT = "agent://default/main/tested"

_numbers = count(1)


class SignoffServer:
    """A server in this process whose clock stands still until everything else does.

    Use it as ``with SignoffServer() as server``, or as the fixture ``signoff_server``.

    :param start: what its clock shows first.
    :param patience: how many real seconds an agent may do something other than wait for Signoff.
    """

    def __init__(self, *, start: datetime = START, patience: float = PATIENCE) -> None:
        self.clock = ManualClock(start)
        self.url = f"http://signoff-{next(_numbers)}.test"
        self.humans: dict[str, Human] = {}
        self.agent_key = self.admin_key = ""
        self.sync = Plainly(self)
        self._patience = patience
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = AsyncExitStack()

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(
            prefix="signoff-test-", ignore_cleanup_errors=True
        )
        self._settings = Settings(
            database=f"sqlite:///{Path(self._folder.name) / 'signoff.db'}",
            poll_seconds=3600.0,
            lease_seconds=3600.0,
        )
        self._thread.start()
        self._traffic = Traffic(self._loop)
        self._driver = Driver(
            self.clock,
            self._traffic,
            self.humans.values(),
            WORKSPACE,
            patience=self._patience,
        )
        NEARBY[self.url] = self._traffic.transports
        self.call(self._begin())
        return self

    def __exit__(self, *gone: object) -> None:
        NEARBY.pop(self.url, None)
        try:
            self.call(self._stop())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._folder.cleanup()

    @property
    def now(self) -> datetime:
        """What the clock of the kit shows."""
        return self.clock.now()

    # Clients and people

    def client(self, key: str | None = None) -> Client:
        """An async client; with the agent's key unless another is given."""
        return Client(self.url, key or self.agent_key)

    def sync_client(self, key: str | None = None) -> SyncClient:
        """A client for plain code; likewise."""
        return SyncClient(self.url, key or self.agent_key)

    def human(
        self,
        email: str,
        *,
        roles: Sequence[str] = (),
        groups: Sequence[str] = (),
        region: str | None = None,
        attributes: Mapping[str, str] | None = None,
        aliases: Sequence[str] = (),
        calendar: str | None = None,
    ) -> Human:
        """The scripted person of this mail address, who is made when first named."""
        email = email.lower()
        if email not in self.humans:
            person = Person(
                id=ids.new_person_id(),
                email=email,
                name=email.partition("@")[0],
                roles=tuple(roles),
                groups=tuple(groups),
                region=region,
                attributes=dict(attributes or {}),
                aliases=tuple(aliases),
                calendar=calendar,
            )
            key = self.call(self._enlist(person))
            self.humans[email] = Human(
                person.id, email, key, calendar=calendar, leave=self._goes_away
            )
        return self.humans[email]

    def events(self, intent_id: str) -> list[dict[str, Any]]:
        """Everything that has happened to an intent, as the API tells it."""
        found = self.ask("GET", f"/v1/intents/{intent_id}/events")
        events: list[dict[str, Any]] = found["events"]
        return events

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send one request as the administrator and return the document that comes back."""
        headers = {"Authorization": f"Bearer {self.admin_key}"}
        sent = self._http.request(method, path, json=body, headers=headers)
        answer = self.call(sent)
        if not answer.is_success:
            raise AssertionError(f"{method} {path}: {answer.text}")
        document: dict[str, Any] = answer.json()
        return document

    # Time

    async def run(self, agent: Awaitable[T]) -> T:
        """Run an agent to its end. Whenever everything stands still, time jumps on.

        :raises NothingLeft: it waits for something that will never happen.
        :raises NotWaiting: it neither ends nor waits.
        """
        task = asyncio.ensure_future(agent)
        driving = asyncio.wrap_future(self._drive(self._accompany()))
        both: set[asyncio.Future[Any]] = {task, driving}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await driving
        self._loop.call_soon_threadsafe(self._driver.stop)
        await asyncio.gather(driving, return_exceptions=True)
        return await task

    async def advance(self, by: Span) -> datetime:
        """Let so much time pass, through everything that happens on the way."""
        until = after(by, self.now)
        advanced = self._drive(self._driver.advance(until, (asyncio.get_running_loop(),)))
        await asyncio.wrap_future(advanced)
        return self.now

    async def restart(self, *, down: Span | None = None) -> None:
        """Stop the server, let time pass while it is down, and start it again on its database."""
        await asyncio.wrap_future(self._drive(self._restart(down)))

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Let time stand still while an agent works on something beside what it waits for."""
        self._loop.call_soon_threadsafe(self._driver.hold, +1)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._driver.hold, -1)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the server's loop, and wait for it here."""
        return self._drive(work).result()

    # On the server's own loop

    def _drive(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _begin(self) -> None:
        made = await initialise(self._settings.database, workspace=WORKSPACE, use=DatabaseUse.TEST)
        self.admin_key = made.admin_key or ""
        await self._start()
        self.agent_key = await self._key(KeyKind.AGENT, agent=AGENT)

    async def _start(self) -> None:
        services = await self._stack.enter_async_context(running(self._settings, clock=self.clock))
        self._services: Services = services
        app = application(services)
        transport = httpx2.ASGITransport(app=app)
        self._http = await self._stack.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url=self.url)
        )
        self._driver.services, self._driver.http = services, self._http
        self._traffic.app = app

    async def _stop(self) -> None:
        self._traffic.app = None
        self._services.wakeups.close()
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    async def _accompany(self) -> None:
        """Move time; where that fails, whoever waits for an answer is told instead of answered."""
        try:
            await self._driver.accompany()
        except Exception as error:
            self._traffic.break_off(error)
            raise

    async def _restart(self, down: Span | None) -> None:
        await self._stop()
        if down is not None:
            self.clock.jump_to(after(down, self.now))
        await self._start()

    async def _enlist(self, person: Person) -> str:
        row = PersonRow(
            workspace=WORKSPACE, person=person, time_zone=None, created_at=self.clock.now()
        )
        await self._services.store.add_person(row)
        return await self._key(KeyKind.PERSON, person=person.id)

    async def _key(
        self, kind: KeyKind, *, agent: str | None = None, person: PersonId | None = None
    ) -> str:
        made = mint(kind)
        row = KeyRow(
            workspace=WORKSPACE,
            id=ids.new_key_id(),
            kind=kind,
            hash=made.hash,
            hint=made.hint,
            label=None,
            agent=agent,
            person_id=person,
            created_at=self.clock.now(),
        )
        await self._services.store.add_key(row)
        return made.secret

    def _goes_away(self, human: Human, until: Span | datetime, substitute: Human | None) -> None:
        end = until if isinstance(until, datetime) else after(until, self.now)
        self.call(self._record_absence(human, end, substitute))

    async def _record_absence(self, human: Human, end: datetime, substitute: Human | None) -> None:
        row = await self._services.store.person(WORKSPACE, human.id)
        assert row is not None
        away = Absence(
            start=self.clock.now(),
            end=end,
            substitute=PersonId(substitute.id) if substitute else None,
        )
        person = replace(row.person, absences=(*row.person.absences, away))
        await self._services.store.update_person(replace(row, person=person))


class Plainly:
    """What needs time, for tests and agents that are plain functions."""

    def __init__(self, server: SignoffServer) -> None:
        self._server = server

    def run(self, agent: Callable[[], T]) -> T:
        """Run an agent to its end. Whenever everything stands still, time jumps on.

        :raises NothingLeft: from the call in which the agent waits for what will never happen.
        """
        server = self._server
        driving = server._drive(server._accompany())
        try:
            result = agent()
        finally:
            server._loop.call_soon_threadsafe(server._driver.stop)
            failed = driving.exception()
        if failed is not None:
            raise failed
        return result

    def advance(self, by: Span) -> datetime:
        """Let so much time pass, through everything that happens on the way."""
        server = self._server
        server.call(server._driver.advance(after(by, server.now), ()))
        return server.now

    def restart(self, *, down: Span | None = None) -> None:
        """Stop the server, let time pass while it is down, and start it again on its database."""
        self._server.call(self._server._restart(down))
