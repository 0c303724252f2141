"""What is allowed, and what therefore happened: ``decide(state, command, now) -> events``.

This is the door and its table; what each command does is in ``signoff.core.moves``. A refused
command raises a named error and nothing has happened. Time is an argument; whoever the rules must
know about is in ``directory``, read in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.intent import TERMINAL, Intent
from signoff.core.moves import (
    answers,
    assigning,
    clocks,
    comments,
    intents,
    overrides,
    tasks,
    timers,
)
from signoff.core.moves.intents import MAX_LIVE_TASKS
from signoff.core.moves.overrides import OVERRIDE_ROLES
from signoff.core.moves.refusals import (
    not_now,
    require_before_deadline,
    require_held,
    require_in_time,
    require_live,
    why_closed,
)
from signoff.core.moves.turn import Turn
from signoff.core.routing import Directory
from signoff.core.words import ActorKind, IntentId, IntentStatus
from signoff.errors import Forbidden

__all__ = ["ALLOWED", "MAX_LIVE_TASKS", "OVERRIDE_ROLES", "decide", "take", "why_closed"]

_LIVE = frozenset(IntentStatus) - TERMINAL - {IntentStatus.CREATED}
_WAITING = frozenset({IntentStatus.WAITING})

ALLOWED: Mapping[type[c.Command], frozenset[IntentStatus]] = {
    c.SubmitIntent: frozenset({IntentStatus.CREATED}),
    c.OpenTask: _LIVE,
    c.AnswerTask: _WAITING,
    c.ClaimTask: _WAITING,
    c.ReleaseTask: _WAITING,
    c.ReviseTask: _WAITING,
    c.WithdrawTask: _WAITING,
    c.DelegateTask: _WAITING,
    c.ReassignTask: _WAITING,
    c.WatchTask: _WAITING,
    c.UnwatchTask: _WAITING,
    c.CommentTask: _WAITING,
    c.SnoozeTask: _WAITING,
    c.ExtendTask: _WAITING,
    c.PauseTask: _WAITING,
    c.ResumeTask: _WAITING,
    c.RecordStep: _LIVE,
    c.Sleep: _LIVE,
    c.CompleteIntent: _LIVE,
    c.FailIntent: _LIVE,
    c.CancelIntent: _LIVE,
    c.OverrideIntent: _LIVE,
    c.FireTimer: _LIVE,
}
"""In which statuses each command can be taken at all. A test holds this against a literal."""


def decide(
    state: Intent | None,
    command: c.Command,
    *,
    now: datetime,
    directory: Directory,
    intent_id: IntentId,
) -> tuple[e.Event, ...]:
    """Return what happens because of the command, in order; nothing where nothing does.

    :param state: the intent with its live tasks and the one addressed; None before it exists.
    :param now: the store's time, read in the deciding transaction.
    :param directory: people the command names or is asked by, by id and by mail address.
    :raises SignoffError: a named refusal; then nothing has happened.
    """
    events, _ = take(state, command, now=now, directory=directory, intent_id=intent_id)
    return events


def take(
    state: Intent | None,
    command: c.Command,
    *,
    now: datetime,
    directory: Directory,
    intent_id: IntentId,
) -> tuple[tuple[e.Event, ...], Intent | None]:
    """Decide, and return beside the events what they made of the state.

    That is what evolving the events one by one gives; a rule judges by what the events before it
    made true, so it has been worked out already.
    """
    turn = Turn(state, command.actor, now, directory, intent_id)
    if isinstance(command, c.FireTimer):
        _let_time_pass(turn, state, command)
    else:
        _require_possible(turn, state, command)
        _MOVES[type(command)](turn, command)
    return tuple(turn.events), turn.after


_BY_A_PERSON = (c.AnswerTask, c.ClaimTask, c.DelegateTask, c.SnoozeTask, c.OverrideIntent)
_TO_A_TASK = (
    c.AnswerTask,
    c.ClaimTask,
    c.ReleaseTask,
    c.ReviseTask,
    c.WithdrawTask,
    c.DelegateTask,
    c.ReassignTask,
    c.WatchTask,
    c.UnwatchTask,
    c.CommentTask,
    c.SnoozeTask,
    c.ExtendTask,
    c.PauseTask,
    c.ResumeTask,
)


def _require_possible(turn: Turn, state: Intent | None, command: c.Command) -> None:
    """Who may never do this, then what is closed or late, then what the table does not allow."""
    if isinstance(command, _BY_A_PERSON):
        turn.person()
    if isinstance(command, _TO_A_TASK):
        task = turn.task(command.task_id)
        require_live(task)
        require_in_time(task, turn.now)
    status = state.status if state else IntentStatus.CREATED
    if status not in ALLOWED[type(command)]:
        raise not_now(state, command)
    if state is not None:
        require_before_deadline(state, turn.now)
        require_held(state, command.actor)


def _let_time_pass(turn: Turn, state: Intent | None, command: c.FireTimer) -> None:
    """A timer of an intent that is closed, or was never there, has nothing left to do."""
    if command.actor.kind not in (ActorKind.LADDER, ActorKind.CLOCK):
        raise Forbidden("only the clock fires a timer")
    if state is not None and state.status in ALLOWED[c.FireTimer]:
        timers.fire(turn, command)


_MOVES: Mapping[type[c.Command], Callable[[Turn, Any], None]] = {
    c.SubmitIntent: intents.submit,
    c.OpenTask: intents.open_task,
    c.AnswerTask: answers.answer,
    c.ClaimTask: tasks.claim,
    c.ReleaseTask: tasks.release,
    c.ReviseTask: tasks.revise,
    c.WithdrawTask: tasks.withdraw,
    c.DelegateTask: assigning.delegate,
    c.ReassignTask: assigning.reassign,
    c.WatchTask: assigning.watch,
    c.UnwatchTask: assigning.unwatch,
    c.CommentTask: comments.comment,
    c.SnoozeTask: clocks.snooze,
    c.ExtendTask: clocks.extend,
    c.PauseTask: clocks.pause,
    c.ResumeTask: clocks.resume,
    c.RecordStep: intents.record_step,
    c.Sleep: intents.sleep,
    c.CompleteIntent: intents.complete,
    c.FailIntent: intents.fail,
    c.CancelIntent: intents.cancel,
    c.OverrideIntent: overrides.override,
}
