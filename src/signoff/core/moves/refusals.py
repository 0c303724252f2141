"""Why not: the errors that say what became of a task or an intent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from signoff.core import commands as c
from signoff.core.intent import Intent
from signoff.core.moments import rfc3339
from signoff.core.routing import Actor
from signoff.core.task import Task
from signoff.core.words import ActorKind, IntentStatus, TaskState
from signoff.errors import (
    AlreadyConcluded,
    IllegalMove,
    IntentClosed,
    NotFound,
    SignoffError,
    TaskExpired,
    TaskOverridden,
    TaskWithdrawn,
)

_CLOSED: Mapping[TaskState, type[SignoffError]] = {
    TaskState.EXPIRED: TaskExpired,
    TaskState.WITHDRAWN: TaskWithdrawn,
    TaskState.OVERRIDDEN: TaskOverridden,
}


def why_closed(task: Task) -> SignoffError:
    """The error that tells a loser what became of the task, who decided it, and when."""
    about: dict[str, Any] = {"task_id": task.id, "state": task.state}
    if task.decision is not None:
        won = task.decision
        at = rfc3339(won.at)
        about |= {"outcome": won.outcome, "by": won.by.label, "at": at}
        return AlreadyConcluded(f"{won.by.label} decided {won.outcome} at {at}", about=about)
    refusal = _CLOSED[task.state]
    return refusal(f"task {task.id} is {task.state}: {task.closed_because}", about=about)


def not_now(state: Intent | None, command: c.Command) -> SignoffError:
    """The error for a command that the intent's status does not allow."""
    if state is None:
        return NotFound("there is no such intent")
    verb = type(command).__name__
    if state.terminal:
        about = {"status": state.status, "reason": state.ended_because}
        return IntentClosed(
            f"intent {state.id} is {state.status}; {verb} comes too late", about=about
        )
    return IllegalMove(f"intent {state.id} is {state.status}; {verb} is not possible now")


def require_live(task: Task) -> None:
    if not task.live:
        raise why_closed(task)


def require_in_time(task: Task, now: datetime) -> None:
    """Raise at and after the due time, whether or not a timer has come round to closing it."""
    if now >= task.due_at:
        due = rfc3339(task.due_at)
        raise TaskExpired(
            f"the deadline of task {task.id} passed at {due}",
            about={"task_id": task.id, "due_at": due},
        )


def require_before_deadline(state: Intent, now: datetime) -> None:
    """Raise at and after the intent's own deadline: from then on only the clock moves it."""
    if state.deadline is not None and now >= state.deadline:
        raise IntentClosed(
            f"the deadline of intent {state.id} passed at {rfc3339(state.deadline)}",
            about={"status": IntentStatus.TIMED_OUT, "deadline": rfc3339(state.deadline)},
        )


def require_held(state: Intent, actor: Actor) -> None:
    """Raise for an agent whose run a person has taken over to finish it by hand."""
    if state.handed_over and actor.kind is ActorKind.AGENT:
        raise TaskOverridden(
            "a person took this run over and finishes it by hand; stop working on it",
            about={"intent_id": state.id},
        )
