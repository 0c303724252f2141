"""A run: an intent in code. Kill the process, run the code again, and it goes on where it was.

    async with client.run("refund", key="refund-4721", payload={"amount": "240"}) as run:
        letter = await run.step("draft", write_letter, "cus_123")     # called once, ever
        decision = await run.approval(title="Send it?", assignee="role:support")
        run.result = {"sent": bool(decision)}                         # completes the intent

Code in a run does its work in steps and is otherwise the same every time. Leaving the block
completes the intent with ``run.result``. An exception records that the run failed, unless it says
nothing about the work: then the run is left as it is, to be picked up with the same key. Of an
intent that has ended, everything is replayed and nothing is written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar, Token
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from signoff.client._asks_async import AsyncAsks
from signoff.client._asks_sync import SyncAsks
from signoff.client._journal import Journal
from signoff.client._lines import AsyncLine, SyncLine
from signoff.client._moves import task_id_of
from signoff.client._questions import Question
from signoff.client.documents import IntentDocument, TaskDocument
from signoff.client.results import Decision

R = TypeVar("R", bound=Decision)
T = TypeVar("T")

current: ContextVar[Run | SyncRun | None] = ContextVar("signoff_run", default=None)
"""The run whose block the code is in, so that a guarded function asks within it."""


class _Facts:
    """What a run can be asked without a word to the server."""

    _journal: Journal

    @property
    def id(self) -> str:
        """The id of the intent."""
        return self._journal.intent["id"]

    @property
    def intent(self) -> IntentDocument:
        """The intent as the run last saw it."""
        return self._journal.intent

    @property
    def finished(self) -> bool:
        """Whether the intent was completed already when the run began; ``result`` is there then."""
        return self._journal.finished

    @property
    def result(self) -> Any:
        """What the run completes with, or has completed with. JSON, or what becomes JSON."""
        return self._journal.result

    @result.setter
    def result(self, value: object) -> None:
        self._journal.result = value


class Run(_Facts, AsyncAsks):
    """A run for async code. Waits inside it may go on in parallel, as with ``asyncio.gather``."""

    def __init__(self, line: AsyncLine, journal: Journal) -> None:
        self._line = line
        self._journal = journal
        self._token: Token[Run | SyncRun | None] | None = None

    async def __aenter__(self) -> Self:
        await self._line.drive(self._journal.open())
        self._token = current.set(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _forget(self._token)
        await self._line.drive(self._journal.leave(error))

    @overload
    async def step(
        self, name: str, function: Callable[..., object], /, *args: object,
        returns: type[T], **kwargs: object,
    ) -> T: ...  # fmt: skip
    @overload
    async def step(
        self, name: str, function: Callable[..., Awaitable[T]], /, *args: object,
        returns: None = None, **kwargs: object,
    ) -> T: ...  # fmt: skip
    @overload
    async def step(
        self, name: str, function: Callable[..., T], /, *args: object,
        returns: None = None, **kwargs: object,
    ) -> T: ...  # fmt: skip
    async def step(
        self,
        name: str,
        function: Callable[..., object],
        /,
        *args: object,
        returns: type | None = None,
        **kwargs: object,
    ) -> Any:
        """Call the function once, ever, and return what it returned, now and in every replay.

        What comes back has been through JSON: a tuple is a list. A function annotated to return a
        dataclass or a Pydantic model gets one back; ``returns`` says so where it is not annotated.

        :param name: names the step in the journal. A name used again is numbered by itself; give
            steps that run in parallel names of their own.
        :raises InvalidInput: what it returned does not become JSON, or not the type it should be.
        :raises IntentClosed: the intent ended meanwhile; a person may have taken it over.
        :raises JournalMismatch: the journal does not fit this code.
        """
        return await self._line.drive(self._journal.step(name, function, args, kwargs, returns))

    async def record(self, name: str, value: object) -> Any:
        """Write a value to the journal; return the one that was first written by this name."""
        return await self._line.drive(self._journal.record(name, value))

    async def sleep(self, name: str, length: str | float | timedelta | datetime) -> None:
        """Sleep durably: for seconds, ``"2h"`` or a ``timedelta``, or until a moment.

        :raises IntentClosed: the intent ended meanwhile.
        """
        await self._line.drive(self._journal.sleep(name, length))

    async def comment(self, task: str | TaskDocument, text: str) -> None:
        """Say something on a task of this run; once, however often the run is replayed.

        :param task: its id, or the task as it was read.
        """
        await self._line.drive(self._journal.move(task_id_of(task), "comments", text=text))

    async def resume(self, task: str | TaskDocument, *, reason: str | None = None) -> None:
        """Start the clock of a task that waits on this run; once, as with ``comment``."""
        await self._line.drive(self._journal.move(task_id_of(task), "resume", reason=reason))

    async def ask(self, asked: Question[R]) -> R:
        """Ask what was put together before."""
        return await self._line.drive(self._journal.ask(asked))


class SyncRun(_Facts, SyncAsks):
    """A run for plain code. See ``Run``, whose twin it is."""

    def __init__(self, line: SyncLine, journal: Journal) -> None:
        self._line = line
        self._journal = journal
        self._token: Token[Run | SyncRun | None] | None = None

    def __enter__(self) -> Self:
        self._line.drive(self._journal.open())
        self._token = current.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _forget(self._token)
        self._line.drive(self._journal.leave(error))

    @overload
    def step(
        self, name: str, function: Callable[..., object], /, *args: object,
        returns: type[T], **kwargs: object,
    ) -> T: ...  # fmt: skip
    @overload
    def step(
        self, name: str, function: Callable[..., T], /, *args: object,
        returns: None = None, **kwargs: object,
    ) -> T: ...  # fmt: skip
    def step(
        self,
        name: str,
        function: Callable[..., object],
        /,
        *args: object,
        returns: type | None = None,
        **kwargs: object,
    ) -> Any:
        """Call the function once, ever; see ``Run.step``."""
        return self._line.drive(self._journal.step(name, function, args, kwargs, returns))

    def record(self, name: str, value: object) -> Any:
        """Write a value to the journal; return the one that was first written by this name."""
        return self._line.drive(self._journal.record(name, value))

    def sleep(self, name: str, length: str | float | timedelta | datetime) -> None:
        """Sleep durably; see ``Run.sleep``."""
        self._line.drive(self._journal.sleep(name, length))

    def comment(self, task: str | TaskDocument, text: str) -> None:
        """Say something on a task of this run, once; see ``Run.comment``."""
        self._line.drive(self._journal.move(task_id_of(task), "comments", text=text))

    def resume(self, task: str | TaskDocument, *, reason: str | None = None) -> None:
        """Start the clock of a task that waits on this run, once."""
        self._line.drive(self._journal.move(task_id_of(task), "resume", reason=reason))

    def ask(self, asked: Question[R]) -> R:
        """Ask what was put together before."""
        return self._line.drive(self._journal.ask(asked))


def _forget(token: Token[Run | SyncRun | None] | None) -> None:
    """Leave the run's block. A block left from another context than it was entered has no token."""
    if token is not None:
        try:
            current.reset(token)
        except ValueError:
            current.set(None)
