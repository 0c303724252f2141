"""Timers: whatever comes due goes through the one door like any other command.

Timers are rows, leased to one replica at a time; a replica that dies loses its lease and another
one takes over. Whether a timer is due is the store's time to say, so none fires early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from signoff.core.commands import FireTimer, TimerKind
from signoff.core.plan import SetTimer
from signoff.core.routing import CLOCK, LADDER
from signoff.engine.execute import Door
from signoff.engine.ports import Change, DueTimer, Store
from signoff.logs import Log

_log = Log("signoff.timers")

AT_ONCE = 200
_SHORTEST = 0.001


class Timers:
    """Fires what is due, and sleeps until the next thing will be.

    :param poll_seconds: the longest sleep: another replica may have armed, or left, a timer.
    :param lease_seconds: how long a claimed timer belongs to this replica.
    """

    def __init__(
        self, store: Store, door: Door, *, poll_seconds: float, lease_seconds: float
    ) -> None:
        self._store = store
        self._door = door
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._earlier = asyncio.Event()
        self._sleeping_until: datetime | None = None

    def armed(self, changes: Sequence[Change]) -> None:
        """Wake up where a timer was armed that is due before the sleep would end."""
        for change in changes:
            for duty in change.duties:
                if isinstance(duty, SetTimer) and duty.at is not None:
                    until = self._sleeping_until
                    if until is None or duty.at < until:
                        self._earlier.set()

    async def run(self) -> None:
        """Fire timers for ever."""
        while True:
            self._earlier.clear()
            self._sleeping_until = None
            due = await self._store.claim_timers(limit=AT_ONCE, lease_seconds=self._lease_seconds)
            if due:
                await asyncio.gather(*(self._fire(timer) for timer in due))
            else:
                await self._sleep()

    async def _fire(self, timer: DueTimer) -> None:
        command = FireTimer(
            actor=LADDER if timer.kind is TimerKind.RUNG else CLOCK,
            kind=timer.kind,
            task_id=timer.task_id,
        )
        try:
            await self._door.execute(timer.workspace, command, timer.intent_id)
        except Exception as error:
            # Its lease runs out and it is tried again; the others are not held up by it.
            _log.warning("timer_failed", kind=timer.kind, reason=repr(error))

    async def _sleep(self) -> None:
        next_at = await self._store.next_timer()
        now = await self._store.now()
        seconds = self._poll_seconds
        if next_at is not None:
            seconds = min(seconds, max((next_at - now).total_seconds(), _SHORTEST))
            self._sleeping_until = next_at
        try:
            async with asyncio.timeout(seconds):
                await self._earlier.wait()
        except TimeoutError:
            pass
