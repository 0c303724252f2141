"""Metrics in Prometheus' format. No label holds an id, an address, or anything a caller chose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, Metric

from signoff.engine.ports import Depths
from signoff.errors import Broken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff.engine.execute import Door
    from signoff.server.services import Services

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DEPTHS_SECONDS = 5.0
STORE_SECONDS = 2.0
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"})

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The metrics of one application, with a registry of its own.

    :param monotonic: seconds that only ever grow; given in tests.
    """

    def __init__(
        self, services: Services, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._services = services
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._reading = asyncio.Lock()
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "signoff_http_request_seconds",
            "Requests by route, method and status, and how long they took, waiting included.",
            ("route", "method", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._children: dict[tuple[str, str, int], Histogram] = {}
        self._errors = Counter(
            "signoff_http_errors",
            "Requests that ended in an exception nobody expected.",
            registry=self.registry,
        )
        waiting = self._gauge("signoff_waiting_clients", "Requests that wait for news.")
        waiting.set_function(lambda: float(len(services.wakeups)))
        failing = self._gauge("signoff_loops_failing", "Background loops that do not run now.")
        failing.set_function(lambda: float(len(services.failing())))
        self._live_tasks = self._gauge("signoff_live_tasks", "Tasks that ask people now.")
        self._notices = self._gauge("signoff_outbox_notices", "Notices that are due.")
        self._resumes = self._gauge("signoff_outbox_resumes", "Wake-ups of agents that are due.")
        self._oldest = self._gauge(
            "signoff_oldest_resume_seconds",
            "How long the oldest decision has been waiting for its agent to read it.",
        )
        self._overdue = self._gauge("signoff_overdue_timers", "Timers that should have fired.")
        self._unlogged = self._gauge(
            "signoff_log_unsequenced", "Entries that no published checkpoint covers yet."
        )
        self._lag = self._gauge(
            "signoff_log_lag_seconds", "How long the oldest of those entries has been waiting."
        )
        broken = self._gauge(
            "signoff_log_broken", "Logs that do not go on, because what is stored is not sound."
        )
        broken.set_function(lambda: float(len(services.ledger.broken)))
        self._anchor_age = Gauge(
            "signoff_anchor_age_seconds",
            "How long the longest waiting log has been ahead of the anchors of a kind.",
            ("kind",),
            registry=self.registry,
        )
        self._store_up = self._gauge("signoff_store_up", "Whether the store answered just now.")
        self.registry.register(_DoorCollector(services.door))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request. ``route`` is a template of ours, never a path as it was sent."""
        named = method if method in METHODS else "other"
        labels = (route, named, status)
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._seconds.labels(route, named, str(status))
        child.observe(seconds)

    def broke(self) -> None:
        """Count one exception nobody expected."""
        self._errors.inc()

    async def render(self) -> bytes:
        """All of it; the depths are read from the store once in a while, not on every scrape."""
        async with self._reading:
            if self._read_at is None or self._monotonic() - self._read_at >= DEPTHS_SECONDS:
                await self._read_depths()
                self._read_at = self._monotonic()
        return generate_latest(self.registry)

    async def _read_depths(self) -> None:
        try:
            async with asyncio.timeout(STORE_SECONDS):
                depths = await self._services.store.depths()
                now = await self._services.store.now()
        except (Broken, TimeoutError):
            self._store_up.set(0)
            return
        self._store_up.set(1)
        self._set_depths(depths, now)

    def _set_depths(self, depths: Depths, now: datetime) -> None:
        self._live_tasks.set(depths.live_tasks)
        self._notices.set(depths.notices_due)
        self._resumes.set(depths.resumes_due)
        self._overdue.set(depths.overdue_timers)
        self._oldest.set(_since(depths.oldest_resume, now))
        self._unlogged.set(depths.unlogged)
        self._lag.set(_since(depths.oldest_unlogged, now))
        if self._services.anchoring is not None:
            for kind, age in self._services.anchoring.ages(now).items():
                self._anchor_age.labels(kind).set(max(0.0, age))

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(name, says, registry=self.registry)


def _since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


class _DoorCollector:
    """What went through the one door; commands divided by batches is the size of a commit."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def collect(self) -> Iterable[Metric]:
        batches = CounterMetricFamily("signoff_door_batches", "Transactions of the one door.")
        batches.add_metric((), self._door.batches)
        commands = CounterMetricFamily("signoff_door_commands", "Commands in them.")
        commands.add_metric((), self._door.commands)
        return (batches, commands)
