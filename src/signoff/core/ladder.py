"""By when: the rungs of a task's ladder and the schedule they make.

A ladder is flattened into a schedule of firings once, at opening. A task then holds only how many
of them are behind it, so exactly one firing is next while the task waits, and none afterwards.
Durations here are elapsed time: ``24h`` is 24 hours whatever the wall clock does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from signoff.core.routing import Selector
from signoff.errors import FieldError, InvalidTask

MAX_RUNGS = 10
MAX_REMINDERS = 100
LONGEST = timedelta(days=3650)
DEFAULT_CLOSE = timedelta(hours=72)
GRACE_AFTER_LAST_RUNG = timedelta(hours=24)


class Do(StrEnum):
    """What a rung does. ``conclude`` and ``fail`` close the task."""

    REMIND = "remind"
    ESCALATE = "escalate"
    CONCLUDE = "conclude"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung: ``after`` the opening, do this; a reminder may repeat ``every`` up to ``max``."""

    after: timedelta
    do: Do
    to: tuple[Selector, ...] = ()
    outcome: str | None = None
    every: timedelta | None = None
    max: int | None = None

    @property
    def closes(self) -> bool:
        return self.do in (Do.CONCLUDE, Do.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One moment at which one rung fires: ``nth`` counts a reminder's repeats from 1."""

    after: timedelta
    rung: int
    nth: int


_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.ASCII)
_ISO_DURATION = re.compile(
    r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?", re.ASCII
)
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str, *, field: str) -> timedelta:
    """Read an elapsed duration: ``90s``, ``15m``, ``24h``, ``3d`` or ISO 8601 ``PT24H``.

    :raises InvalidTask: it is no duration, is zero, or is longer than ten years.
    """
    found = _read_duration(text.strip())
    if found is None:
        message = f"{text!r} is no duration; write e.g. 30m, 24h or PT24H"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    if not timedelta(0) < found <= LONGEST:
        message = f"{text!r} must be more than zero and at most ten years"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    return found


def _read_duration(text: str) -> timedelta | None:
    try:
        if simple := _DURATION.fullmatch(text):
            return timedelta(**{_UNITS[simple[2]]: float(simple[1])})
        iso = _ISO_DURATION.fullmatch(text)
        if iso and any(iso.groups()):
            return timedelta(**{_UNITS[unit]: float(n) for unit, n in iso.groupdict().items() if n})
    except OverflowError:
        return LONGEST * 2
    return None


def closed(rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    """Give a ladder that never closes its closing rung, so that no task waits for ever.

    The rung is ``fail`` after 72 hours, or 24 hours after the last firing where that is later. A
    reminder without a ``max`` goes on until the task closes, so only its first one counts here.
    """
    if any(rung.closes for rung in rungs):
        return tuple(rungs)
    bounded = [rung if rung.max else replace(rung, every=None) for rung in rungs]
    last = max((firing.after for firing in _firings(bounded)), default=timedelta(0))
    close = max(DEFAULT_CLOSE, last + GRACE_AFTER_LAST_RUNG)
    return (*rungs, Rung(after=close, do=Do.FAIL))


@lru_cache(maxsize=4096)
def schedule(ladder: tuple[Rung, ...]) -> tuple[Firing, ...]:
    """Every firing of a closed ladder in order, ending with the one that closes the task.

    Most tasks share a few ladders, and every look at a due time asks for this: hence the cache.
    """
    closing = min((rung.after, index) for index, rung in enumerate(ladder) if rung.closes)
    open_ended = [
        firing
        for firing in _firings(ladder, until=closing[0])
        if not ladder[firing.rung].closes and (firing.after, firing.rung) < closing
    ]
    last = Firing(after=closing[0], rung=closing[1], nth=1)
    return (*sorted(open_ended, key=lambda f: (f.after, f.rung)), last)


def _firings(ladder: Sequence[Rung], *, until: timedelta = LONGEST) -> list[Firing]:
    found: list[Firing] = []
    for index, rung in enumerate(ladder):
        found.append(Firing(after=rung.after, rung=index, nth=1))
        if rung.every is None:
            continue
        for nth in range(2, (rung.max or MAX_REMINDERS) + 1):
            after = rung.after + rung.every * (nth - 1)
            if after >= until:
                break
            found.append(Firing(after=after, rung=index, nth=nth))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one tick of the clock does to one ladder: skip these firings, then fire this one."""

    skipped: tuple[Firing, ...]
    fire: Firing
    behind: int


def tick(
    ladder: tuple[Rung, ...], *, opened_at: datetime, behind: int, now: datetime
) -> Tick | None:
    """Choose the single firing of this tick, or None when nothing is due.

    Never two firings of one task in one tick. After an outage a missed reminder is skipped when
    something later is due too, and a task past its deadline closes at once.

    :param behind: how many firings of the schedule are already behind the task.
    """
    firings = schedule(ladder)
    due = [firing for firing in firings[behind:] if opened_at + firing.after <= now]
    if not due:
        return None
    chosen = _weightiest(ladder, due)
    index = due.index(chosen)
    return Tick(skipped=tuple(due[:index]), fire=chosen, behind=behind + index + 1)


def _weightiest(ladder: Sequence[Rung], due: Sequence[Firing]) -> Firing:
    if ladder[due[-1].rung].closes:
        return due[-1]
    lasting = (firing for firing in due if ladder[firing.rung].do is not Do.REMIND)
    return next(lasting, due[-1])
