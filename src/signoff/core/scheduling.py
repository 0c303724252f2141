"""From a ladder to the moments at which its rungs fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from signoff.core.calendar import Calendars
from signoff.core.durations import Duration, DurationKind, elapsed
from signoff.core.ladder import (
    DEFAULT_CLOSE,
    GRACE_AFTER_LAST_RUNG,
    MAX_REMINDERS,
    Do,
    Firing,
    Rung,
    Schedule,
)


def closed(
    rungs: Sequence[Rung], *, opened_at: datetime, calendars: Calendars, zone: str
) -> tuple[Rung, ...]:
    """Give a ladder that never ends its end, so that no task waits for ever.

    The rung is ``fail`` after 72 hours, or 24 hours after the last firing where that is later. A
    reminder without a ``max`` goes on until the task closes, so only its first one counts here.
    """
    if any(rung.ends for rung in rungs):
        return tuple(rungs)
    bounded = [rung if rung.max else replace(rung, every=None) for rung in rungs]
    firings = _firings(bounded, opened_at, calendars, zone, until=None)
    last = max((firing.at - opened_at for firing in firings), default=timedelta(0))
    close = max(DEFAULT_CLOSE, last + GRACE_AFTER_LAST_RUNG)
    return (*rungs, Rung(after=elapsed(close), do=Do.FAIL))


def lay_out(
    ladder: Sequence[Rung],
    *,
    opened_at: datetime,
    calendars: Calendars = (),
    zone: str = "UTC",
    until: datetime | None = None,
) -> Schedule:
    """Every firing of a closed ladder in order, ending with the one that ends the task.

    :param opened_at: when the stage opens; everything counts from here.
    :param zone: the zone of calendar days where there are no calendars.
    :param until: the deadline that nothing outlives; whatever would come at or after it gives way
        to a failure at that moment.
    """
    end = min(
        (reckon(opened_at, rung.after, calendars, zone), index)
        for index, rung in enumerate(ladder)
        if rung.ends
    )
    before = [
        firing
        for firing in _firings(ladder, opened_at, calendars, zone, until=end[0])
        if firing.rung is not None
        and not ladder[firing.rung].ends
        and (firing.at, firing.rung) < end
    ]
    last = Firing(at=end[0], do=ladder[end[1]].do, rung=end[1])
    schedule = (*sorted(before, key=lambda f: (f.at, f.rung or 0)), last)
    if until is None or last.at <= until:
        return schedule
    kept = tuple(firing for firing in schedule if firing.at < until)
    return (*kept, Firing(at=until, do=Do.FAIL, rung=None))


def reckon(start: datetime, duration: Duration, calendars: Calendars, zone: str) -> datetime:
    """When a duration that begins at ``start`` is over."""
    if duration.kind is DurationKind.ELAPSED:
        return start + duration.span
    raise NotImplementedError(duration.kind)


def _firings(
    ladder: Sequence[Rung],
    opened_at: datetime,
    calendars: Calendars,
    zone: str,
    *,
    until: datetime | None,
) -> Iterator[Firing]:
    for index, rung in enumerate(ladder):
        at = reckon(opened_at, rung.after, calendars, zone)
        yield Firing(at=at, do=rung.do, rung=index)
        if rung.every is None:
            continue
        for nth in range(2, (rung.max or MAX_REMINDERS) + 1):
            at = reckon(at, rung.every, calendars, zone)
            if until is not None and at >= until:
                break
            yield Firing(at=at, do=rung.do, rung=index, nth=nth)
