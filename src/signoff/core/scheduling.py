"""From a ladder to the moments at which its rungs fire, and to later ones where it is put off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from signoff.core.calendar import Calendars, add_days, add_months
from signoff.core.durations import Duration, DurationKind, elapsed, plus, times
from signoff.core.ladder import (
    DEFAULT_CLOSE,
    GRACE_AFTER_LAST_RUNG,
    MAX_REMINDERS,
    Do,
    Firing,
    Rung,
    Schedule,
)
from signoff.core.workingtime import add_business_days, add_working, working_between

_SOME_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


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
    ladder = tuple(ladder)
    if all(map(_is_elapsed, ladder)):
        shift = opened_at - _SOME_MOMENT
        schedule = tuple(
            Firing(at=f.at + shift, do=f.do, rung=f.rung, nth=f.nth)
            for f in _of_elapsed_time(ladder)
        )
    else:
        schedule = _lay_out(ladder, opened_at, calendars, zone)
    return cut(schedule, until)


def put_off(
    to_come: Sequence[Firing],
    ladder: Sequence[Rung],
    *,
    since: datetime,
    until: datetime,
    calendars: Calendars,
) -> Schedule:
    """What is still to come, after time that does not count.

    Whatever time was left is left after: elapsed time, or working time where that is what a rung
    counts. What was due before stays due.

    :param since: from when time does not count, and ``until`` when.
    """
    later = (
        replace(firing, at=_later(firing, ladder, since, until, calendars)) for firing in to_come
    )
    return _until_the_end(_in_order(later), ladder)


def cut(schedule: Schedule, until: datetime | None) -> Schedule:
    """The same schedule, but for a deadline at which the task fails whatever else would come."""
    if until is None or schedule[-1].at <= until:
        return schedule
    kept = tuple(firing for firing in schedule if firing.at < until)
    return (*kept, Firing(at=until, do=Do.FAIL, rung=None))


def with_reminder(to_come: Sequence[Firing], at: datetime) -> Schedule:
    """What is still to come with one reminder that somebody asked for, in place of an earlier."""
    kept = (firing for firing in to_come if not (firing.do is Do.REMIND and firing.rung is None))
    return _in_order((*kept, Firing(at=at, do=Do.REMIND, rung=None)))


def reckon(start: datetime, duration: Duration, calendars: Calendars, zone: str) -> datetime:
    """When a duration that begins at ``start`` is over.

    :param zone: the zone of calendar days where there are no calendars.
    """
    match duration.kind:
        case DurationKind.ELAPSED:
            return start + duration.span
        case DurationKind.DAYS:
            return add_days(start, duration.span.days, _zone(calendars, zone))
        case DurationKind.MONTHS:
            return add_months(start, duration.months, _zone(calendars, zone))
        case DurationKind.WORKING:
            return add_working(start, duration.span, calendars)
        case DurationKind.BUSINESS_DAYS:
            return add_business_days(start, duration.span.days, calendars)


def counted_by(firing: Firing, ladder: Sequence[Rung]) -> Duration | None:
    """The duration a firing comes from; None where it is a moment that somebody has set."""
    if firing.rung is None:
        return None
    rung = ladder[firing.rung]
    return rung.after if firing.nth == 1 or rung.every is None else rung.every


def _is_elapsed(rung: Rung) -> bool:
    return all(
        duration is None or duration.kind is DurationKind.ELAPSED
        for duration in (rung.after, rung.every)
    )


@lru_cache(maxsize=256)
def _of_elapsed_time(ladder: tuple[Rung, ...]) -> Schedule:
    """The schedule of a ladder for which one moment of opening is as good as another."""
    return _lay_out(ladder, _SOME_MOMENT, (), "UTC")


def _lay_out(
    ladder: tuple[Rung, ...], opened_at: datetime, calendars: Calendars, zone: str
) -> Schedule:
    end = min(
        (reckon(opened_at, rung.after, calendars, zone), index)
        for index, rung in enumerate(ladder)
        if rung.ends
    )
    before = (
        firing
        for firing in _firings(ladder, opened_at, calendars, zone, until=end[0])
        if firing.rung is not None
        and not ladder[firing.rung].ends
        and (firing.at, firing.rung) < end
    )
    return (*_in_order(before), Firing(at=end[0], do=ladder[end[1]].do, rung=end[1]))


def _firings(
    ladder: Sequence[Rung],
    opened_at: datetime,
    calendars: Calendars,
    zone: str,
    *,
    until: datetime | None,
) -> Iterator[Firing]:
    for index, rung in enumerate(ladder):
        first = reckon(opened_at, rung.after, calendars, zone)
        yield Firing(at=first, do=rung.do, rung=index)
        if rung.every is None:
            continue
        for nth in range(2, (rung.max or MAX_REMINDERS) + 1):
            # Counted from the beginning each time: a gap in one night leaves the next as it was.
            more = times(rung.every, nth - 1)
            if more.kind is rung.after.kind:
                at = reckon(opened_at, plus(rung.after, more), calendars, zone)
            else:
                at = reckon(first, more, calendars, zone)
            if until is not None and at >= until:
                break
            yield Firing(at=at, do=rung.do, rung=index, nth=nth)


def _later(
    firing: Firing,
    ladder: Sequence[Rung],
    since: datetime,
    until: datetime,
    calendars: Calendars,
) -> datetime:
    if firing.at <= since:
        return firing.at
    duration = counted_by(firing, ladder)
    if duration is not None and duration.needs_calendar and calendars:
        left = working_between(since, firing.at, calendars)
        # An opening and the closing before it are the same working time, but not the same promise.
        return max(firing.at, add_working(until, left, calendars))
    return firing.at + (until - since)


def _until_the_end(schedule: Schedule, ladder: Sequence[Rung]) -> Schedule:
    """Without what would come after the end: put off by another kind of time, it may."""
    for index, firing in enumerate(schedule):
        if firing.rung is None and firing.do is Do.FAIL:
            return schedule[: index + 1]
        if firing.rung is not None and ladder[firing.rung].ends:
            return schedule[: index + 1]
    return schedule


def _in_order(firings: Iterator[Firing] | Sequence[Firing]) -> Schedule:
    """By time, then by place in the ladder; whatever ends the task is last of its moment."""
    return tuple(sorted(firings, key=_place))


def _place(firing: Firing) -> tuple[datetime, int, int]:
    last = firing.do is Do.FAIL and firing.rung is None
    return firing.at, 10**6 if last else firing.rung or 0, firing.nth


def _zone(calendars: Calendars, zone: str) -> str:
    return calendars[0].zone if calendars else zone
