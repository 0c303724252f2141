"""How far a task has come: its stages and who answered them, its ladder, and how it was closed.

Pure. What is read from the history here only explains; what counts is in the task itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from signoff.channels import phrases
from signoff.core import tally
from signoff.core.chain import Stage
from signoff.core.events import (
    AnswerVoided,
    ChangesRequested,
    Event,
    TaskAnswered,
    TaskOverridden,
)
from signoff.core.ladder import Do
from signoff.core.routing import Directory, Person
from signoff.core.task import Task
from signoff.core.timetable import Entry, timetable
from signoff.core.words import Pick
from signoff.server.inbox import seating


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One person's earlier answer to this task; ``seat`` is in whose place, where another's.

    ``signed``: whether with a passkey.
    """

    by: str
    seat: str | None
    outcome: str
    at: datetime
    stage: int
    comment: str | None
    mine: bool
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """One link of the chain.

    :param state: ``done``, ``now``, ``later``, ``ended``, ``skipped``, or ``void`` where its
        condition did not hold.
    :param count: how many of how many have given the go-ahead, e.g. ``1 of 2``, where more than
        one is needed.
    :param missing: what the present stage still lacks, as a sentence, where more is needed than
        one.
    :param notes: its own rules, in sentences.
    :param when: its condition as the agent wrote it.
    """

    who: str
    state: str
    answers: tuple[Said, ...]
    count: str | None = None
    missing: str | None = None
    notes: tuple[str, ...] = ()
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RungView:
    """One firing; ``why`` are the reasons that its calendar has.

    ``state`` is ``done``, ``next``, ``later`` or ``skipped``.
    """

    at: datetime
    text: str
    state: str
    why: tuple[str, ...] = ()


def stages(
    task: Task, history: Sequence[Event], person: Person, directory: Directory
) -> Iterator[StageView]:
    """The chain, link by link, with the answers that stand."""
    said = standing_answers(task, history, person)
    for index, stage in enumerate(task.ask.stages):
        present = index == task.stage
        shown = task.asked if present else stage
        several = stage.need > 1
        now = tally.progress(task, directory) if present and several else None
        yield StageView(
            who=phrases.who(shown.who),
            state=_state(task, index),
            answers=tuple(answer for answer in said if answer.stage == index),
            count=f"{now.have} of {now.need}" if now else None,
            missing=seating.missing(task, directory) if now and task.live else None,
            notes=tuple(_notes(stage)),
            when=stage.when,
        )


def _state(task: Task, index: int) -> str:
    if not task.ask.stages[index].applies:
        return "void"
    if index < task.stage:
        return "done"
    if index > task.stage:
        return "later" if task.live else "skipped"
    return "now" if task.live else "ended"


def _notes(stage: Stage) -> Iterator[str]:
    """What is particular about a stage, for those who wonder why it goes as it does."""
    if not stage.applies:
        return
    if stage.quotas:
        parts = [f"{phrases.number(each.need)} of {each.of.label}" for each in stage.quotas]
        yield f"It needs {' and '.join(parts)}; nobody counts twice."
    elif stage.need > 1:
        yield f"It needs {phrases.number(stage.need)} people."
    if stage.pick is Pick.LEAST_LOADED:
        yield "Those with the least to do were picked."
    if stage.exclude:
        yield f"Not asked: {phrases.who(stage.exclude)}."
    if stage.distinct:
        yield "Whoever answered an earlier stage is out of this one."
    if stage.veto:
        yield f"Only a refusal by {phrases.who(stage.veto)} ends it at once."
    elif stage.veto is not None:
        yield "A refusal counts against it, but does not end it at once."


def standing_answers(task: Task, history: Sequence[Event], person: Person) -> list[Said]:
    """The answers of the present round that count, in the order in which they were given.

    Those before a request for changes are void, and so is one that was replaced or voided.
    """
    said: dict[tuple[int, str], Said] = {}
    for event in history:
        match event.body:
            case ChangesRequested(task_id=task.id):
                said = {}
            case AnswerVoided(task_id=task.id, seat=seat):
                said.pop(max(key for key in said if key[1] == seat), None)
            case TaskAnswered(task_id=task.id) as body:
                said.pop((body.stage, body.seat.id), None)
                said[body.stage, body.seat.id] = Said(
                    by=event.actor.label,
                    seat=None if body.seat.id == event.actor.id else body.seat.label,
                    outcome=body.outcome,
                    at=event.at,
                    stage=body.stage,
                    comment=body.comment,
                    mine=event.actor.id == person.id,
                    signed=body.credential.signature is not None,
                )
            case _:
                pass
    return list(said.values())


def ladder(task: Task, *, now: datetime, zone: tzinfo) -> Iterator[RungView]:
    """Every firing of the ladder, those behind the task included, each with its reasons."""
    asked = phrases.who(task.asked.who)
    for entry in timetable(task, now=now):
        yield RungView(
            at=entry.at,
            text=_rung(task, entry, asked),
            state=entry.state,
            why=tuple(phrases.sentence(phrases.local(why, zone)) for why in entry.why),
        )


def _rung(task: Task, entry: Entry, asked: str) -> str:
    if entry.rung is not None:
        return phrases.rung(task.ladder[entry.rung], asked)
    match entry.do:
        case Do.REMIND:
            return phrases.snoozed(asked)
        case Do.FAIL:
            return "The run's deadline: the task expires and the agent's run fails"
        case _:
            return phrases.sentence(entry.text).rstrip(".")


def decided_signed(task: Task, history: Sequence[Event]) -> bool:
    """Whether the answer that decided the task is signed with a passkey."""
    won = task.decision
    given = [
        event.body.credential.signature
        for event in history
        if isinstance(event.body, TaskAnswered)
        and (event.body.task_id, event.actor.id) == (task.id, won.by.id if won else None)
    ]
    return bool(given) and given[-1] is not None


def overridden_by(task: Task, history: Sequence[Event]) -> str | None:
    """Who took the run over, where that is what closed the task."""
    for event in history:
        if isinstance(event.body, TaskOverridden) and event.body.task_id == task.id:
            return event.actor.label
    return None
