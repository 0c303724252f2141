"""The move everything is about: a person answers, and the task may conclude."""

from __future__ import annotations

from datetime import datetime

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.credential import Strength, statement
from signoff.core.judging import asks_again, favourable, judge
from signoff.core.moves.overrides import take_over
from signoff.core.moves.turn import Turn
from signoff.core.routing import Person
from signoff.core.tally import (
    Seat,
    Standing,
    fills,
    refusals,
    seat_of,
    standing,
    vetoes,
    voided,
    votes,
)
from signoff.core.task import RawAnswer, Task, answer_digest
from signoff.core.tasks.override import OVERRIDDEN
from signoff.core.tasks.override import Answer as OverrideAnswer
from signoff.core.words import JSON, Risk, TaskId
from signoff.errors import (
    AlreadyAnswered,
    AlreadyClaimed,
    CredentialTooWeak,
    IllegalMove,
    StaleView,
)

TOO_FEW_LEFT = "the go-ahead can no longer be reached with those who may still answer"


def answer(turn: Turn, command: c.AnswerTask) -> None:
    person = turn.person()
    void_answers(turn, command.task_id)
    task, raw = turn.task(command.task_id), command.raw
    seat = require_asked(turn, task, person)
    _require_strength(task, command)
    _require_fresh(task, command, turn.now)
    shown = task.view_digest
    if command.view_digest not in (None, shown):
        raise StaleView(
            "the task changed after it was shown to you; look at it again and decide then",
            about={"shown": command.view_digest, "current": shown},
        )
    judged, data = judge(task.ask, raw)
    _require_news(turn, task, person, raw.outcome)
    answered = _answered(task, command, data, shown, owner=seat.owner)
    _require_signed(turn, answered)
    turn.emit(answered)
    if asks_again(task, raw.outcome):
        _ask_again(turn, task, raw)
    elif favourable(task.ask, raw.outcome):
        _go_ahead(turn, task.id, raw, data, judged)
    else:
        _refuse(turn, task.id, raw, data, seat)


def _require_strength(task: Task, command: c.AnswerTask) -> None:
    needed, given = task.ask.strength_needed, command.credential.strength
    if not given.reaches(needed):
        raise CredentialTooWeak(
            f"this task takes answers with a credential of strength {needed} or more, and yours is "
            f"{given}",
            about={"needed": needed.value, "given": given.value},
        )


def _require_fresh(task: Task, command: c.AnswerTask, now: datetime) -> None:
    """What is of high risk asks whom it trusts to show again now and then that it is they."""
    if task.ask.risk is Risk.HIGH and not command.credential.is_fresh(now):
        raise CredentialTooWeak(
            "this is of high risk, and it is a while since you showed who you are; sign in again "
            "and answer then",
            about={"needed": "fresh", "given": command.credential.strength.value},
        )


def _require_signed(turn: Turn, answered: e.TaskAnswered) -> None:
    """A signature must be over this very answer to this very view."""
    signature = answered.credential.signature
    if signature is None:
        if answered.credential.strength is Strength.SIGNED:
            raise IllegalMove("an answer counts as signed only with its signature")
        return
    said = statement(
        workspace=turn.state.workspace,
        task_id=answered.task_id,
        outcome=answered.outcome,
        answer_digest=answered.answer_digest,
        view_digest=answered.view_digest,
    )
    if signature.statement != said:
        raise StaleView(
            "what was signed is not this answer to the task as it stands; look at it again",
            about={"current": answered.view_digest},
        )


def require_asked(turn: Turn, task: Task, person: Person) -> Seat:
    """The seat in which this person may answer, or claim, the task as it stands.

    :raises NotEligible: there is none for them.
    """
    seat = seat_of(task, person, turn.directory, barred=turn.barred(task.ask))
    if task.claimed_by is not None and task.claimed_by.id != person.id:
        raise AlreadyClaimed(
            f"{task.claimed_by.label} has claimed this task; ask them to release it",
            about={"claimed_by": task.claimed_by.label},
        )
    require_asking(task)
    return seat


def require_asking(task: Task) -> None:
    """Raise while it is the agent's turn."""
    if task.awaiting_revision:
        raise IllegalMove("changes were requested; the agent has not handed in its revision yet")


def void_answers(turn: Turn, task_id: TaskId) -> None:
    """Count no longer what was said in the present stage by those who may not any more."""
    task = turn.task(task_id)
    for vote, reason in voided(task, turn.directory, barred=turn.barred(task.ask)):
        turn.emit(e.AnswerVoided(task_id=task_id, who=vote.by, seat=vote.seat, reason=reason))


def _require_news(turn: Turn, task: Task, person: Person, outcome: str) -> None:
    """Raise for an answer that has been given and would change nothing."""
    if not any(vote.by.id == person.id and vote.outcome == outcome for vote in votes(task)):
        return
    match _standing(turn, task):
        case Standing.SATISFIED:
            news = True
        case Standing.OUT_OF_REACH:  # where nobody has refused, not everybody may be known here
            news = bool(refusals(task))
        case Standing.OPEN:
            news = False
    if not news:
        raise AlreadyAnswered(
            f"{person.email} has answered {outcome} already, and others are still asked",
            about={"task_id": task.id, "outcome": outcome},
        )


def _standing(turn: Turn, task: Task) -> Standing:
    return standing(task, turn.directory, barred=turn.barred(task.ask))


def _ask_again(turn: Turn, task: Task, raw: RawAnswer) -> None:
    """The round is over, and the agent's turn begins; the clock stands meanwhile where it may."""
    turn.emit(e.ChangesRequested(task_id=task.id, comment=raw.comment or ""))
    if task.ask.pause and task.paused_at is None:
        until = turn.now + turn.directory.settings.longest_pause
        reason = "changes were requested"
        turn.emit(e.TaskPaused(task_id=task.id, reason=reason, until=until))
    turn.settle()


def _go_ahead(turn: Turn, task_id: TaskId, raw: RawAnswer, data: JSON, judged: object) -> None:
    """On to the next stage that applies, or to the decision, once enough people have said so."""
    task = turn.task(task_id)
    match _standing(turn, task):
        case Standing.OPEN:
            return
        case Standing.OUT_OF_REACH:
            _give_up(turn, task)
            return
        case Standing.SATISFIED:
            pass
    later = range(task.stage + 1, len(task.ask.stages))
    following = next((at for at in later if task.ask.stages[at].applies), None)
    if following is not None:
        opening = turn.opening(task.ask, following, after=task)
        turn.emit(e.TaskAdvanced(task_id=task.id, stage=following, opening=opening))
        return
    turn.emit(_concluded(task.id, raw, data, "answered"))
    if isinstance(judged, OverrideAnswer) and raw.outcome == OVERRIDDEN:
        take_over(turn, judged, raw.comment or "", TaskId(f"{task.id}-handover"))
    else:
        after_conclusion(turn, task.id)


def _refuse(turn: Turn, task_id: TaskId, raw: RawAnswer, data: JSON, seat: Seat) -> None:
    """A veto decides; any other refusal does once too few are left who could still go ahead."""
    task = turn.task(task_id)
    if vetoes(task, seat.owner):
        turn.emit(_concluded(task.id, raw, data, "answered"))
    elif _standing(turn, task) is Standing.OUT_OF_REACH:
        turn.emit(_concluded(task.id, raw, data, TOO_FEW_LEFT))
    else:
        return
    after_conclusion(turn, task.id)


def _give_up(turn: Turn, task: Task) -> None:
    """Those who could have gone ahead are gone: the last refusal decides, where there is one."""
    if not (refused := refusals(task)):
        return
    last = refused[-1]
    raw = RawAnswer(outcome=last.outcome)
    turn.emit(_concluded(task.id, raw, None, TOO_FEW_LEFT), by=last.by)
    after_conclusion(turn, task.id)


def after_conclusion(turn: Turn, task_id: TaskId) -> None:
    """The agent goes on; an intent nobody handles ends with its last decision."""
    turn.settle()
    if not turn.state.ends_with_decision or turn.state.live_tasks:
        return
    decision = turn.task(task_id).decision
    assert decision is not None
    result = {"task_id": task_id, "outcome": decision.outcome, "data": decision.data}
    turn.emit(e.IntentCompleted(result=result))


def _answered(
    task: Task, command: c.AnswerTask, data: JSON, shown: str, *, owner: Person
) -> e.TaskAnswered:
    return e.TaskAnswered(
        task_id=task.id,
        seat=owner.actor,
        outcome=command.raw.outcome,
        stage=task.stage,
        round=len(task.rounds),
        data=data,
        comment=command.raw.comment,
        evidence=command.raw.evidence,
        view_digest=shown,
        channel=command.channel,
        fills=fills(task, owner),
        credential=command.credential,
        answer_digest=answer_digest(command.raw, data),
        first_viewed_at=command.first_viewed_at,
    )


def _concluded(task_id: TaskId, raw: RawAnswer, data: JSON, reason: str) -> e.TaskConcluded:
    return e.TaskConcluded(
        task_id=task_id,
        outcome=raw.outcome,
        data=data,
        comment=raw.comment,
        evidence=raw.evidence,
        reason=reason,
    )
