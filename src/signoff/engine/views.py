"""Views: people have been shown tasks. Noted in memory and written behind, many at a time.

An answer must find the view it was made on, so what is noted of its giver is written before the
answer goes through the door: ``settled``. A note lost in a crash is a view that is not on record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from signoff.core.facts import Fact
from signoff.core.routing import Person
from signoff.core.task import Task
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import View
from signoff.engine.noting import view_id, viewed
from signoff.engine.ports import Store
from signoff.engine.recent import Recent

_GATHER_SECONDS = 0.25

_Noted = dict[str, tuple[Fact, View]]


class Views:
    """Gathers who was shown what, and writes it in batches: once for each form of a task."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent = Recent()
        self._noted: _Noted = {}
        self._writing: _Noted = {}
        self._fresh = asyncio.Event()
        self._turn = asyncio.Lock()

    def news(self, workspace: WorkspaceId, task: Task, person: Person) -> bool:
        """Whether it would be noted that this person is shown this task as it stands."""
        return task.live and view_id(workspace, task, person) not in self._recent

    def note(
        self, workspace: WorkspaceId, task: Task, person: Person, *, channel: str, at: datetime
    ) -> None:
        """This person is shown this task as it stands. Of a closed one nothing is noted."""
        if not self.news(workspace, task, person):
            return
        fact, view = viewed(workspace, task, person, channel=channel, at=at)
        self._recent.add(fact.id)
        self._noted[fact.id] = fact, view
        self._fresh.set()

    async def settled(self, task_id: TaskId, person_id: PersonId) -> None:
        """Return once whatever is noted of this person and task is on disk."""
        for noted in (self._noted, self._writing):
            if any((v.task_id, v.person_id) == (task_id, person_id) for _, v in noted.values()):
                await self.flush()
                return

    async def run(self) -> None:
        """Write for ever, and once more at the end."""
        try:
            while True:
                await self._fresh.wait()
                await asyncio.sleep(_GATHER_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Write what is noted now. What could not be written is noted as before."""
        async with self._turn:
            self._fresh.clear()
            self._writing, self._noted = self._noted, {}
            if not self._writing:
                return
            try:
                await self._store.record(*_apart(self._writing))
            except BaseException:
                self._noted = {**self._writing, **self._noted}
                self._fresh.set()
                raise
            finally:
                self._writing = {}


def _apart(noted: Mapping[str, tuple[Fact, View]]) -> tuple[Sequence[Fact], Sequence[View]]:
    return [fact for fact, _ in noted.values()], [view for _, view in noted.values()]
