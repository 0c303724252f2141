"""By when: the rungs of a ladder, and the moments at which they fire.

When a stage of a task opens, its ladder is laid out in moments once; a task then holds these
firings and how many of them are behind it, so exactly one is next while it waits. What was promised
at opening stays so, whatever becomes of calendars, zones and holidays later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signoff.core.durations import Duration
from signoff.core.routing import Selector

MAX_RUNGS = 10
MAX_REMINDERS = 100
MAX_FIRINGS = 300
DEFAULT_CLOSE = timedelta(hours=72)
GRACE_AFTER_LAST_RUNG = timedelta(hours=24)


class Do(StrEnum):
    """What a rung does. ``conclude`` and ``fail`` close the task."""

    REMIND = "remind"
    NOTIFY = "notify"
    ESCALATE = "escalate"
    REASSIGN = "reassign"
    OVERRIDE = "override"
    CONCLUDE = "conclude"
    FAIL = "fail"


CLOSING = frozenset({Do.CONCLUDE, Do.FAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung: ``after`` the opening of the stage, do this.

    :param to: whom it escalates or reassigns to, tells, or asks for the override.
    :param outcome: what it concludes with.
    :param every: a reminder repeats, ``max`` times in all.
    :param replace: an escalation asks ``to`` instead of, not beside, those asked so far.
    :param unless_claimed: a start deadline: nothing happens where somebody has begun by then.
    """

    after: Duration
    do: Do
    to: tuple[Selector, ...] = ()
    outcome: str | None = None
    every: Duration | None = None
    max: int | None = None
    replace: bool = False
    unless_claimed: bool = False

    @property
    def closes(self) -> bool:
        return self.do in CLOSING

    @property
    def ends(self) -> bool:
        """Whether it closes the task whatever people have done by then."""
        return self.closes and not self.unless_claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One moment at which one rung fires: ``nth`` counts a reminder's repeats from 1.

    ``rung`` is its place in the ladder; None for a reminder that somebody asked for by snoozing.
    """

    at: datetime
    do: Do
    rung: int | None
    nth: int = 1


Schedule = tuple[Firing, ...]
"""Firings in order of time, then of the ladder. The last one ends the task."""


OVERTAKEN = "a later rung was due too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one tick of the clock does to one ladder: skip these firings, then fire this one.

    :param skipped: each with the reason why.
    """

    skipped: tuple[tuple[Firing, str], ...]
    fire: Firing | None


def tick(
    firings: Sequence[Firing], *, now: datetime, idle: Callable[[Firing], str | None]
) -> Tick | None:
    """Choose the single firing of this tick, or None when nothing is due.

    Never two firings of one task in one tick. A missed reminder is skipped when something later is
    due too, and a task past its deadline closes at once.

    :param firings: those that are still to come.
    :param idle: why a firing would do nothing now, where it would not; such a one is skipped.
    """
    due = [(firing, idle(firing)) for firing in firings if firing.at <= now]
    if not due:
        return None
    chosen = _weightiest([firing for firing, why in due if why is None])
    before = due if chosen is None else due[: [firing for firing, _ in due].index(chosen)]
    return Tick(skipped=tuple((firing, why or OVERTAKEN) for firing, why in before), fire=chosen)


def _weightiest(due: Sequence[Firing]) -> Firing | None:
    closing = next((firing for firing in due if firing.do in CLOSING), None)
    lasting = next((firing for firing in due if firing.do is not Do.REMIND), None)
    return closing or lasting or (due[-1] if due else None)
