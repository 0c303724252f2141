"""What one rung does when it fires, and why one does nothing.

A rung that fires noticeably late, and one that is skipped, says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest
from signoff.core.durations import elapsed, in_words
from signoff.core.ladder import Do, Firing, Rung
from signoff.core.moments import rfc3339
from signoff.core.moves.answers import after_conclusion, void_answers
from signoff.core.moves.intents import MAX_LIVE_TASKS, ask_people
from signoff.core.moves.turn import Turn
from signoff.core.openings import stand_ins_for
from signoff.core.routing import Selector, SelectorKind
from signoff.core.task import StandIn, Task
from signoff.core.tasks.override import REFUSED
from signoff.core.words import TaskId, TaskState, TaskType
from signoff.errors import InvalidInput

NOTICEABLE = timedelta(seconds=60)

REVISING = "the agent has yet to hand in its revision"
BEGUN = "somebody has begun"
ASKED_ALREADY = "operators are asked already"
ENOUGH_TASKS = f"the intent waits on {MAX_LIVE_TASKS} tasks already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One rung about to fire.

    :param to: whom it reaches.
    :param replaces: whether they are asked instead of, not beside, those asked so far.
    :param late: why it fires later than it was due, where it noticeably does.
    :param new_task: the id of the override task, should it ask for one.
    """

    firing: Firing
    to: tuple[Selector, ...] = ()
    replaces: bool = False
    late: str | None = None
    new_task: TaskId | None = None


def aim(task: Task, firing: Firing, command: c.FireTimer, now: datetime) -> Shot:
    """The firing as its rung has it."""
    rung = _rung(task, firing)
    return Shot(
        firing=firing,
        to=rung.to if rung else (),
        replaces=rung.replace if rung else False,
        late=lateness(firing, now, command.outage),
        new_task=command.new_task,
    )


def lateness(firing: Firing, now: datetime, outage: c.Outage | None) -> str | None:
    """Why it fires later than it was due; None where hardly anybody could tell."""
    late = now - firing.at
    if late <= NOTICEABLE:
        return None
    if outage is None:
        return f"{in_words(late)} late: nobody came round to it earlier"
    return f"{in_words(late)} late: {downtime(outage)}"


def downtime(outage: c.Outage) -> str:
    return f"no server ran from {rfc3339(outage.start)} until {rfc3339(outage.end)}"


def idle_in(turn: Turn, task: Task) -> Callable[[Firing], str | None]:
    """Why a firing of the task would do nothing now, where it would not."""

    def idle(firing: Firing) -> str | None:
        rung = _rung(task, firing)
        if rung is not None and rung.unless_claimed and task.started:
            return BEGUN
        match firing.do:
            case Do.REMIND if task.awaiting_revision:
                return REVISING  # nobody it would reach can do anything now
            case Do.REMIND if rung and task.snoozed_until and firing.at < task.snoozed_until:
                return f"snoozed until {rfc3339(task.snoozed_until)}"
            case Do.OVERRIDE if _operators_asked(turn, task):
                return ASKED_ALREADY
            case _:
                return None

    return idle


def skip(turn: Turn, task: Task, firing: Firing, reason: str) -> None:
    turn.emit(
        e.RungSkipped(
            task_id=task.id,
            rung=firing.rung,
            nth=firing.nth,
            due_at=firing.at,
            reason=reason,
        )
    )


def shoot(turn: Turn, task: Task, shot: Shot) -> None:
    """Let the rung do what it does."""
    firing = shot.firing
    match firing.do:
        case Do.REMIND:
            turn.emit(
                e.TaskReminded(
                    task_id=task.id,
                    rung=firing.rung,
                    nth=firing.nth,
                    due_at=firing.at,
                    late=shot.late,
                )
            )
        case Do.NOTIFY:
            turn.emit(
                e.TaskNotified(
                    task_id=task.id,
                    rung=_place(firing),
                    due_at=firing.at,
                    to=shot.to,
                    late=shot.late,
                )
            )
        case Do.ESCALATE:
            _escalate(turn, task, shot)
        case Do.REASSIGN:
            _reassign(turn, task, shot)
        case Do.OVERRIDE:
            _ask_operators(turn, task, shot)
        case Do.CONCLUDE:
            _conclude(turn, task, shot)
        case Do.FAIL:
            turn.emit(e.TaskExpired(task_id=task.id, due_at=firing.at, late=shot.late))
            turn.close_tasks("another task of the intent expired")
            turn.emit(e.IntentFailed(reason=f"nobody decided task {task.id} in time"))
        case _:
            assert_never(firing.do)


def _escalate(turn: Turn, task: Task, shot: Shot) -> None:
    _release(turn, task, "escalated")
    turn.emit(
        e.TaskEscalated(
            task_id=task.id,
            rung=_place(shot.firing),
            due_at=shot.firing.at,
            to=shot.to,
            replaces=shot.replaces,
            stand_ins=_stand_ins(turn, task, shot.to),
            late=shot.late,
        )
    )
    if shot.replaces:
        void_answers(turn, task.id)


def _reassign(turn: Turn, task: Task, shot: Shot) -> None:
    _release(turn, task, "reassigned")
    turn.emit(
        e.TaskReassigned(
            task_id=task.id,
            who=shot.to,
            to=shot.to,
            reason="nobody has decided by now",
            rung=_place(shot.firing),
            due_at=shot.firing.at,
            stand_ins=_stand_ins(turn, task, shot.to),
            late=shot.late,
        )
    )
    void_answers(turn, task.id)


def _release(turn: Turn, task: Task, reason: str) -> None:
    if task.state is TaskState.CLAIMED:
        turn.emit(e.TaskReleased(task_id=task.id, reason=reason))


def _stand_ins(turn: Turn, task: Task, to: tuple[Selector, ...]) -> tuple[StandIn, ...]:
    return stand_ins_for(task, to, turn.directory, now=turn.now, barred=turn.barred(task.ask))


def _ask_operators(turn: Turn, task: Task, shot: Shot) -> None:
    """Open an override task beside this one. It ends when this one would, and decides nothing."""
    if len(turn.state.live_tasks) >= MAX_LIVE_TASKS:
        skip(turn, task, shot.firing, ENOUGH_TASKS)
        return
    new = shot.new_task or TaskId(f"{task.id}-override-{shot.firing.rung}")
    left = task.due_at - turn.now
    end = Rung(after=elapsed(left), do=Do.CONCLUDE, outcome=REFUSED)
    fields = {
        "type": TaskType.OVERRIDE,
        "title": f"Nobody has decided: {task.ask.title}"[:300],
        "assignees": [_reference(selector) for selector in shot.to],
        "reason": f"Task {task.id} has waited since {rfc3339(task.opened_at)}.",
    }
    try:
        ask_people(turn, AskRequest(id=new, fields=fields), ladder=(end,))
    except InvalidInput as nobody:
        skip(turn, task, shot.firing, f"operators cannot be asked: {nobody.message}")
        return
    turn.emit(
        e.OverrideAsked(
            task_id=task.id,
            rung=_place(shot.firing),
            due_at=shot.firing.at,
            override_task_id=new,
            late=shot.late,
        )
    )


def _conclude(turn: Turn, task: Task, shot: Shot) -> None:
    rung = _rung(task, shot.firing)
    assert rung is not None
    reason = "nobody decided in time; the ladder concluded"
    turn.emit(
        e.TaskConcluded(
            task_id=task.id,
            outcome=rung.outcome or "",
            data=None,
            comment=None,
            evidence=(),
            reason=f"{reason}, {shot.late}" if shot.late else reason,
        )
    )
    after_conclusion(turn, task.id)


def _operators_asked(turn: Turn, task: Task) -> bool:
    asked = turn.state.tasks.get(task.override_task) if task.override_task else None
    return asked is not None and asked.live


def _rung(task: Task, firing: Firing) -> Rung | None:
    return None if firing.rung is None else task.ladder[firing.rung]


def _place(firing: Firing) -> int:
    assert firing.rung is not None
    return firing.rung


def _reference(selector: Selector) -> str:
    if selector.kind is SelectorKind.PERSON:
        return f"{selector.kind}:{selector.value}"
    return selector.label
