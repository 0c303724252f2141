"""Pick-ups: agents have read what became of their tasks, so nobody need tell them again.

Noted in memory and written behind, many at a time, with what the log is told of the first reading.
A note lost in a crash costs one wake-up more, and the next reading is told instead.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from signoff.core.facts import Fact
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.noting import picked_up, pickup_id
from signoff.engine.ports import FoundTask, Step, Store
from signoff.engine.recent import Recent

_GATHER_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """An agent has read a task for the first time since it came to stand like this."""

    found: FoundTask
    at: datetime


@dataclass(slots=True)
class _Noted:
    """What is to be written of one workspace."""

    tasks: set[TaskId] = field(default_factory=set)
    readings: dict[str, _Reading] = field(default_factory=dict)


class Pickups:
    """Gathers what was picked up and writes it in batches."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent = Recent()
        self._noted: defaultdict[WorkspaceId, _Noted] = defaultdict(_Noted)
        self._fresh = asyncio.Event()

    async def note(self, found: FoundTask) -> None:
        """The agent of this task has read how it stands: closed, or to be revised."""
        reading = pickup_id(found.task)
        at = None if reading in self._recent else await self._store.now()
        noted = self._noted[found.workspace]
        noted.tasks.add(found.task.id)
        if at is not None and self._recent.add(reading):
            noted.readings[reading] = _Reading(found=found, at=at)
        self._fresh.set()

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
        self._fresh.clear()
        gathered, self._noted = self._noted, defaultdict(_Noted)
        try:
            while gathered:
                workspace, noted = next(iter(gathered.items()))
                facts = await self._facts(workspace, noted)
                await self._store.picked_up(workspace, sorted(noted.tasks), facts)
                del gathered[workspace]
        finally:
            for workspace, noted in gathered.items():
                self._noted[workspace].tasks |= noted.tasks
                self._noted[workspace].readings |= noted.readings
                self._fresh.set()

    async def _facts(self, workspace: WorkspaceId, noted: _Noted) -> Sequence[Fact]:
        """Each reading with the last step its intent had recorded by then: a query an intent."""
        steps: dict[IntentId, Sequence[Step]] = {}
        facts = []
        for reading in noted.readings.values():
            intent_id = reading.found.task.intent_id
            if intent_id not in steps:
                steps[intent_id] = await self._store.steps(workspace, intent_id)
            before = [step for step in steps[intent_id] if step.at <= reading.at]
            last = max(before, key=lambda step: step.seq, default=None)
            after_step = last.name if last else None
            facts.append(picked_up(reading.found, at=reading.at, after_step=after_step))
        return facts
