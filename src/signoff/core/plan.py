"""What to do about what happened: timers to arm or disarm, notices and wake-ups to send.

``plan`` is pure. Its duties are written in the deciding transaction; whoever carries them out
afterwards may do so more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from signoff.core import events as e
from signoff.core.commands import TimerKind
from signoff.core.intent import Intent
from signoff.core.routing import Actor, Selector, SelectorKind
from signoff.core.tally import barred, votes
from signoff.core.task import StandIn, Task
from signoff.core.words import ActorKind, TaskId


class NoticeReason(StrEnum):
    """Why people are told."""

    OPENED = "opened"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    REASSIGNED = "reassigned"
    DELEGATED = "delegated"
    ADVANCED = "advanced"
    REVISED = "revised"
    NOTIFIED = "notified"
    COMMENTED = "commented"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Arm the one timer of this kind and subject, or disarm it where ``at`` is None."""

    kind: TimerKind
    task_id: TaskId | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Tell whoever these selectors reach when the notice goes out.

    :param exclude: who is not told, though a selector may reach them.
    :param barred: references to people who are not told either: the task is about what they want.
    """

    task_id: TaskId
    reason: NoticeReason
    to: tuple[Selector, ...]
    exclude: tuple[Selector, ...] = ()
    barred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAgent:
    """The agent must be told: a task it waits for has closed, or wants a revision."""

    task_id: TaskId


Duty: TypeAlias = SetTimer | Notify | WakeAgent


def plan(before: Intent | None, after: Intent, events: Sequence[e.Event]) -> tuple[Duty, ...]:
    """Return every duty that follows from these events, which led from ``before`` to ``after``."""
    return (
        *_timers(before, after, events),
        *_notices(after, events),
        *_wake_ups(events),
    )


_RUNG_BEHIND = (
    e.TaskReminded,
    e.TaskNotified,
    e.TaskEscalated,
    e.TaskReassigned,
    e.OverrideAsked,
    e.RungSkipped,
)


def _timers(before: Intent | None, after: Intent, events: Sequence[e.Event]) -> Iterator[SetTimer]:
    """Compare armed times, so that no event can be forgotten: what differs is set anew.

    So is the next rung where one has fired, though both may be due at the same moment: whoever
    fired the first holds its timer, and must let go of it.
    """
    was, now = _armed(before), _armed(after)
    fired = {event.body.task_id for event in events if isinstance(event.body, _RUNG_BEHIND)}
    for subject in {**was, **now}:
        kind, task_id = subject
        if was.get(subject) != now.get(subject) or task_id in fired:
            yield SetTimer(kind=kind, task_id=task_id, at=now.get(subject))


def _armed(state: Intent | None) -> dict[tuple[TimerKind, TaskId | None], datetime]:
    if state is None or state.terminal:
        return {}
    armed: dict[tuple[TimerKind, TaskId | None], datetime] = {}
    if state.deadline is not None:
        armed[TimerKind.DEADLINE, None] = state.deadline
    if state.next_sleep is not None:
        armed[TimerKind.SLEEP, None] = state.next_sleep[1]
    for task in state.live_tasks:
        if task.next_rung_at is not None:
            armed[TimerKind.RUNG, task.id] = task.next_rung_at
    return armed


_TELLS_WHO_IS_ASKED: Mapping[type[e.Body], NoticeReason] = {
    e.TaskOpened: NoticeReason.OPENED,
    e.TaskReminded: NoticeReason.REMINDED,
    e.TaskAdvanced: NoticeReason.ADVANCED,
    e.TaskRevised: NoticeReason.REVISED,
    e.TaskEscalated: NoticeReason.ESCALATED,
    e.TaskReassigned: NoticeReason.REASSIGNED,
    e.TaskDelegated: NoticeReason.DELEGATED,
}
_TELLS_WATCHERS: Mapping[type[e.Body], NoticeReason] = {
    e.TaskConcluded: NoticeReason.DECIDED,
    e.TaskExpired: NoticeReason.CLOSED,
    e.TaskWithdrawn: NoticeReason.CLOSED,
    e.TaskOverridden: NoticeReason.CLOSED,
}


def _notices(after: Intent, events: Sequence[e.Event]) -> Iterator[Notify]:
    """Nobody is asked about a task that has closed again before anybody could be told."""
    for event in events:
        body = event.body
        if not isinstance(body, e.TaskBody):
            continue
        task = after.tasks[body.task_id]
        if (closing := _TELLS_WATCHERS.get(type(body))) is not None:
            if task.watchers:
                yield Notify(task_id=task.id, reason=closing, to=task.watchers)
        elif task.live and isinstance(body, e.TaskCommented):
            yield from _commented(task, event)
        elif task.live and isinstance(body, e.TaskNotified):
            yield Notify(
                task_id=task.id,
                reason=NoticeReason.NOTIFIED,
                to=body.to,
                exclude=task.asked.exclude,
            )
        elif task.live and (reason := _TELLS_WHO_IS_ASKED.get(type(body))) is not None:
            yield Notify(
                task_id=task.id,
                reason=reason,
                to=_asked_by(task, body),
                exclude=(*task.asked.exclude, *_done(task, body)),
                barred=barred(task.ask, after.requesters),
            )


def _asked_by(task: Task, body: e.TaskBody) -> tuple[Selector, ...]:
    """Whom the event is news to: those who are asked anew, or everybody; and who stands in."""
    match body:
        case e.TaskEscalated(to=to, stand_ins=new) | e.TaskReassigned(to=to, stand_ins=new):
            return _together(to, new)
        case e.TaskDelegated(stand_in=given):
            return _together((), (given,))
        case _:
            return _together(task.asked.who, task.stand_ins)


def _together(who: Sequence[Selector], stand_ins: Sequence[StandIn]) -> tuple[Selector, ...]:
    deputies = (_person(each.deputy) for each in stand_ins)
    return tuple(dict.fromkeys((*who, *deputies)))


def _done(task: Task, body: e.TaskBody) -> Iterator[Selector]:
    """A reminder leaves out who has answered, and for whom somebody has."""
    if isinstance(body, e.TaskReminded):
        for vote in votes(task):
            yield _person(vote.by)
            if vote.seat != vote.by.id:
                yield Selector(kind=SelectorKind.PERSON, value=vote.seat, label=vote.seat)


def _commented(task: Task, event: e.Event) -> Iterator[Notify]:
    """Whoever is on the task or looks on is told, but for who says it."""
    to = tuple(dict.fromkeys((*_together(task.asked.who, task.stand_ins), *task.watchers)))
    said_by = (_person(event.actor),) if event.actor.kind is ActorKind.PERSON else ()
    exclude = (*task.asked.exclude, *said_by)
    yield Notify(task_id=task.id, reason=NoticeReason.COMMENTED, to=to, exclude=exclude)


def _person(actor: Actor) -> Selector:
    return Selector(kind=SelectorKind.PERSON, value=actor.id, label=actor.label)


_TELLS_THE_AGENT = (
    e.TaskConcluded,
    e.TaskExpired,
    e.TaskWithdrawn,
    e.TaskOverridden,
    e.ChangesRequested,
)


def _wake_ups(events: Sequence[e.Event]) -> Iterator[WakeAgent]:
    for event in events:
        if isinstance(event.body, _TELLS_THE_AGENT):
            yield WakeAgent(task_id=event.body.task_id)
