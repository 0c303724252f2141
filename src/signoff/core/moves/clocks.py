"""The moves of a task's clock: snooze, extend, pause, resume.

None of them decides anything. Whatever they do, exactly one rung is next, and the end stays an end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.durations import in_words
from signoff.core.ladder import Schedule
from signoff.core.moments import rfc3339
from signoff.core.moves.turn import Turn
from signoff.core.routing import named_by
from signoff.core.scheduling import cut, with_reminder
from signoff.core.tally import seat_of, seats
from signoff.core.task import Task
from signoff.core.words import ActorKind
from signoff.errors import Forbidden, IllegalMove, InvalidInput

RAN_OUT = "the clock has stood as long as it may"


def snooze(turn: Turn, command: c.SnoozeTask) -> None:
    """No reminder before the moment, and one then."""
    task = turn.task(command.task_id)
    _require_asked(turn, task)
    _require_running(task)
    if command.until <= turn.now:
        raise InvalidInput.at("until", f"{rfc3339(command.until)} has passed already")
    if command.until >= task.due_at:
        due = rfc3339(task.due_at)
        raise InvalidInput.at(
            "until", f"the task is due at {due}; snooze it until some time before"
        )
    schedule = with_reminder(task.to_come, command.until)
    turn.emit(e.TaskSnoozed(task_id=task.id, until=command.until, schedule=schedule))


def extend(turn: Turn, command: c.ExtendTask) -> None:
    """Let whatever is still to come come later."""
    task = turn.task(command.task_id)
    _require_may_extend(turn)
    _require_reason(command.reason, "say in a sentence why it is given more time")
    _require_running(task)
    if command.by <= timedelta(0):
        raise InvalidInput.at("by", "more time is more than none")
    end = task.to_come[-1].at
    most = _latest_end(turn, task)
    if most is not None and end + command.by > most[0]:
        more = max(most[0] - end, timedelta(0))
        left = f"{in_words(more)} more" if more else "no more time"
        raise InvalidInput.at("by", f"{most[1]}; the task can be given {left}")
    schedule = tuple(replace(firing, at=firing.at + command.by) for firing in task.to_come)
    turn.emit(
        e.TaskExtended(task_id=task.id, by=command.by, reason=command.reason, schedule=schedule)
    )


def pause(turn: Turn, command: c.PauseTask) -> None:
    """Stop the clock while the task waits on its requester."""
    task = turn.task(command.task_id)
    if turn.actor.kind is not ActorKind.ADMIN:
        _require_asked(turn, task)
    _require_reason(command.reason, "say in a sentence what the task waits for")
    if not task.ask.pause:
        raise IllegalMove("this task does not allow its clock to stand; its `pause` is not set")
    _require_running(task)
    until = turn.now + turn.directory.settings.longest_pause
    turn.emit(e.TaskPaused(task_id=task.id, reason=command.reason, until=until))


def resume(turn: Turn, command: c.ResumeTask) -> None:
    """Let the clock go on."""
    task = turn.task(command.task_id)
    if turn.actor.kind not in (ActorKind.ADMIN, ActorKind.AGENT):
        _require_asked(turn, task)
    if task.paused_at is None:
        raise IllegalMove("the clock of this task goes on already")
    _go_on(turn, task, turn.now, command.reason)


def end_pause(turn: Turn, task: Task) -> None:
    """Let a clock go on that has stood as long as it may, from the moment it may not any more."""
    if task.pause_ends is not None and turn.now >= task.pause_ends:
        _go_on(turn, task, task.pause_ends, RAN_OUT)


def _go_on(turn: Turn, task: Task, at: datetime, reason: str) -> None:
    at = at if task.pause_ends is None else min(at, task.pause_ends)
    schedule: Schedule = cut(task.resumed_at(at), turn.state.deadline)
    turn.emit(e.TaskResumed(task_id=task.id, reason=reason, schedule=schedule))


def _latest_end(turn: Turn, task: Task) -> tuple[datetime, str] | None:
    """The latest moment the task may end at, and why."""
    longest, deadline = turn.directory.settings.limits.longest, turn.state.deadline
    ends = []
    if longest is not None:
        why = f"an administrator has set that nothing waits longer than {in_words(longest)}"
        ends.append((task.stage_opened_at + longest, why))
    if deadline is not None:
        ends.append((deadline, f"the deadline of its intent is {rfc3339(deadline)}"))
    return min(ends, default=None)


def _require_asked(turn: Turn, task: Task) -> None:
    person, barred = turn.person(), turn.barred(task.ask)
    if not seats(task, person, turn.directory, barred=barred):
        seat_of(task, person, turn.directory, barred=barred)  # raises, saying why there is none


def _require_may_extend(turn: Turn) -> None:
    if turn.actor.kind is ActorKind.ADMIN:
        return
    person = turn.person()
    allowed = turn.directory.settings.may_extend
    if person.disabled or not named_by(allowed, person):
        needed = ", ".join(allowed) or "an administrator's key"
        raise Forbidden(f"{person.email} may not give a task more time; that takes {needed}")


def _require_running(task: Task) -> None:
    if task.paused_at is not None:
        raise IllegalMove("the clock of this task stands; let it go on first")


def _require_reason(reason: str, message: str) -> None:
    if not reason.strip():
        raise InvalidInput.at("reason", message)
