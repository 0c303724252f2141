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
from signoff.core.routing import Selector
from signoff.core.words import TaskId


class NoticeReason(StrEnum):
    """Why people are told."""

    OPENED = "opened"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    ADVANCED = "advanced"
    REVISED = "revised"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Arm the one timer of this kind and subject, or disarm it where ``at`` is None."""

    kind: TimerKind
    task_id: TaskId | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Tell whoever these selectors reach when the notice goes out."""

    task_id: TaskId
    reason: NoticeReason
    to: tuple[Selector, ...]
    exclude: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAgent:
    """The agent must be told: a task it waits for has closed, or wants a revision."""

    task_id: TaskId


Duty: TypeAlias = SetTimer | Notify | WakeAgent


def plan(before: Intent | None, after: Intent, events: Sequence[e.Event]) -> tuple[Duty, ...]:
    """Return every duty that follows from these events, which led from ``before`` to ``after``."""
    return (
        *_timers(before, after),
        *_notices(after, events),
        *_wake_ups(events),
    )


def _timers(before: Intent | None, after: Intent) -> Iterator[SetTimer]:
    """Compare armed times, so that no event can be forgotten: what differs is set anew."""
    was, now = _armed(before), _armed(after)
    for subject in {**was, **now}:
        if was.get(subject) != now.get(subject):
            kind, task_id = subject
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


_TELLS_PEOPLE: Mapping[type[e.Body], NoticeReason] = {
    e.TaskOpened: NoticeReason.OPENED,
    e.TaskReminded: NoticeReason.REMINDED,
    e.TaskAdvanced: NoticeReason.ADVANCED,
    e.TaskRevised: NoticeReason.REVISED,
    e.TaskEscalated: NoticeReason.ESCALATED,
}


def _notices(after: Intent, events: Sequence[e.Event]) -> Iterator[Notify]:
    """Nobody is told of a task that has closed again before anybody could be told."""
    for event in events:
        body = event.body
        reason = _TELLS_PEOPLE.get(type(body))
        if reason is None or not isinstance(body, e.TaskBody):
            continue
        task = after.tasks[body.task_id]
        if task.live:
            to = body.to if isinstance(body, e.TaskEscalated) else task.asked.who
            yield Notify(task_id=task.id, reason=reason, to=to)


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
