"""What operators look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from signoff.core.words import IntentId, IntentStatus, TaskId, TaskState, TaskType, WorkspaceId
from signoff.engine.figures import AgentHealth, ClosedTask, OpenTasks, Unread
from signoff.engine.notices import Notice
from signoff.storage.postgres.database import Database
from signoff.storage.postgres.notices import read_notice

COUNTED = 1000


class FiguresFound:
    """The part of the store that finds what operators look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_tasks(
        self, workspace: WorkspaceId, *, since: datetime, limit: int
    ) -> Sequence[ClosedTask]:
        rows = await self._database.rows("closed_tasks", workspace, since, limit)
        return [
            ClosedTask(
                type=TaskType(kind),
                state=TaskState(state),
                outcome=outcome,
                opened_at=opened_at,
                closed_at=closed_at,
                closed_by=closed_by,
                seen_at=seen_at,
            )
            for kind, state, outcome, opened_at, closed_at, closed_by, seen_at in rows
        ]

    async def open_tasks(self, workspace: WorkspaceId) -> OpenTasks:
        row = await self._database.row("open_tasks", workspace)
        count, high, oldest = row or (0, 0, None)
        return OpenTasks(count=count, high=high, oldest=oldest)

    async def failed_notices(
        self, workspace: WorkspaceId, *, since: datetime, limit: int
    ) -> Sequence[Notice]:
        rows = await self._database.rows("failed_notices", workspace, since, limit)
        return [read_notice(row) for row in rows]

    async def unread(
        self, workspace: WorkspaceId, *, before: datetime, limit: int
    ) -> Sequence[Unread]:
        return await self._unread(workspace, before, limit)

    async def tell_again(self, workspace: WorkspaceId, task_ids: Sequence[TaskId]) -> int:
        now = self._database.given_time()
        return len(await self._database.write("tell_again", workspace, list(task_ids), now))

    async def agents(self, workspace: WorkspaceId) -> Sequence[AgentHealth]:
        statuses = [str(each) for each in IntentStatus]
        rows = await self._database.rows("agents", workspace, COUNTED, statuses)
        found = await self._unread(workspace, self._database.given_time(), COUNTED)
        unread = Counter(each.agent for each in found)
        return [
            AgentHealth(
                agent=agent,
                waiting=waiting,
                working=working,
                failed=failed,
                last_at=last_at,
                unread=unread[agent],
            )
            for agent, waiting, working, failed, last_at in rows
        ]

    async def _unread(
        self, workspace: WorkspaceId, before: datetime | None, limit: int
    ) -> list[Unread]:
        rows = await self._database.rows("unread_decisions", workspace, before, limit)
        return [
            Unread(
                task_id=TaskId(task_id),
                intent_id=IntentId(intent_id),
                agent=agent,
                title=title,
                since=since,
                attempts=attempts,
            )
            for task_id, intent_id, agent, title, since, attempts in rows
        ]
