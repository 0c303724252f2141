"""What an outage of all servers means for a task that missed rungs meanwhile.

``strict``: a missed rung fires late, like any that is late. ``fair``, which is decided here: missed
reminders are skipped; of the rungs that were missed one fires, for everybody they would have
reached; and whatever is still to come, the end too, comes as much later as the outage lasted. An
outage is given back once, however often its recovery runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.ladder import CLOSING, Do, Firing, Schedule
from signoff.core.moves.firing import Shot, aim, downtime, idle_in, shoot, skip
from signoff.core.moves.turn import Turn
from signoff.core.routing import Selector
from signoff.core.scheduling import cut, put_off
from signoff.core.task import Task
from signoff.core.words import OutageRule

_ASKING = frozenset({Do.ESCALATE, Do.REASSIGN})
_KINDS = (_ASKING, frozenset({Do.OVERRIDE}), frozenset({Do.NOTIFY}))
"""Rungs that do the same kind of thing, the weightiest first. Being told gives nobody a say."""


def recover(turn: Turn, task: Task, command: c.FireTimer) -> bool:
    """Give a task back the time of an outage in which it missed something.

    :returns: False where there is nothing to give back, and what is due is merely late.
    """
    outage = command.outage
    if outage is None or task.ask.outage is OutageRule.STRICT:
        return False
    since = max(outage.start, task.stage_opened_at, task.recovered_until or outage.start)
    until = min(outage.end, turn.now)
    idle = idle_in(turn, task)
    due = [firing for firing in task.to_come if firing.at <= until]
    ends = [firing for firing in due if firing.do in CLOSING and idle(firing) is None]
    if since >= until or not due or any(firing.at <= since for firing in ends):
        return False
    missed = [firing for firing in due if firing not in ends]
    able = [firing for firing in missed if firing.do is not Do.REMIND and idle(firing) is None]
    firing_now = _of_one_kind(able)
    waiting = [firing for firing in able if firing not in firing_now]
    gone = [firing for firing in missed if firing not in waiting]
    turn.emit(
        e.TaskRecovered(
            task_id=task.id,
            down_from=since,
            down_until=until,
            schedule=_given_back(turn, task, gone, since=since, until=until),
        )
    )
    for firing in gone:
        if firing_now and firing is firing_now[-1]:
            shoot(turn, turn.task(task.id), _together(task, firing_now, command, turn.now))
        else:
            skip(turn, task, firing, idle(firing) or downtime(outage))
    return True


def _of_one_kind(missed: Sequence[Firing]) -> list[Firing]:
    """The weightiest kind of what was missed. The others are put off, for each does its own."""
    for kind in _KINDS:
        if found := [firing for firing in missed if firing.do in kind]:
            return found
    return []


def _given_back(
    turn: Turn, task: Task, gone: Sequence[Firing], *, since: datetime, until: datetime
) -> Schedule:
    left = [firing for firing in task.to_come if firing not in gone]
    later = put_off(left, task.ladder, since=since, until=until, calendars=task.calendars)
    # What was due before the outage already is due at its end, and never among what is gone.
    later = tuple(replace(firing, at=max(firing.at, until)) for firing in later)
    return cut((*gone, *later), turn.state.deadline)


def _together(task: Task, missed: Sequence[Firing], command: c.FireTimer, now: datetime) -> Shot:
    """The last of them, for everybody any of them would have reached."""
    shots = [aim(task, firing, command, now) for firing in missed]
    reached: dict[Selector, None] = dict.fromkeys(to for shot in shots for to in shot.to)
    replaces = any(shot.replaces or shot.firing.do is Do.REASSIGN for shot in shots)
    return replace(shots[-1], to=tuple(reached), replaces=replaces)
