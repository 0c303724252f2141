"""What time does: the ladder climbs, a sleep ends, the intent's own deadline passes.

A timer that comes early, twice, or for something that no longer waits changes nothing.
"""

from __future__ import annotations

from typing import assert_never

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.ladder import tick
from signoff.core.moves.clocks import end_pause
from signoff.core.moves.firing import aim, idle_in, shoot, skip
from signoff.core.moves.outages import recover
from signoff.core.moves.turn import Turn
from signoff.core.words import TaskId


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
                _climb(turn, command.task_id, command)
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


def _climb(turn: Turn, task_id: TaskId, command: c.FireTimer) -> None:
    if not turn.task(task_id).live:
        return
    end_pause(turn, turn.task(task_id))
    task = turn.task(task_id)
    if task.paused_at is not None or recover(turn, task, command):
        return
    due = tick(task.to_come, now=turn.now, idle=idle_in(turn, task))
    if due is None:
        return
    for firing, reason in due.skipped:
        skip(turn, task, firing, reason)
    if due.fire is not None:
        shoot(turn, turn.task(task_id), aim(task, due.fire, command, turn.now))
