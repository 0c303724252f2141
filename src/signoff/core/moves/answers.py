"""The move everything is about: a person answers, and the task may conclude."""

from __future__ import annotations

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.asking import favourable, judge
from signoff.core.chain import require_eligible
from signoff.core.moves.overrides import take_over
from signoff.core.moves.turn import Turn
from signoff.core.routing import Actor, Person
from signoff.core.task import RawAnswer, Task
from signoff.core.tasks import DECIDES_FOR_REQUESTER, review
from signoff.core.tasks.override import OVERRIDDEN
from signoff.core.tasks.override import Answer as OverrideAnswer
from signoff.core.words import JSON, TaskId, TaskType
from signoff.errors import AlreadyClaimed, IllegalMove, StaleView


def answer(turn: Turn, command: c.AnswerTask) -> None:
    task, raw = turn.task(command.task_id), command.raw
    person = turn.person()
    require_asked(turn, task, person)
    shown = task.view_digest
    if command.view_digest not in (None, shown):
        raise StaleView(
            "the task changed after it was shown to you; look at it again and decide then",
            about={"shown": command.view_digest, "current": shown},
        )
    judged, data = judge(task.ask, raw)
    turn.emit(_answered(task, command, data, shown, seat=person.actor))
    if _asks_again(task, raw.outcome):
        turn.emit(e.ChangesRequested(task_id=task.id, comment=raw.comment or ""))
        turn.settle()
    elif favourable(task.ask, raw.outcome) and task.stage + 1 < len(task.ask.stages):
        opening = turn.opening(task.ask, task.stage + 1)
        turn.emit(e.TaskAdvanced(task_id=task.id, stage=task.stage + 1, opening=opening))
    else:
        turn.emit(_concluded(task.id, raw, data))
        if isinstance(judged, OverrideAnswer) and raw.outcome == OVERRIDDEN:
            take_over(turn, judged, raw.comment or "", TaskId(f"{task.id}-handover"))
        else:
            after_conclusion(turn, task.id)


def require_asked(turn: Turn, task: Task, person: Person) -> None:
    """Raise unless this person may answer, or claim, the task as it stands."""
    barred = turn.state.requesters if task.ask.type in DECIDES_FOR_REQUESTER else ()
    require_eligible(task.asked, person, barred=barred)
    if task.claimed_by is not None and task.claimed_by.id != person.id:
        raise AlreadyClaimed(
            f"{task.claimed_by.label} has claimed this task; ask them to release it",
            about={"claimed_by": task.claimed_by.label},
        )
    if task.awaiting_revision:
        raise IllegalMove("changes were requested; the agent has not handed in its revision yet")


def after_conclusion(turn: Turn, task_id: TaskId) -> None:
    """The agent goes on; an intent nobody handles ends with its last decision."""
    turn.settle()
    if not turn.state.ends_with_decision or turn.state.live_tasks:
        return
    decision = turn.task(task_id).decision
    assert decision is not None
    result = {"task_id": task_id, "outcome": decision.outcome, "data": decision.data}
    turn.emit(e.IntentCompleted(result=result))


def _asks_again(task: Task, outcome: str) -> bool:
    if task.ask.type is not TaskType.REVIEW:
        return False
    spec = review.Spec(**task.ask.spec)  # type: ignore[arg-type]
    return review.asks_again(spec, outcome, rounds=len(task.rounds))


def _answered(
    task: Task, command: c.AnswerTask, data: JSON, shown: str, *, seat: Actor
) -> e.TaskAnswered:
    return e.TaskAnswered(
        task_id=task.id,
        seat=seat,
        outcome=command.raw.outcome,
        stage=task.stage,
        round=len(task.rounds),
        data=data,
        comment=command.raw.comment,
        evidence=command.raw.evidence,
        view_digest=shown,
        channel=command.channel,
    )


def _concluded(task_id: TaskId, raw: RawAnswer, data: JSON) -> e.TaskConcluded:
    return e.TaskConcluded(
        task_id=task_id,
        outcome=raw.outcome,
        data=data,
        comment=raw.comment,
        evidence=raw.evidence,
        reason="answered",
    )
