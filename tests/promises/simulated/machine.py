"""One process of a simulated Signoff: real store, door, timers, recovery, dropped at will."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

from signoff.core.words import TaskId, WorkspaceId
from signoff.engine.addressing import Addressing
from signoff.engine.execute import Door
from signoff.engine.outbox import Notices
from signoff.engine.ports import DueTimer, Store
from signoff.engine.recovery import Recovery
from signoff.engine.timers import AT_ONCE, fire
from signoff.storage.sqlite.store import SQLiteStore
from signoff.testing.clock import ManualClock
from tests.promises.simulated.faults import Faulty

LEASE_SECONDS = 5.0
OUTAGE_SECONDS = 60.0


class Machine:
    """Starts as a server does: recovery comes before anything else is let in."""

    def __init__(self, path: Path, clock: ManualClock) -> None:
        self._path = path
        self._clock = clock
        self._stack = AsyncExitStack()
        self.store: Store
        self.faulty: Faulty
        self.door: Door
        self.recovery: Recovery

    async def start(self) -> None:
        store = SQLiteStore(self._path, clock=self._clock)
        await store.open()
        self._stack.push_async_callback(store.close)
        self.faulty = Faulty(store)
        self.store = cast(Store, self.faulty)
        self.door = Door(self.store, after_commit=lambda changes: None)
        await self._stack.enter_async_context(self.door.open())
        self.recovery = Recovery(
            self.store, self.door, outage_seconds=OUTAGE_SECONDS, lease_seconds=LEASE_SECONDS
        )

    async def drop(self) -> None:
        """Stop at once. What is on disk stays, leases of claimed timers too."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    async def live_on(self) -> None:
        """Say that this server has been alive all the time until now."""
        await self.recovery.end()

    async def claim(self) -> list[DueTimer]:
        return list(await self.store.claim_timers(limit=AT_ONCE, lease_seconds=LEASE_SECONDS))

    async def tick(self) -> int:
        """One round of the timers' loop: look for an outage, claim what is due, fire it."""
        await self.recovery.check()
        due = await self.claim()
        await asyncio.gather(*(fire(self.door, timer) for timer in due))
        return len(due)

    async def tell(self) -> None:
        """Send every notice that is due."""
        told = Addressing(self.store, ())
        await Notices(self.store, told, poll_seconds=60, lease_seconds=LEASE_SECONDS).flush()

    async def agents_read(self, workspace: WorkspaceId, tasks: list[str]) -> None:
        """The agents read what has become of their tasks."""
        await self.store.picked_up(workspace, [TaskId(task) for task in tasks])
