"""What to do about what happened: timers to arm or disarm, notices and wake-ups to send.

``plan`` is pure. Its duties are written in the deciding transaction; whoever carries them out
afterwards may do so more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from signoff.core import events as e
from signoff.core.commands import TimerKind
from signoff.core.intent import Intent
from signoff.core.routing import Selector
from signoff.core.task import Task
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


def _notices(after: Intent, events: Sequence[e.Event]) -> Iterator[Notify]:
    for event in events:
        match event.body:
            case e.TaskOpened(task_id=task_id):
                yield _to_stage(after.tasks[task_id], NoticeReason.OPENED)
            case e.TaskReminded(task_id=task_id):
                yield _to_stage(after.tasks[task_id], NoticeReason.REMINDED)
            case e.TaskAdvanced(task_id=task_id):
                yield _to_stage(after.tasks[task_id], NoticeReason.ADVANCED)
            case e.TaskRevised(task_id=task_id):
                yield _to_stage(after.tasks[task_id], NoticeReason.REVISED)
            case e.TaskEscalated(task_id=task_id, to=to):
                yield Notify(task_id=task_id, reason=NoticeReason.ESCALATED, to=to)
            case _:
                pass


def _to_stage(task: Task, reason: NoticeReason) -> Notify:
    return Notify(task_id=task.id, reason=reason, to=task.asked.who)


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
