"""The whole ladder of a task in words: what has fired, what comes next and when, and why then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signoff.core.closed_days import reasons
from signoff.core.durations import DurationKind, in_words
from signoff.core.ladder import Do, Firing, Rung
from signoff.core.moments import rfc3339
from signoff.core.routing import LADDER
from signoff.core.scheduling import counted_by
from signoff.core.task import Past, Task
from signoff.core.words import TaskState

RESUME = "resume"


class EntryState(StrEnum):
    """Where one firing is."""

    DONE = "done"
    SKIPPED = "skipped"
    NEXT = "next"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One firing of the ladder.

    :param at: when it was due, or will be.
    :param do: the verb of its rung, or ``resume`` where a clock that stands goes on by itself.
    :param rung: its place in the ladder; None for what is not in it, such as a snoozed reminder.
    :param to: whom it reaches, where its rung says.
    :param text: what it does, in words.
    :param why: why it comes when it does: the calendar's reasons, or why it does nothing.
    """

    at: datetime
    do: str
    rung: int | None
    nth: int
    to: tuple[str, ...]
    text: str
    why: tuple[str, ...]
    state: EntryState


def timetable(task: Task, *, now: datetime) -> tuple[Entry, ...]:
    """Every firing of the present stage's ladder, in order: those behind and those to come.

    :param now: what is due by then and has not fired yet comes next.
    """
    behind = tuple(_behind(task, past) for past in task.past)
    if not task.live:
        return (*behind, *_last(task))
    return (*behind, *_to_come(task))


def _behind(task: Task, past: Past) -> Entry:
    state = EntryState.DONE if past.skipped is None else EntryState.SKIPPED
    late = (past.at - past.firing.at).total_seconds()
    why = past.skipped or (f"{in_words(past.at - past.firing.at)} late" if late >= 1 else None)
    return _entry(task, past.firing, state, (why,) if why else ())


def _last(task: Task) -> Iterator[Entry]:
    """The firing that closed the task, where the ladder did it."""
    decided = task.decision is not None and task.decision.by == LADDER
    if decided or task.state is TaskState.EXPIRED:
        closing = (f for f in task.to_come if f.do in (Do.FAIL, Do.CONCLUDE))
        if (firing := next(closing, None)) is not None:
            yield _entry(task, firing, EntryState.DONE, ())


def _to_come(task: Task) -> Iterator[Entry]:
    schedule, state = task.to_come, EntryState.NEXT
    stands: tuple[str, ...] = ()
    if task.pause_ends is not None and task.paused_at is not None:
        since = rfc3339(task.paused_at)
        yield Entry(
            at=task.pause_ends,
            do=RESUME,
            rung=None,
            nth=1,
            to=(),
            text="the clock goes on by itself, if nobody lets it go on before",
            why=(f"it stands since {since}",),
            state=state,
        )
        schedule, state = task.resumed_at(task.pause_ends), EntryState.LATER
        stands = (f"at the latest: the clock stands since {since}",)
    for firing in schedule:
        yield _entry(task, firing, state, (*stands, *_why(task, firing)))
        state = EntryState.LATER


def _entry(task: Task, firing: Firing, state: EntryState, why: tuple[str, ...]) -> Entry:
    rung = None if firing.rung is None else task.ladder[firing.rung]
    return Entry(
        at=firing.at,
        do=str(firing.do),
        rung=firing.rung,
        nth=firing.nth,
        to=tuple(selector.label for selector in rung.to) if rung else (),
        text=_text(firing, rung),
        why=why,
        state=state,
    )


def _text(firing: Firing, rung: Rung | None) -> str:
    to = ", ".join(selector.label for selector in rung.to) if rung else ""
    said = _verb(firing, rung, to)
    if rung is not None and rung.unless_claimed:
        return f"unless somebody has begun: {said}"
    return said


def _verb(firing: Firing, rung: Rung | None, to: str) -> str:
    match firing.do:
        case Do.REMIND if rung is None:
            return "remind everybody who is asked, as somebody wished by snoozing"
        case Do.REMIND:
            number = f" for the {_ordinal(firing.nth)} time" if firing.nth > 1 else ""
            return f"remind everybody who is asked{number}"
        case Do.NOTIFY:
            return f"tell {to}"
        case Do.ESCALATE if rung is not None and rung.replace:
            return f"ask {to} instead"
        case Do.ESCALATE:
            return f"ask {to} too"
        case Do.REASSIGN:
            return f"ask {to} instead"
        case Do.OVERRIDE:
            return f"ask {to} to take the run over"
        case Do.CONCLUDE:
            return f"conclude with {rung.outcome if rung else ''}"
        case Do.FAIL if rung is None:
            return "close the task at its deadline; the intent fails"
        case Do.FAIL:
            return "close the task; the intent fails"


def _why(task: Task, firing: Firing) -> Iterator[str]:
    rung = None if firing.rung is None else task.ladder[firing.rung]
    if rung is not None and rung.unless_claimed and task.started:
        yield "somebody has begun, so it does nothing"
    snoozed = task.snoozed_until
    if firing.do is Do.REMIND and rung is not None and snoozed and firing.at < snoozed:
        yield f"snoozed until {rfc3339(snoozed)}, so it does nothing"
    durations = [counted_by(firing, task.ladder), rung.after if rung else None]
    if any(duration is not None and duration.needs_calendar for duration in durations):
        yield from reasons(task.stage_opened_at, firing.at, task.calendars)
    elif durations[0] is not None and durations[0].kind is not DurationKind.ELAPSED:
        yield from _zone_of(task)


def _zone_of(task: Task) -> Iterator[str]:
    if task.calendars:
        yield f"the same time of day in {task.calendars[0].zone}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{ending or 'th'}"
