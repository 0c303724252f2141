"""From the fields of a request to its ladder: the rungs as asked for, or the default ones.

A ladder that makes no sense is refused here, with the place in the request: rungs that could never
fire, time that would decide what only people may, more or other time than an administrator allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from signoff.core.calendar import Calendars
from signoff.core.chain import Stage
from signoff.core.durations import (
    LONGEST,
    Duration,
    DurationKind,
    elapsed,
    in_words,
    parse_duration,
    spoken,
)
from signoff.core.ladder import MAX_FIRINGS, MAX_REMINDERS, MAX_RUNGS, Do, Rung
from signoff.core.moments import read_moment
from signoff.core.routing import Directory, Selector, resolve
from signoff.core.scheduling import closed, lay_out, reckon
from signoff.core.words import TaskType
from signoff.core.workspace import OPERATING_ROLES
from signoff.errors import InvalidTask

Fields = Mapping[str, Any]

MAX_TO = 50
CLAIMED = "claimed"

DEFAULT_LADDER: tuple[Fields, ...] = (
    {"after": "24h", "do": "remind", "every": "8h", "max": 3},
    {"after": "48h", "do": "escalate", "to": "role:backup-approver"},
    {"after": "72h", "do": "fail"},
)

START = "task.start_deadline"
KEPT = "an administrator has set that every task keeps to the times of the workspace"
NEVER = "so much working time does not come up within ten years"

_WITH_TO = frozenset({Do.ESCALATE, Do.REASSIGN, Do.NOTIFY, Do.OVERRIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """What a ladder is read with.

    :param directory: whom its references name, and what an administrator has set.
    :param type: the type of the task: it has default rungs, and outcomes time may give.
    :param outcomes: the outcomes this task can have; a rung concludes with one of them.
    :param favourable: the go-ahead outcomes of its type, which time alone gives by leave only.
    :param now: when the task is asked for.
    """

    directory: Directory
    type: TaskType
    outcomes: tuple[str, ...]
    favourable: frozenset[str]
    now: datetime


def read_times(
    fields: Fields, stages: Sequence[Stage], clockwork: Clockwork
) -> tuple[tuple[Rung, ...], datetime | None]:
    """Read by when a task wants its answer: the ladder of its stages, and a deadline if any.

    :param stages: as read; the ladder is for those that have none of their own.
    :raises InvalidTask: the times make no sense, or are others than an administrator allows.
    :raises UnknownPerson: a rung escalates to somebody who is not in the directory.
    """
    counting = [stage.calendars for stage in stages if stage.ladder is None]
    calendars = min(counting, key=len, default=stages[0].calendars)
    start = fields.get("start_deadline")
    ladder = read_ladder(
        fields.get("ladder"), clockwork, calendars, "task.ladder", start_deadline=start
    )
    if fields.get("deadline") is None:
        return ladder, None
    deadline = _deadline(fields["deadline"], clockwork, stages[0].calendars, "task.deadline")
    if start is not None:
        begun = _over(parse_duration(start, field=START), clockwork, calendars)
        if begun >= deadline:
            raise InvalidTask.at(
                START, "it lies at or after the deadline, which ends the task anyway"
            )
    return ladder, deadline


def counting(stages: Sequence[Stage], ladder: Sequence[Rung]) -> tuple[Stage, ...]:
    """The stages without the calendars by which no rung of theirs counts.

    A calendar is kept with the task as it was, single days and all, so that what was promised
    stays so; that is not done for nothing.
    """
    return tuple(
        stage
        if not stage.calendars or any(map(_counts, stage.ladder or ladder))
        else replace(stage, calendars=())
        for stage in stages
    )


def _counts(rung: Rung) -> bool:
    kinds = {rung.after.kind, rung.every.kind if rung.every else rung.after.kind}
    return kinds != {DurationKind.ELAPSED}


def read_ladder(
    rows: Sequence[Fields] | None,
    clockwork: Clockwork,
    calendars: Calendars,
    field: str,
    *,
    start_deadline: str | None = None,
) -> tuple[Rung, ...]:
    """Read a ladder; the one that comes back always ends the task.

    :param rows: the rungs of the request, or None for the default ones of its type.
    :param calendars: what its working durations count by.
    :param field: where they stand in the request, e.g. ``task.ladder``.
    :param start_deadline: how long after opening the task fails unless somebody has begun.
    :raises InvalidTask: a rung makes no sense, or is more than an administrator allows.
    :raises UnknownPerson: a rung escalates to somebody who is not in the directory.
    """
    if not clockwork.directory.settings.limits.own_ladder:
        if rows is not None:
            raise InvalidTask.at(field, KEPT)
        if start_deadline is not None:
            raise InvalidTask.at(START, KEPT)
    own = rows is not None
    if not own and start_deadline is None and _nothing_is_set(clockwork):
        return tuple(each.rung for each in _out_of_the_box())
    placed = _default(clockwork) if rows is None else _placed(rows, clockwork, field)
    if start_deadline is not None:
        after = parse_duration(start_deadline, field=START)
        started = Rung(after=after, do=Do.FAIL, unless_claimed=True)
        placed = (*placed, _Placed(rung=started, field=START, own=True))
    return _judged(placed, clockwork, calendars, field, own=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A rung with the field that says when it fires. ``own``: the request brought it."""

    rung: Rung
    field: str
    own: bool


def _nothing_is_set(clockwork: Clockwork) -> bool:
    settings = clockwork.directory.settings
    return clockwork.type not in settings.ladders and settings.limits.longest is None


def _default(clockwork: Clockwork) -> tuple[_Placed, ...]:
    rows = clockwork.directory.settings.ladders.get(clockwork.type)
    if rows is None:
        return _out_of_the_box()
    return _placed(rows, clockwork, f"ladders.{clockwork.type}", own=False)


@cache
def _out_of_the_box() -> tuple[_Placed, ...]:
    rungs = (_rung(row, "ladder", Directory()) for row in DEFAULT_LADDER)
    return tuple(_Placed(rung=rung, field="ladder", own=False) for rung in rungs)


def _placed(
    rows: Sequence[Fields], clockwork: Clockwork, field: str, *, own: bool = True
) -> tuple[_Placed, ...]:
    if len(rows) > MAX_RUNGS:
        raise InvalidTask.at(field, f"a ladder has at most {MAX_RUNGS} rungs, not {len(rows)}")
    found = []
    for index, row in enumerate(rows):
        where = f"{field}.{index}"
        rung = _rung(row, where, clockwork.directory)
        if rung.outcome is not None:
            _require_safe(rung.outcome, clockwork, f"{where}.conclude")
        found.append(_Placed(rung=rung, field=f"{where}.after", own=own))
    return tuple(found)


def _rung(row: Fields, where: str, directory: Directory) -> Rung:
    do, outcome = _verb(row, where)
    every, most = _repeats(row, do, where)
    if row.get("replace") and do is not Do.ESCALATE:
        raise InvalidTask.at(
            f"{where}.replace", "only an escalation can replace those asked so far"
        )
    return Rung(
        after=parse_duration(row.get("after") or "", field=f"{where}.after"),
        do=do,
        to=_to(row, do, where, directory),
        outcome=outcome,
        every=every,
        max=most,
        replace=bool(row.get("replace")),
        unless_claimed=_unless(row, where),
    )


def _verb(row: Fields, where: str) -> tuple[Do, str | None]:
    """Read ``do: remind``, ``conclude: rejected`` or ``do: conclude, outcome: rejected``."""
    outcome = row.get("conclude") or row.get("outcome")
    do = row.get("do") or (Do.CONCLUDE if outcome else None)
    if do not in tuple(Do) or (do == Do.CONCLUDE) is not bool(outcome):
        verbs = ", ".join(verb for verb in Do if verb is not Do.CONCLUDE)
        choices = f"{verbs}, or conclude: OUTCOME"
        raise InvalidTask.at(
            f"{where}.do", f"{row.get('do')!r} is no verb of a rung; use {choices}"
        )
    return Do(do), outcome


def _to(row: Fields, do: Do, where: str, directory: Directory) -> tuple[Selector, ...]:
    to = row.get("to")
    named: Sequence[str] = (to,) if isinstance(to, str) else (to or ())
    if named and do not in _WITH_TO:
        raise InvalidTask.at(
            f"{where}.to", f"a rung that is to {do} is for whoever is asked already"
        )
    if len(named) > MAX_TO:
        raise InvalidTask.at(f"{where}.to", f"a rung reaches at most {MAX_TO} people or groups")
    if not named and do is Do.OVERRIDE:
        named = OPERATING_ROLES
    if not named and do in _WITH_TO:
        raise InvalidTask.at(
            f"{where}.to", f"say to whom a rung is to {do}, e.g. role:backup-approver"
        )
    return tuple(dict.fromkeys(resolve(ref, directory, field=f"{where}.to") for ref in named))


def _repeats(row: Fields, do: Do, where: str) -> tuple[Duration | None, int | None]:
    every, most = row.get("every"), row.get("max")
    if do is not Do.REMIND and (every is not None or most is not None):
        raise InvalidTask.at(f"{where}.every", f"only a reminder repeats, and this rung is to {do}")
    if most is not None and not 0 < most <= MAX_REMINDERS:
        raise InvalidTask.at(f"{where}.max", f"a rung reminds 1 to {MAX_REMINDERS} times")
    if every is None:
        return None, most
    return parse_duration(every, field=f"{where}.every"), most


def _unless(row: Fields, where: str) -> bool:
    unless = row.get("unless")
    if unless not in (None, CLAIMED):
        raise InvalidTask.at(
            f"{where}.unless", f"{unless!r} is no exception of a rung; use {CLAIMED!r}"
        )
    return unless == CLAIMED


def _require_safe(outcome: str, clockwork: Clockwork, field: str) -> None:
    if outcome not in clockwork.outcomes:
        raise InvalidTask.at(field, f"{outcome!r} is none of {', '.join(clockwork.outcomes)}")
    if outcome not in clockwork.favourable:
        return
    allowed = clockwork.directory.settings.limits.may_conclude.get(clockwork.type, ())
    if outcome not in allowed:
        raise InvalidTask.at(
            field,
            f"running out of time never means {outcome!r}, for nobody decided it; an "
            "administrator can allow it in limits.may_conclude",
        )


# A ladder as a whole


def _judged(
    placed: tuple[_Placed, ...],
    clockwork: Clockwork,
    calendars: Calendars,
    field: str,
    *,
    own: bool,
) -> tuple[Rung, ...]:
    for each in placed:
        _require_countable(each, clockwork, calendars)
    rungs = tuple(each.rung for each in placed)
    _require_before_the_end(placed, rungs)
    zone = clockwork.directory.settings.zone
    ladder = closed(rungs, opened_at=clockwork.now, calendars=calendars, zone=zone)
    for each in placed:
        if each.own and each.rung.closes:
            left = _over(each.rung.after, clockwork, calendars) - clockwork.now
            _require_within_limits(left, clockwork, each.field)
    ladder = _bounded(ladder, clockwork)
    if own:
        _require_before_the_end(placed, ladder)
    if sum(map(_most_firings, ladder)) > MAX_FIRINGS:
        firings = lay_out(ladder, opened_at=clockwork.now, calendars=calendars, zone=zone)
        if len(firings) > MAX_FIRINGS:
            raise InvalidTask.at(
                field, f"a ladder fires at most {MAX_FIRINGS} times, not {len(firings)}"
            )
    return ladder


def _most_firings(rung: Rung) -> int:
    return 1 if rung.every is None else rung.max or MAX_REMINDERS


def _require_countable(each: _Placed, clockwork: Clockwork, calendars: Calendars) -> None:
    """Refuse working time that nothing counts, or that never comes up."""
    after, every = each.rung.after, each.rung.every
    _require_calendar(after, calendars, each.field)
    if every is not None:
        _require_calendar(every, calendars, f"{each.field.removesuffix('after')}every")
    if after.needs_calendar and _over(after, clockwork, calendars) >= clockwork.now + LONGEST:
        raise InvalidTask.at(each.field, NEVER)


def _require_calendar(duration: Duration, calendars: Calendars, field: str) -> None:
    if duration.needs_calendar and not calendars:
        raise InvalidTask.at(
            field, "working time needs a calendar; name one in `calendar`, or set a default one"
        )


def _require_before_the_end(placed: Sequence[_Placed], ladder: Sequence[Rung]) -> None:
    """Refuse a rung that never fires, whenever the ladder begins to count.

    Where two kinds of time are compared, only what holds on every day of the year counts.
    """
    for end in (rung for rung in ladder if rung.ends):
        for each in placed:
            if each.rung is not end and _never_before(each.rung.after, end.after):
                message = f"this rung never fires, for the ladder ends after {spoken(end.after)}"
                raise InvalidTask.at(each.field, message)


def _never_before(duration: Duration, end: Duration) -> bool:
    if duration.kind is end.kind:
        return (duration.span, duration.months) >= (end.span, end.months)
    return end.kind is DurationKind.ELAPSED and _at_least(duration) >= end.span


def _at_least(duration: Duration) -> timedelta:
    """How much time passes at the very least, clocks put forward and short months considered."""
    match duration.kind:
        case DurationKind.ELAPSED | DurationKind.WORKING:
            return duration.span
        case DurationKind.DAYS:
            return duration.span - timedelta(hours=2)
        case DurationKind.MONTHS:
            return duration.months * timedelta(days=28) - timedelta(hours=2)
        case DurationKind.BUSINESS_DAYS:
            return max(duration.span - timedelta(days=2), timedelta(0))


def _require_within_limits(left: timedelta, clockwork: Clockwork, field: str) -> None:
    limits = clockwork.directory.settings.limits
    if limits.shortest is not None and left < limits.shortest:
        least = in_words(limits.shortest)
        raise InvalidTask.at(field, f"an administrator has set that people have at least {least}")
    if limits.longest is not None and left > limits.longest:
        most = in_words(limits.longest)
        raise InvalidTask.at(
            field, f"an administrator has set that nothing waits longer than {most}"
        )


def _bounded(ladder: tuple[Rung, ...], clockwork: Clockwork) -> tuple[Rung, ...]:
    """A ladder that may last longer than an administrator allows ends there at the latest."""
    longest = clockwork.directory.settings.limits.longest
    ends = [rung.after for rung in ladder if rung.ends]
    short = (end.kind is DurationKind.ELAPSED and end.span <= (longest or LONGEST) for end in ends)
    if longest is None or any(short):
        return ladder
    return (*ladder, Rung(after=elapsed(longest), do=Do.FAIL))


def _deadline(text: str, clockwork: Clockwork, calendars: Calendars, field: str) -> datetime:
    """Read ``2h``, ``3 business days`` or ``2026-03-01T12:00:00Z`` as the moment it means."""
    if not clockwork.directory.settings.limits.own_ladder:
        raise InvalidTask.at(field, KEPT)
    moment = read_moment(text.strip())
    if moment is None:
        duration = parse_duration(text, field=field)
        _require_calendar(duration, calendars, field)
        moment = _over(duration, clockwork, calendars)
        if duration.needs_calendar and moment >= clockwork.now + LONGEST:
            raise InvalidTask.at(field, NEVER)
    left = moment - clockwork.now
    if left <= timedelta(0):
        raise InvalidTask.at(field, f"{text} has passed already")
    if left > LONGEST and read_moment(text.strip()):
        raise InvalidTask.at(field, f"{text} is more than ten years away")
    _require_within_limits(left, clockwork, field)
    return moment


def _over(duration: Duration, clockwork: Clockwork, calendars: Calendars) -> datetime:
    return reckon(clockwork.now, duration, calendars, clockwork.directory.settings.zone)
