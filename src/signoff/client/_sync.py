"""The client for plain code. ``_async`` is its twin; a parity test compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from signoff.client import _operations as operations
from signoff.client._address import Address
from signoff.client._asks_sync import SyncAsks
from signoff.client._events import Events
from signoff.client._journal import Journal
from signoff.client._lines import SyncLine
from signoff.client._questions import Question
from signoff.client._tasks_sync import SyncTasks
from signoff.client.documents import EventDocument, IntentDocument, Me
from signoff.client.results import Decision
from signoff.client.run import SyncRun

R = TypeVar("R", bound=Decision)


class SyncClient(SyncAsks, SyncTasks):
    """A client of one server with one key. Use it as ``with signoff.SyncClient() as client``.

    A call is tried again for a while where the server is away: some seconds for a plain call, a
    minute for what a run writes, for ever while waiting for a person. That is safe, since every
    write carries an idempotency key. Threads may share one client.

    :param url: where the server is; by default ``SIGNOFF_URL``, or this machine.
    :param key: the API key; by default ``SIGNOFF_KEY``.
    :param timeout: seconds after which a plain request that got no answer is tried again.
    :param transport: what carries the requests, such as ``httpx2.MockTransport`` in tests.
    :raises Unauthenticated: there is no key.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float | timedelta = 10.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._line = SyncLine(Address.of(url, key, timeout), transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def me(self) -> Me:
        """Whose key this is."""
        return self._line.drive(operations.me())

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
    ) -> SyncRun:
        """Begin a run, or go on with the one of this key: ``with client.run(...) as run``.

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
        return SyncRun(self._line, Journal(body, key))

    def run_once(
        self,
        type_: str,
        work: Callable[[SyncRun], object],
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
        with self.run(
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
                run.result = work(run)
        return run.result

    # Intents

    def submit(
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
        return self._line.drive(operations.submit(body, key))

    def get_intent(self, intent_id: str) -> IntentDocument:
        """Read one intent."""
        return self._line.drive(operations.read_intent(intent_id))

    def intents(
        self, *, status: str | None = None, agent: str | None = None, limit: int = 50
    ) -> list[IntentDocument]:
        """List intents, newest first, at most ``limit``."""
        found = operations.listing("/v1/intents", "intents", limit, status=status, agent=agent)
        return list(self._line.drive(found))

    def cancel(self, intent_id: str, *, reason: str | None = None) -> IntentDocument:
        """Cancel an intent; its open tasks are withdrawn."""
        return self._line.drive(operations.cancel(intent_id, reason))

    def events(
        self, intent_id: str, *, after: int = 0, follow: bool = True
    ) -> Iterator[EventDocument]:
        """Iterate over what happened to an intent, and over what happens until it ends.

        :param after: the number of the last event that is known already.
        :param follow: whether to wait for events that have not happened yet.
        """
        events = Events(intent_id, after=after, follow=follow)
        while page := self._line.drive(events.next()):
            yield from page

    def ask(self, asked: Question[R]) -> R:
        """Ask what was put together before."""
        return self._line.drive(operations.ask(asked))
