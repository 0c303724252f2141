"""Moves time: whenever everything stands still, the clock jumps to whatever comes next.

Everything stands still when no request is being served, all that the agent has sent waits for
something to happen, the door is idle, nothing is overdue and every notice is sent. Then nothing can
happen before the next timer is due, or the next scripted person acts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import httpx2

from signoff.core.moments import rfc3339
from signoff.core.words import TaskState, WorkspaceId
from signoff.engine.ports import Page as StorePage
from signoff.engine.ports import TaskFilter
from signoff.server.services import Services
from signoff.testing.clock import ManualClock
from signoff.testing.people import Due, Human, coming, play
from signoff.testing.traffic import Traffic

LONGEST = timedelta(days=3660)
PATIENCE = 10.0

_TURNS = 30
"""Turns of the agent's loop in which whatever it has been told leads to its next request."""

_BREATH = 0.0005


class NothingLeft(AssertionError):
    """The agent waits, and nothing will ever happen."""


class NotWaiting(AssertionError):
    """The agent neither ends nor waits for Signoff."""


class Driver:
    """Jumps from event to event. It runs on the server's loop.

    :param humans: everybody who has a script; may grow meanwhile.
    """

    def __init__(
        self,
        clock: ManualClock,
        traffic: Traffic,
        humans: Collection[Human],
        workspace: WorkspaceId,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._clock = clock
        self._traffic = traffic
        self._humans = humans
        self._workspace = workspace
        self._patience = patience
        self._holds = 0
        self._over = False
        self.services: Services | None = None
        self.http: httpx2.AsyncClient | None = None

    def hold(self, change: int) -> None:
        """Let time stand still until as many holds are taken back."""
        self._holds += change
        self._traffic.stirred.set()

    def stop(self) -> None:
        """The agent has ended: stop at the next opportunity."""
        self._over = True
        self._traffic.stirred.set()

    async def accompany(self) -> None:
        """Move time for an agent until it ends.

        :raises NothingLeft: it waits, and nothing is left to happen.
        :raises NotWaiting: for a long while it has done something that is not waiting for Signoff.
        """
        self._over = False
        began = self._clock.now()
        while True:
            await self._come_to_rest((), attended=True)
            if self._over:
                return
            moment, acts = await self._next()
            if moment is None:
                raise NothingLeft(await self._picture())
            if moment - began > LONGEST:
                raise NothingLeft(f"the agent still waits after {LONGEST.days} days")
            await self._go(moment, acts)

    async def advance(self, until: datetime, callers: Sequence[asyncio.AbstractEventLoop]) -> None:
        """Move time to this moment, through everything that happens on the way.

        :param callers: loops on which agents may be at work that nobody else tells us about.
        """
        self._over = False
        while True:
            await self._come_to_rest(callers, attended=False)
            moment, acts = await self._next()
            if moment is None or moment > until:
                break
            await self._go(moment, acts)
        self._clock.jump_to(max(until, self._clock.now()))
        await self._come_to_rest(callers, attended=False)

    async def _go(self, moment: datetime, acts: Sequence[Due]) -> None:
        self._clock.jump_to(max(moment, self._clock.now()))
        await self._let_timers_fire()
        assert self.http is not None
        now = self._clock.now()
        await play([due for due in acts if due.at <= now], self.http, now)

    async def _next(self) -> tuple[datetime | None, Sequence[Due]]:
        """When something happens next, and what people are going to do, as things stand."""
        services = self._running
        assert self.http is not None
        settings = await services.store.settings(self._workspace)
        acts = await coming(list(self._humans), self.http, self._clock.now(), settings)
        timer = await services.store.next_timer()
        moments = [due.at for due in acts] + ([timer] if timer is not None else [])
        return min(moments, default=None), acts

    # Standing still

    async def _come_to_rest(
        self, callers: Sequence[asyncio.AbstractEventLoop], *, attended: bool
    ) -> None:
        while not self._over:
            mark = self._traffic.count
            if attended and (self._holds or not self._traffic.open):
                await self._until_stirred()
                continue
            if not self._at_rest():
                await asyncio.sleep(_BREATH)
                continue
            for loop in {*self._traffic.callers, *callers}:
                await _let_run(loop)
            await self._let_timers_fire()
            await self._flush()
            if mark == self._traffic.count and self._at_rest():
                return

    def _at_rest(self) -> bool:
        return not self._serving and self._running.door.idle

    @property
    def _serving(self) -> bool:
        """Whether a request is being served, rather than waiting for something to happen."""
        return self._traffic.open > self._running.wakeups.waiting

    async def _until_stirred(self) -> None:
        self._traffic.stirred.clear()
        try:
            async with asyncio.timeout(self._patience):
                await self._traffic.stirred.wait()
        except TimeoutError:
            if not self._holds:
                raise NotWaiting(
                    f"for {self._patience:g} seconds the agent has neither ended nor waited for "
                    "Signoff; time moves only while it waits"
                ) from None

    async def _let_timers_fire(self) -> None:
        services, now = self._running, self._clock.now()
        assert services.timers is not None
        ends = time.monotonic() + self._patience
        while await services.store.overdue_timers(now) or not services.door.idle:
            if time.monotonic() > ends:
                raise NothingLeft(f"a timer that was due at {rfc3339(now)} does not fire")
            services.timers.look()
            await asyncio.sleep(_BREATH)

    async def _flush(self) -> None:
        services = self._running
        assert services.notices is not None
        await services.notices.flush()
        await services.pickups.flush()

    @property
    def _running(self) -> Services:
        assert self.services is not None, "the server is down"
        return self.services

    async def _picture(self) -> str:
        """What there is while nothing happens, for whoever reads why a test failed."""
        live = TaskFilter(states=(TaskState.OPEN, TaskState.CLAIMED))
        found = await self._running.store.tasks(self._workspace, live, StorePage(limit=20))
        waiting = [
            f"  {each.task.ask.title!r} asks {_asked(each.task.asked.who)}" for each in found
        ]
        refused = [f"  {h.email}: {r.tried}: {r.detail}" for h in self._humans for r in h.refused]
        lines = [f"at {rfc3339(self._clock.now())} the agent waits, and nothing is left to happen"]
        lines += ["open tasks:", *waiting] if waiting else ["no task is open"]
        lines += ["refused:", *refused] if refused else []
        return "\n".join(lines)


def _asked(who: Sequence[object]) -> str:
    return ", ".join(str(getattr(selector, "label", selector)) for selector in who)


async def _let_run(loop: asyncio.AbstractEventLoop) -> None:
    """Let the loop go round a few times, so that what it has been told comes to something."""
    try:
        asked = asyncio.run_coroutine_threadsafe(_turns(), loop)
    except RuntimeError:  # it has been closed
        return
    try:
        async with asyncio.timeout(1.0):  # it may be blocked, or stopped
            await asyncio.wrap_future(asked)
    except TimeoutError:
        asked.cancel()


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
