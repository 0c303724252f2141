"""How far a task has come: its stages and who answered them, its ladder, and how it was closed.

Pure. What is read from the history here only explains; what counts is in the task itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.core.events import ChangesRequested, Event, TaskAnswered, TaskOverridden
from signoff.core.ladder import Firing
from signoff.core.routing import Person
from signoff.core.task import Task
from signoff.server.inbox import phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One person's earlier answer to this task."""

    by: str
    outcome: str
    at: datetime
    stage: int
    comment: str | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """``state`` is ``done``, ``now``, ``later``, ``ended`` or ``skipped``."""

    who: str
    state: str
    answers: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RungView:
    """``state`` is ``done``, ``next``, ``later`` or ``skipped``."""

    at: datetime
    text: str
    state: str


def stages(task: Task, history: Sequence[Event], person: Person) -> Iterator[StageView]:
    """The chain, link by link, with the answers that stand."""
    said = standing_answers(task, history, person)
    for index, stage in enumerate(task.ask.stages):
        if index < task.stage:
            state = "done"
        elif index > task.stage:
            state = "later" if task.live else "skipped"
        else:
            state = "now" if task.live else "ended"
        asked = task.asked.who if index == task.stage else stage.who
        answers = tuple(answer for answer in said if answer.stage == index)
        yield StageView(who=phrases.who(asked), state=state, answers=answers)


def standing_answers(task: Task, history: Sequence[Event], person: Person) -> list[Said]:
    """The answers of the present round; those before a request for changes are void."""
    said: list[Said] = []
    for event in history:
        body = event.body
        if isinstance(body, ChangesRequested) and body.task_id == task.id:
            said = []
        if isinstance(body, TaskAnswered) and body.task_id == task.id:
            said.append(
                Said(
                    by=event.actor.label,
                    outcome=body.outcome,
                    at=event.at,
                    stage=body.stage,
                    comment=body.comment,
                    mine=event.actor.id == person.id,
                )
            )
    return said


def ladder(task: Task) -> Iterator[RungView]:
    """Every firing of the ladder, those behind the task included."""
    asked = phrases.who(task.asked.who)
    for index, firing in enumerate(task.schedule):
        if index < task.behind:
            state = "done"
        elif not task.live:
            state = "skipped"
        else:
            state = "next" if index == task.behind else "later"
        yield RungView(at=firing.at, text=_rung(task, firing, asked), state=state)


def _rung(task: Task, firing: Firing, asked: str) -> str:
    step = task.ladder[firing.rung] if firing.rung is not None else None
    return phrases.rung(step, asked) if step else phrases.snoozed(asked)


def overridden_by(task: Task, history: Sequence[Event]) -> str | None:
    """Who took the run over, where that is what closed the task."""
    for event in history:
        if isinstance(event.body, TaskOverridden) and event.body.task_id == task.id:
            return event.actor.label
    return None
