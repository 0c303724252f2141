"""Why not: the errors that say what became of a task or an intent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from signoff.core import commands as c
from signoff.core.intent import Intent
from signoff.core.task import Task
from signoff.core.words import TaskState
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
        about |= {"outcome": won.outcome, "by": won.by.label, "at": won.at.isoformat()}
        return AlreadyConcluded(
            f"{won.by.label} decided {won.outcome} at {won.at.isoformat()}", about=about
        )
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
    if now >= task.due_at:
        raise TaskExpired(
            f"the deadline of task {task.id} passed at {task.due_at.isoformat()}",
            about={"task_id": task.id, "due_at": task.due_at.isoformat()},
        )
