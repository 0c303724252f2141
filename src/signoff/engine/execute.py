"""The one door. Everything that is ever written about an intent is written here.

Commands that arrive together share one transaction and one sync to disk (group commit): load what
all of them must know, judge them one after the other, write what they made of it, commit. A
refused command raises to its own caller and leaves its neighbours untouched. Only what is on disk
is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from signoff.core.commands import Command
from signoff.core.intent import Intent
from signoff.core.task import Task
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.batch import (
    Judged,
    Pending,
    Repeated,
    judge,
    lookup_of,
    mentions,
    same_request,
)
from signoff.engine.ports import (
    Change,
    Commit,
    Idempotency,
    Loaded,
    Lookup,
    Replay,
    Step,
    Store,
)
from signoff.errors import Broken, NotFound, Overloaded
from signoff.logs import Log

__all__ = ["Done", "Door", "Idempotency"]

_log = Log("signoff.door")

MAX_BATCH = 256
MAX_WAITING = 20_000

AfterCommit = Callable[[Sequence[Change]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command came to. ``intent`` is as it was right after it, or is now for a replay.

    :param task: the task the command opened or addressed.
    :param step: the step as first recorded, for commands that record one.
    :param replayed: whether it had been done before and nothing was done now.
    """

    intent: Intent
    task: Task | None = None
    step: Step | None = None
    replayed: bool = False


class Door:
    """Executes commands against one store.

    :param after_commit: told of every batch's changes as soon as they are on disk; must not block
        and must not raise. What it does is a hint only: whatever has to happen is a row.
    :param logged: whether what happens becomes leaves of the log; off only to measure that.
    """

    def __init__(self, store: Store, *, after_commit: AfterCommit, logged: bool = True) -> None:
        self._store = store
        self._logged = logged
        self._after_commit = after_commit
        self._queue: asyncio.Queue[Pending] = asyncio.Queue()
        self._closed = True
        self._unfinished = 0
        self.batches = 0
        self.commands = 0

    @property
    def idle(self) -> bool:
        """Whether everything taken in is finished, and its callers have been told."""
        return self._unfinished == 0

    async def execute(
        self,
        workspace: WorkspaceId,
        command: Command,
        intent_id: IntentId | None = None,
        *,
        idempotency: Idempotency | None = None,
        channel: str = "api",
    ) -> Done:
        """Execute one command durably.

        :param intent_id: the intent it is for, where the command does not say so itself.
        :param idempotency: makes a repetition of the same request harmless.
        :param channel: where it came from: what the log is told where it is refused.
        :raises NotFound: there is no such intent or task in this workspace.
        :raises KeyReused: the idempotency key stands for another request.
        :raises Overloaded: too many commands are waiting, or the process is about to stop.
        :raises SignoffError: the rules refuse it; nothing has happened then, but that it was
            tried may be on record.
        """
        if self._closed:
            raise Overloaded("this server is stopping; try again in a moment")
        if self._queue.qsize() >= MAX_WAITING:
            raise Overloaded("too many requests are waiting; try again in a moment")
        pending = Pending(
            workspace=workspace,
            command=command,
            intent_id=intent_id,
            idempotency=idempotency,
            mentioned=mentions(command),
            outcome=asyncio.get_running_loop().create_future(),
            channel=channel,
        )
        self._queue.put_nowait(pending)
        self._unfinished += 1
        judged = await pending.outcome
        if isinstance(judged, Repeated):
            return await self._as_it_is_now(judged)
        return Done(
            intent=judged.intent,
            task=_task_in(judged.intent, judged.task_id),
            step=judged.step,
            replayed=judged.replayed,
        )

    async def repeated(self, workspace: WorkspaceId, idempotency: Idempotency) -> Done | None:
        """What the request of this key came to, where it had been made before; it is not made now.

        For whoever can no longer make the command itself: a signature counts once.

        :raises KeyReused: the key stands for another request.
        """
        key = (workspace, idempotency.scope, idempotency.key)
        found: list[Replay] = []

        def look(loaded: Loaded, now: datetime) -> Commit:
            found.extend(loaded.replays.values())
            return Commit()

        await self._store.transact(Lookup(replays=frozenset({key})), look)
        if not found:
            return None
        record = same_request(found[0], idempotency)
        return await self._as_it_is_now(Repeated(workspace=workspace, record=record))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Work while the block runs. At its end what was taken in is finished, nothing else."""
        self._closed = False
        lanes = [asyncio.create_task(self._lane()) for _ in range(self._store.lanes)]
        try:
            yield
        finally:
            self._closed = True
            await self._queue.join()
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _lane(self) -> None:
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(0)  # whoever is ready in this very moment shares the commit
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._run(batch)
            finally:
                self._unfinished -= len(batch)
                for _ in batch:
                    self._queue.task_done()

    async def _run(self, batch: Sequence[Pending]) -> None:
        """Run a batch; where it fails for one command's sake, run each by itself."""
        try:
            await self._transact(batch)
        except Broken as error:
            _fail(batch, error)
        except Exception as error:
            if len(batch) == 1:
                _log.exception("command_failed", command=type(batch[0].command).__name__)
                _fail(batch, error)
                return
            _log.warning("batch_failed", size=len(batch), reason=type(error).__name__)
            for pending in batch:
                await self._run([pending])

    async def _transact(self, batch: Sequence[Pending]) -> None:
        judged: list[Judged | Repeated | Exception] = []
        changes: tuple[Change, ...] = ()

        def decide(loaded: Loaded, now: datetime) -> Commit:
            nonlocal judged, changes
            judged, commit = judge(batch, loaded, now)
            changes = commit.changes
            return commit if self._logged else replace(commit, logged=False)

        await self._store.transact(lookup_of(batch), decide)
        self.batches += 1
        self.commands += len(batch)
        if changes:
            self._after_commit(changes)
        for pending, outcome in zip(batch, judged, strict=True):
            _settle(pending, outcome)

    async def _as_it_is_now(self, repeated: Repeated) -> Done:
        workspace, record = repeated.workspace, repeated.record
        intent = await self._store.intent(workspace, record.intent_id)
        if intent is None:
            raise NotFound(f"there is no intent {record.intent_id}")
        task = None
        if record.task_id is not None:
            found = await self._store.task(workspace, record.task_id)
            task = found.task if found else None
        return Done(intent=intent, task=task, replayed=True)


def _task_in(intent: Intent, task_id: TaskId | None) -> Task | None:
    return intent.tasks.get(task_id) if task_id is not None else None


def _settle(pending: Pending, outcome: Judged | Repeated | Exception) -> None:
    if pending.outcome.done():  # its caller has gone away
        return
    if isinstance(outcome, Exception):
        pending.outcome.set_exception(outcome)
    else:
        pending.outcome.set_result(outcome)


def _fail(batch: Sequence[Pending], error: Exception) -> None:
    for pending in batch:
        _settle(pending, error)
