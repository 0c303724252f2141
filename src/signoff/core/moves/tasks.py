"""The moves of a task that decide nothing: claim, release, revise, withdraw."""

from __future__ import annotations

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.moves.answers import require_asked
from signoff.core.moves.turn import Turn
from signoff.core.routing import Actor
from signoff.core.words import ActorKind
from signoff.errors import AlreadyClaimed, IllegalMove, NotClaimed


def claim(turn: Turn, command: c.ClaimTask) -> None:
    task = turn.task(command.task_id)
    require_asked(turn, task, turn.person())
    if task.claimed_by is None:
        turn.emit(e.TaskClaimed(task_id=task.id))


def release(turn: Turn, command: c.ReleaseTask) -> None:
    task = turn.task(command.task_id)
    if task.claimed_by is None:
        raise NotClaimed(f"nobody has claimed task {task.id}")
    if not _may_release(turn, task.claimed_by):
        raise AlreadyClaimed(
            f"{task.claimed_by.label} has claimed this task; only they or an administrator "
            "can release it",
            about={"claimed_by": task.claimed_by.label},
        )
    turn.emit(e.TaskReleased(task_id=task.id, reason="released"))


def revise(turn: Turn, command: c.ReviseTask) -> None:
    task = turn.task(command.task_id)
    if not task.awaiting_revision:
        raise IllegalMove("nobody has requested changes to this task")
    first = task.ask.first_stage
    opening = turn.opening(task.ask, first, after=task)
    turn.emit(e.TaskRevised(task_id=task.id, content=command.content, opening=opening))
    turn.settle()


def withdraw(turn: Turn, command: c.WithdrawTask) -> None:
    turn.emit(e.TaskWithdrawn(task_id=command.task_id, reason=command.reason))
    turn.settle()
    if turn.state.ends_with_decision and not turn.state.live_tasks:
        turn.emit(e.IntentCanceled(reason=command.reason))


def _may_release(turn: Turn, holder: Actor) -> bool:
    if turn.actor.kind is ActorKind.ADMIN:
        return True
    person = turn.person()
    return person.id == holder.id or ("administrator" in person.roles and not person.disabled)
