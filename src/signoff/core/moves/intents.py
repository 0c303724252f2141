"""The moves of an intent: submit it, work on it, open tasks in it, end it."""

from __future__ import annotations

from dataclasses import replace

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest, read_ask
from signoff.core.ladder import Rung
from signoff.core.moments import rfc3339
from signoff.core.moves.turn import Turn
from signoff.core.words import IntentStatus
from signoff.errors import FieldError, IllegalMove, InvalidInput

MAX_LIVE_TASKS = 100

_NOT_STARTED = frozenset(
    {IntentStatus.SUBMITTED, IntentStatus.DELIVERED, IntentStatus.ACKNOWLEDGED}
)


def submit(turn: Turn, command: c.SubmitIntent) -> None:
    if command.deadline is not None and command.deadline <= turn.now:
        message = f"the deadline of the intent passed already, at {rfc3339(command.deadline)}"
        raise InvalidInput(message, errors=[FieldError("deadline", message)])
    turn.emit(
        e.IntentSubmitted(
            workspace=command.workspace,
            intent_type=command.type,
            title=command.title,
            agent=command.agent,
            handled=command.handled,
            payload=command.payload,
            deadline=command.deadline,
            on_behalf_of=command.on_behalf_of,
            provenance=command.provenance,
            custody=command.custody,
        )
    )
    if command.task is not None:
        ask_people(turn, command.task)


def open_task(turn: Turn, command: c.OpenTask) -> None:
    if len(turn.state.live_tasks) >= MAX_LIVE_TASKS:
        raise InvalidInput(f"an intent waits on at most {MAX_LIVE_TASKS} tasks at a time")
    ask_people(turn, command.task)


def ask_people(turn: Turn, request: AskRequest, *, ladder: tuple[Rung, ...] | None = None) -> None:
    """Open a task. It never outlives the deadline of its intent.

    :param ladder: its rungs, where the rules ask by themselves; no request names these.
    """
    ask = read_ask(
        request,
        turn.directory,
        now=turn.now,
        payload=turn.state.payload,
        requesters=turn.state.requesters,
    )
    if ladder is not None:
        ask = replace(ask, ladder=ladder)
    first = ask.first_stage
    turn.emit(e.TaskOpened(task_id=ask.id, ask=ask, opening=turn.opening(ask, first)))
    turn.settle()


def record_step(turn: Turn, command: c.RecordStep) -> None:
    _start(turn)
    turn.emit(e.StepRecorded(name=command.name, kind=command.kind, output=command.output))


def sleep(turn: Turn, command: c.Sleep) -> None:
    _start(turn)
    until = max(command.until, turn.now)
    turn.emit(e.StepRecorded(name=command.name, kind="sleep", output=rfc3339(until)))
    turn.emit(e.IntentSleeping(name=command.name, until=until))
    turn.settle()


def complete(turn: Turn, command: c.CompleteIntent) -> None:
    if turn.state.ends_with_decision:
        raise IllegalMove("this intent completes with its task's decision, not with a result")
    if turn.state.live_tasks:
        raise IllegalMove("people are still being asked; withdraw the open tasks first")
    _start(turn)
    turn.emit(e.IntentCompleted(result=command.result))


def fail(turn: Turn, command: c.FailIntent) -> None:
    turn.close_tasks(command.reason)
    turn.emit(e.IntentFailed(reason=command.reason))


def cancel(turn: Turn, command: c.CancelIntent) -> None:
    turn.close_tasks(command.reason)
    turn.emit(e.IntentCanceled(reason=command.reason))


def _start(turn: Turn) -> None:
    if turn.state.status in _NOT_STARTED:
        turn.emit(e.IntentStarted())
