"""What operators look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.words import IntentId, IntentStatus, TaskId, TaskState, TaskType, WorkspaceId
from signoff.engine.figures import AgentHealth, ClosedTask, OpenTasks, Unread
from signoff.engine.notices import Notice
from signoff.engine.ports import Clock
from signoff.engine.records import encode
from signoff.storage.sqlite.connection import Row, row, rows, run
from signoff.storage.sqlite.notices import read_notice
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import maybe_moment, micros, moment

COUNTED = 1000


class FigureHalf(Threaded):
    """The part of the store that finds what operators look at."""

    async def closed_tasks(
        self, workspace: WorkspaceId, *, since: datetime, limit: int
    ) -> Sequence[ClosedTask]:
        return await self._readers.run(_closed, workspace, since, limit)

    async def open_tasks(self, workspace: WorkspaceId) -> OpenTasks:
        return await self._readers.run(_open, workspace)

    async def failed_notices(
        self, workspace: WorkspaceId, *, since: datetime, limit: int
    ) -> Sequence[Notice]:
        return await self._readers.run(_failed, workspace, since, limit)

    async def unread(
        self, workspace: WorkspaceId, *, before: datetime, limit: int
    ) -> Sequence[Unread]:
        return await self._readers.run(_unread, workspace, before, limit)

    async def tell_again(self, workspace: WorkspaceId, task_ids: Sequence[TaskId]) -> int:
        return await self._writer.run(_tell_again, self._clock, workspace, task_ids)

    async def agents(self, workspace: WorkspaceId) -> Sequence[AgentHealth]:
        return await self._readers.run(_agents, self._clock, workspace)


def _closed(
    connection: apsw.Connection, workspace: WorkspaceId, since: datetime, limit: int
) -> list[ClosedTask]:
    found = rows(connection, "closed_tasks", workspace=workspace, since=micros(since), limit=limit)
    return [_closed_task(each) for each in found]


def _closed_task(found: Row) -> ClosedTask:
    kind, state, outcome, opened_at, closed_at, closed_by, seen_at = cast(
        tuple[str, str, str | None, int, int, str | None, int | None], found
    )
    return ClosedTask(
        type=TaskType(kind),
        state=TaskState(state),
        outcome=outcome,
        opened_at=moment(opened_at),
        closed_at=moment(closed_at),
        closed_by=closed_by,
        seen_at=maybe_moment(seen_at),
    )


def _open(connection: apsw.Connection, workspace: WorkspaceId) -> OpenTasks:
    found = row(connection, "open_tasks", workspace=workspace)
    count, high, oldest = cast(tuple[int, int, int | None], found)
    return OpenTasks(count=count, high=high, oldest=maybe_moment(oldest))


def _failed(
    connection: apsw.Connection, workspace: WorkspaceId, since: datetime, limit: int
) -> list[Notice]:
    found = rows(
        connection, "failed_notices", workspace=workspace, since=micros(since), limit=limit
    )
    return [read_notice(each) for each in found]


def _unread(
    connection: apsw.Connection, workspace: WorkspaceId, before: datetime, limit: int
) -> list[Unread]:
    asked = {"before": micros(before), "limit": limit}
    found = rows(connection, "unread_decisions", workspace=workspace, **asked)
    return [
        Unread(
            task_id=TaskId(task_id),
            intent_id=IntentId(intent_id),
            agent=agent,
            title=title,
            since=moment(since),
            attempts=attempts,
        )
        for task_id, intent_id, agent, title, since, attempts in cast(
            list[tuple[str, str, str, str, int, int]], found
        )
    ]


def _tell_again(
    connection: apsw.Connection, clock: Clock, workspace: WorkspaceId, task_ids: Sequence[TaskId]
) -> int:
    now = micros(clock.now())
    return run(connection, "tell_again", workspace=workspace, ids=encode(task_ids), now=now)


def _agents(connection: apsw.Connection, clock: Clock, workspace: WorkspaceId) -> list[AgentHealth]:
    statuses = encode([*IntentStatus])
    found = cast(
        list[tuple[str, int, int, int, int | None]],
        rows(connection, "agents", workspace=workspace, most=COUNTED, statuses=statuses),
    )
    unread = Counter(each.agent for each in _unread(connection, workspace, clock.now(), COUNTED))
    return [
        AgentHealth(
            agent=agent,
            waiting=waiting,
            working=working,
            failed=failed,
            last_at=maybe_moment(last_at),
            unread=unread[agent],
        )
        for agent, waiting, working, failed, last_at in found
    ]
