"""What time does: the ladder climbs, a sleep ends, the intent's own deadline passes.

A timer that comes early, twice, or for something that no longer waits changes nothing.
"""

from __future__ import annotations

from typing import assert_never

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.ladder import Do, Firing, tick
from signoff.core.moves.answers import after_conclusion
from signoff.core.moves.turn import Turn
from signoff.core.task import Task
from signoff.core.words import TaskState

REVISING = "the agent has yet to hand in its revision"
OVERTAKEN = "a later rung was due too"


def fire(turn: Turn, command: c.FireTimer) -> None:
    """Do what is due of this kind; where the intent's own deadline has passed, that alone."""
    deadline = turn.state.deadline
    if deadline is not None and turn.now >= deadline:
        _time_out(turn)
        return
    match command.kind:
        case c.TimerKind.DEADLINE:
            pass
        case c.TimerKind.SLEEP:
            _wake(turn)
        case c.TimerKind.RUNG:
            if command.task_id is not None and command.task_id in turn.state.tasks:
                _climb(turn, turn.task(command.task_id))
        case _:
            assert_never(command.kind)


def _time_out(turn: Turn) -> None:
    reason = "the intent's own deadline passed"
    turn.close_tasks(reason)
    turn.emit(e.IntentTimedOut(reason=reason))


def _wake(turn: Turn) -> None:
    due = [name for name, until in turn.state.sleeps.items() if until <= turn.now]
    for name in due:
        turn.emit(e.IntentAwoke(name=name))
    turn.settle()


def _climb(turn: Turn, task: Task) -> None:
    if not task.live:
        return
    due = tick(task.to_come, now=turn.now)
    if due is None:
        return
    for firing in due.skipped:
        _skip(turn, task, firing, OVERTAKEN)
    _fire_rung(turn, task, due.fire)


def _skip(turn: Turn, task: Task, firing: Firing, reason: str) -> None:
    turn.emit(
        e.RungSkipped(
            task_id=task.id,
            rung=firing.rung,
            nth=firing.nth,
            due_at=firing.at,
            reason=reason,
        )
    )


def _fire_rung(turn: Turn, task: Task, firing: Firing) -> None:
    rung = task.ladder[firing.rung] if firing.rung is not None else None
    due_at = firing.at
    match firing.do:
        case Do.REMIND if task.awaiting_revision:  # nobody it would reach can do anything now
            _skip(turn, task, firing, REVISING)
        case Do.REMIND:
            turn.emit(
                e.TaskReminded(task_id=task.id, rung=firing.rung, nth=firing.nth, due_at=due_at)
            )
        case Do.ESCALATE if rung is not None and firing.rung is not None:
            if task.state is TaskState.CLAIMED:
                turn.emit(e.TaskReleased(task_id=task.id, reason="escalated"))
            turn.emit(e.TaskEscalated(task_id=task.id, rung=firing.rung, due_at=due_at, to=rung.to))
        case Do.CONCLUDE if rung is not None:
            _conclude_late(turn, task, rung.outcome or "")
        case Do.FAIL:
            turn.emit(e.TaskExpired(task_id=task.id, due_at=due_at))
            turn.close_tasks("another task of the intent expired")
            turn.emit(e.IntentFailed(reason=f"nobody decided task {task.id} in time"))
        case _:
            raise NotImplementedError(firing.do)


def _conclude_late(turn: Turn, task: Task, outcome: str) -> None:
    turn.emit(
        e.TaskConcluded(
            task_id=task.id,
            outcome=outcome,
            data=None,
            comment=None,
            evidence=(),
            reason="nobody decided in time; the ladder concluded",
        )
    )
    after_conclusion(turn, task.id)
