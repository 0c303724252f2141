"""The threads that touch the file: one that writes, a few that read. The event loop never does.

Jobs that wait for the writer together share one transaction and one sync to disk. Each has its
own savepoint, so that one that fails takes nothing with it.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import apsw

from signoff.storage.sqlite.connection import mapped, reader, transaction, writer

P = ParamSpec("P")
T = TypeVar("T")

_MOST_TOGETHER = 64


class _Job(Generic[T]):
    """Something to do in a transaction, and whoever waits for what comes of it."""

    __slots__ = ("_error", "_result", "_work", "alone", "outcome")

    def __init__(self, work: Callable[[apsw.Connection], T], *, alone: bool = False) -> None:
        self.outcome: Future[T] = Future()
        self.alone = alone
        self._work = work
        self._result: T | None = None
        self._error: BaseException | None = None

    def do(self, connection: apsw.Connection) -> None:
        """Do it within the open transaction, or undo all of it and keep the error for later."""
        connection.execute("savepoint job")
        try:
            with mapped():
                self._result = self._work(connection)
        except BaseException as error:  # whatever it is, it is told to whoever waits
            if not connection.in_transaction:  # the whole of it is lost: a full disk, say
                raise
            connection.execute("rollback to job")
            self._error = error
        connection.execute("release job")

    def do_alone(self, connection: apsw.Connection) -> None:
        """Do it outside of any transaction, and tell whoever waits."""
        try:
            with mapped():
                self._result = self._work(connection)
        except BaseException as error:  # whatever it is, it is told to whoever waits
            self._error = error
        self.settle()

    def settle(self, failed: BaseException | None = None) -> None:
        """Tell whoever waits, now that it is on disk, or that nothing is."""
        if (error := failed or self._error) is not None:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(self._result)  # type: ignore[arg-type]


class Writer:
    """The one thread that writes, with the one connection that can.

    :param undone: called where a transaction that jobs have read and written in came to nothing.
    """

    def __init__(self, path: Path, *, undone: Callable[[], None] = lambda: None) -> None:
        self._connection = writer(path)
        self._undone = undone
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="signoff-writer", daemon=True)
        self._thread.start()

    async def run(
        self,
        work: Callable[Concatenate[apsw.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do the work in a transaction; return when it is on disk.

        :raises StoreUnavailable: it is not, and nothing of it is.
        """
        job = _Job(lambda connection: work(connection, *args, **kwargs))
        self._jobs.put(job)
        return await asyncio.wrap_future(job.outcome)

    async def alone(
        self,
        work: Callable[Concatenate[apsw.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do the work outside of any transaction, for what SQLite does in none."""
        job = _Job(lambda connection: work(connection, *args, **kwargs), alone=True)
        self._jobs.put(job)
        return await asyncio.wrap_future(job.outcome)

    def close(self) -> None:
        """Finish what was asked for, then close the file."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            jobs, last = self._together(first)
            running = [job for job in jobs if job.outcome.set_running_or_notify_cancel()]
            together = [job for job in running if not job.alone]
            if together:
                self._commit(together)
            for job in running:
                if job.alone:
                    job.do_alone(self._connection)
            if last:
                return

    def _together(self, first: _Job[Any]) -> tuple[list[_Job[Any]], bool]:
        jobs = [first]
        while len(jobs) < _MOST_TOGETHER:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        failed: BaseException | None = None
        try:
            with mapped(), transaction(self._connection, "immediate"):
                for job in jobs:
                    job.do(self._connection)
        except BaseException as error:
            failed = error
            self._undone()
        for job in jobs:
            job.settle(failed)


class Readers:
    """A few threads that read, each with a connection of its own."""

    def __init__(self, path: Path, *, count: int) -> None:
        self._path = path
        self._mine = threading.local()
        self._connections: list[apsw.Connection] = []
        self._pool = ThreadPoolExecutor(count, "signoff-reader", self._connect)

    async def run(
        self,
        work: Callable[Concatenate[apsw.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do the work on one consistent state of the file."""

        def read() -> T:
            connection = self._mine.connection
            with mapped(), transaction(connection, "deferred"):
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._pool, read)

    def close(self) -> None:
        """Finish what was asked for, then close the file."""
        self._pool.shutdown()
        for connection in self._connections:
            connection.close()

    def _connect(self) -> None:
        self._mine.connection = reader(self._path)
        self._connections.append(self._mine.connection)
