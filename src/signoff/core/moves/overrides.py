"""Break glass: a person takes a running intent over, by command or by answering an override."""

from __future__ import annotations

from typing import assert_never

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import AskRequest
from signoff.core.moves.intents import ask_people
from signoff.core.moves.turn import Turn
from signoff.core.routing import resolve
from signoff.core.tasks.override import Answer, Takeover, read_takeover
from signoff.core.words import TaskId, TaskType
from signoff.errors import FieldError, Forbidden, InvalidInput

OVERRIDE_ROLES = frozenset({"administrator", "operator"})


def override(turn: Turn, command: c.OverrideIntent) -> None:
    person = turn.person()
    if person.disabled or OVERRIDE_ROLES.isdisjoint(person.roles):
        needed = " or ".join(sorted(OVERRIDE_ROLES))
        raise Forbidden(f"taking a run over needs the role {needed}")
    if not command.justification.strip():
        message = "a takeover needs a justification; say why in a sentence"
        raise InvalidInput(message, errors=[FieldError("justification", message)])
    take_over(turn, read_takeover(command.data), command.justification, command.task_id)


def take_over(turn: Turn, answer: Answer, justification: str, new_task: TaskId) -> None:
    """Close what people are asked and do with the run what the answer says.

    :param new_task: the id of the manual work, where the run is handed to a person.
    """
    takeover = answer.takeover
    assert takeover is not None
    turn.emit(e.IntentOverridden(action=takeover, justification=justification))
    for task in turn.state.live_tasks:
        turn.emit(e.TaskOverridden(task_id=task.id, justification=justification))
    match takeover:
        case Takeover.STOP:
            turn.emit(e.IntentCanceled(reason=f"stopped by {turn.actor.label}: {justification}"))
        case Takeover.REPLACE:
            turn.emit(e.IntentCompleted(result=answer.result))
        case Takeover.HAND_OVER:
            _hand_over(turn, answer.to or "", justification, new_task)
        case _:
            assert_never(takeover)


def _hand_over(turn: Turn, to: str, justification: str, task_id: TaskId) -> None:
    resolve(to, turn.directory, field="data.to")
    fields = {
        "type": TaskType.MANUAL_ACTION,
        "title": f"Take over: {turn.state.title}"[:300],
        "instructions": justification,
        "assignee": to,
    }
    ask_people(turn, AskRequest(id=task_id, fields=fields))
