"""Timers: whatever comes due goes through the one door like any other command.

Timers are rows, leased to one replica at a time; a replica that dies loses its lease and another
one takes over. Whether a timer is due is the store's time to say, so none fires early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from uuid6 import uuid7

from signoff.core.commands import FireTimer, Outage, TimerKind
from signoff.core.plan import SetTimer
from signoff.core.routing import CLOCK, LADDER
from signoff.core.words import TaskId
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
    :param before: what to do before timers are claimed: see to it that no outage is overlooked.
    """

    def __init__(
        self,
        store: Store,
        door: Door,
        *,
        poll_seconds: float,
        lease_seconds: float,
        before: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._door = door
        self._before = before
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

    def look(self) -> None:
        """Look at once what is due: somebody has moved the clock."""
        self._earlier.set()

    async def run(self) -> None:
        """Fire timers for ever."""
        while True:
            self._earlier.clear()
            self._sleeping_until = None
            await self._before()
            due = await self._store.claim_timers(limit=AT_ONCE, lease_seconds=self._lease_seconds)
            if due:
                await asyncio.gather(*(fire(self._door, timer) for timer in due))
            else:
                await self._sleep()

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


async def fire(door: Door, timer: DueTimer, *, outage: Outage | None = None) -> None:
    """Send one timer through the door.

    :param outage: the outage during which it came due, where it did.
    """
    command = FireTimer(
        actor=LADDER if timer.kind is TimerKind.RUNG else CLOCK,
        kind=timer.kind,
        task_id=timer.task_id,
        outage=outage,
        new_task=TaskId(f"task_{uuid7().hex}"),
    )
    try:
        await door.execute(timer.workspace, command, timer.intent_id)
    except Exception as error:
        # Its lease runs out and it is tried again; the others are not held up by it.
        _log.warning("timer_failed", kind=timer.kind, reason=repr(error))
