"""The client for async code. ``_sync`` is its twin; a parity test compares them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from signoff.client import _operations as operations
from signoff.client._address import Address
from signoff.client._asks_async import AsyncAsks
from signoff.client._events import Events
from signoff.client._journal import Journal
from signoff.client._lines import AsyncLine
from signoff.client._questions import Question
from signoff.client._tasks_async import AsyncTasks
from signoff.client.documents import EventDocument, IntentDocument, Me
from signoff.client.results import Decision
from signoff.client.run import Run

R = TypeVar("R", bound=Decision)


class Client(AsyncAsks, AsyncTasks):
    """A client of one server with one key. Use it as ``async with signoff.Client() as client``.

    A call is tried again for a while where the server is away: some seconds for a plain call, a
    minute for what a run writes, for ever while waiting for a person. That is safe, since every
    write carries an idempotency key. It belongs to the event loop that it was first used on.

    :param url: where the server is; by default ``SIGNOFF_URL``, or this machine.
    :param key: the API key; by default ``SIGNOFF_KEY``.
    :param timeout: seconds after which a plain request that got no answer is tried again.
    :param transport: what carries the requests, such as ``httpx2.ASGITransport(app)`` in tests.
    :raises Unauthenticated: there is no key.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float | timedelta = 10.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._line = AsyncLine(Address.of(url, key, timeout), transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def me(self) -> Me:
        """Whose key this is."""
        return await self._line.drive(operations.me())

    # Runs

    def run(
        self,
        type_: str,
        /,
        *,
        key: str,
        title: str | None = None,
        payload: object = None,
        deadline: str | timedelta | datetime | None = None,
        on_behalf_of: str | None = None,
        provenance: Mapping[str, object] | None = None,
        custody: Mapping[str, object] | None = None,
    ) -> Run:
        """Begin a run, or go on with the one of this key: ``async with client.run(...) as run``.

        :param type_: what kind of work it is, such as ``refund``.
        :param key: the same key is the same run; with another type, title or payload it is
            refused as ``KeyReused``.
        :param deadline: after this duration, or at this moment, the intent times out.
        :param on_behalf_of: the person whom this is done for; they cannot approve it.
        :param provenance: what produced the request, for those who audit it: ``agent_version``,
            ``agent_class``, ``framework``, ``model_provider``, ``model_name``, ``model_version``,
            ``prompt_digest``, ``trace_id``, ``purpose``.
        :param custody: how its data is kept: ``subject`` (whose it is), ``categories`` (kinds of
            data), ``retention_class`` (by whose rule it is erased).
        """
        body = operations.submission(
            type_,
            payload=payload,
            title=title,
            deadline=deadline,
            on_behalf_of=on_behalf_of,
            provenance=provenance,
            custody=custody,
        )
        return Run(self._line, Journal(body, key))

    async def run_once(
        self,
        type_: str,
        work: Callable[[Run], Awaitable[object]],
        /,
        *,
        key: str,
        title: str | None = None,
        payload: object = None,
        deadline: str | timedelta | datetime | None = None,
        on_behalf_of: str | None = None,
        provenance: Mapping[str, object] | None = None,
        custody: Mapping[str, object] | None = None,
    ) -> Any:
        """Run ``work(run)`` and return its result; of a run that is complete, only the result."""
        async with self.run(
            type_,
            key=key,
            title=title,
            payload=payload,
            deadline=deadline,
            on_behalf_of=on_behalf_of,
            provenance=provenance,
            custody=custody,
        ) as run:
            if not run.finished:
                run.result = await work(run)
        return run.result

    # Intents

    async def submit(
        self,
        type_: str,
        /,
        *,
        key: str | None = None,
        title: str | None = None,
        payload: object = None,
        task: Mapping[str, object] | None = None,
        deadline: str | timedelta | datetime | None = None,
        on_behalf_of: str | None = None,
        handled: bool | None = None,
        provenance: Mapping[str, object] | None = None,
        custody: Mapping[str, object] | None = None,
    ) -> IntentDocument:
        """Submit an intent and return at once.

        :param task: the fields of a task to open in it, with its ``type``.
        :param handled: whether an agent reports the result; by default, where there is no task.
        :param provenance: what produced the request; see ``run``.
        :param custody: how its data is kept; see ``run``.
        """
        body = operations.submission(
            type_,
            payload=payload,
            title=title,
            task=task,
            deadline=deadline,
            on_behalf_of=on_behalf_of,
            handled=handled,
            provenance=provenance,
            custody=custody,
        )
        return await self._line.drive(operations.submit(body, key))

    async def get_intent(self, intent_id: str) -> IntentDocument:
        """Read one intent."""
        return await self._line.drive(operations.read_intent(intent_id))

    async def intents(
        self, *, status: str | None = None, agent: str | None = None, limit: int = 50
    ) -> list[IntentDocument]:
        """List intents, newest first, at most ``limit``."""
        found = operations.listing("/v1/intents", "intents", limit, status=status, agent=agent)
        return list(await self._line.drive(found))

    async def cancel(self, intent_id: str, *, reason: str | None = None) -> IntentDocument:
        """Cancel an intent; its open tasks are withdrawn."""
        return await self._line.drive(operations.cancel(intent_id, reason))

    async def events(
        self, intent_id: str, *, after: int = 0, follow: bool = True
    ) -> AsyncIterator[EventDocument]:
        """Iterate over what happened to an intent, and over what happens until it ends.

        :param after: the number of the last event that is known already.
        :param follow: whether to wait for events that have not happened yet.
        """
        events = Events(intent_id, after=after, follow=follow)
        while page := await self._line.drive(events.next()):
            for event in page:
                yield event

    async def ask(self, asked: Question[R]) -> R:
        """Ask what was put together before."""
        return await self._line.drive(operations.ask(asked))
