"""After an outage: what came due while no server ran is dealt with before anything is accepted.

Servers say that they are alive, in the store, every few seconds. Where none has for longer than
the threshold (a crash, a deploy gone wrong, a laptop asleep), the gap is on record as an outage.
Whoever starts, or wakes, first fires every timer that came due in it and says so; the rules then
decide what that means for each task. Doing it twice, or from two servers at once, is harmless.
"""

from __future__ import annotations

import asyncio
import time

from signoff.core.commands import Outage
from signoff.engine.execute import Door
from signoff.engine.ports import RecordedOutage, Store
from signoff.engine.timers import AT_ONCE, fire
from signoff.logs import Log

_log = Log("signoff.recovery")

_BEATS_PER_THRESHOLD = 6
_LOOK_AGAIN_SECONDS = 0.1
_NEVER = 10.0**9


class Recovery:
    """Beats while the server runs, and recovers where nobody did.

    :param outage_seconds: how long no server must have beaten for that to be an outage.
    :param lease_seconds: how long a claimed timer belongs to this replica.
    :param watch: whether a gap while this server runs is an outage as well, as when the machine
        slept. Not so where a test moves the clock.
    """

    def __init__(
        self,
        store: Store,
        door: Door,
        *,
        outage_seconds: float,
        lease_seconds: float,
        watch: bool = True,
    ) -> None:
        self._store = store
        self._door = door
        self._outage_seconds = outage_seconds
        self._lease_seconds = lease_seconds
        self._watch = watch
        self._beaten_at: float | None = None

    async def begin(self) -> None:
        """Recover from whatever came before; only then may requests be let in."""
        await self._beat(self._outage_seconds)

    async def check(self) -> None:
        """Beat, where it is time to; call this before timers are claimed.

        The wall clock counts here, for the machine may have slept.
        """
        every = self._outage_seconds / _BEATS_PER_THRESHOLD
        if not self._watch:
            await self._beat(_NEVER)
        elif self._beaten_at is None or abs(time.time() - self._beaten_at) >= every:
            await self._beat(self._outage_seconds)

    async def end(self) -> None:
        """Say that the server ran until now."""
        await self._store.beat(threshold_seconds=_NEVER)

    async def _beat(self, threshold_seconds: float) -> None:
        self._beaten_at = time.time()
        outage = await self._store.beat(threshold_seconds=threshold_seconds)
        while outage is not None:
            await self._recover(outage)
            outage = await self._store.beat(threshold_seconds=threshold_seconds)

    async def _recover(self, recorded: RecordedOutage) -> None:
        # Where a server died in its recovery, nothing was let in since, so all of it is one outage.
        outage = Outage(start=recorded.start, end=max(recorded.end, await self._store.now()))
        fired, patience = 0, 2 * self._lease_seconds
        while True:
            due = await self._store.claim_timers(limit=AT_ONCE, lease_seconds=self._lease_seconds)
            held_up = [timer for timer in due if timer.due_at <= outage.end]
            await asyncio.gather(
                *(fire(self._door, timer, outage=outage) for timer in held_up),
                *(fire(self._door, timer) for timer in due if timer.due_at > outage.end),
            )
            fired += len(held_up)
            if due:
                continue
            left = await self._store.overdue_timers(outage.end)
            if not left:
                break
            if patience <= 0:
                _log.warning("recovery_left_timers", left=left)
                break
            patience -= _LOOK_AGAIN_SECONDS  # another server has them, or had them when it died
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        await self._store.finish_outage(recorded.id)
        seconds = round((outage.end - outage.start).total_seconds())
        _log.info("recovered", outage_seconds=seconds, timers=fired)
