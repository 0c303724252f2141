"""Pick-ups: agents have read what became of their tasks, so nobody need tell them again.

Noted in memory and written behind, many at a time. A note lost in a crash costs one wake-up more.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from signoff.core.words import TaskId, WorkspaceId
from signoff.engine.ports import Store

_GATHER_SECONDS = 0.25


class Pickups:
    """Gathers what was picked up and writes it in batches."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: defaultdict[WorkspaceId, set[TaskId]] = defaultdict(set)
        self._fresh = asyncio.Event()

    def note(self, workspace: WorkspaceId, task_id: TaskId) -> None:
        """The agent of this task has read how it stands."""
        self._noted[workspace].add(task_id)
        self._fresh.set()

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._fresh.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Write what is noted now."""
        self._fresh.clear()
        noted, self._noted = self._noted, defaultdict(set)
        for workspace, task_ids in noted.items():
            await self._store.picked_up(workspace, sorted(task_ids))
