"""One task as its page shows it: what is asked, how far it has come, and what this person may do.

Pure: a ``FoundTask``, its history and the time go in; a frozen view comes out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from signoff.core.events import ChangesRequested, Event, TaskAnswered, TaskEscalated
from signoff.core.ladder import schedule
from signoff.core.routing import Person, Selector, selected
from signoff.core.task import Task
from signoff.core.words import JSON
from signoff.engine.ports import FoundTask
from signoff.server.inbox import phrases
from signoff.server.inbox.visible import count_hidden

READING_ROLES = frozenset({"administrator", "operator"})
MAX_DIFF_LINES = 2000


class Standing(StrEnum):
    """What a person is to a task, as far as the page is concerned."""

    MAY_ANSWER = "may_answer"
    CLAIMED_BY_OTHER = "claimed_by_other"
    REQUESTER = "requester"
    REVISION = "revision"
    LATE = "late"
    READER = "reader"
    CLOSED = "closed"


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
    who: str
    state: str
    answers: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RungView:
    at: datetime
    text: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """``kind`` is ``same``, ``added``, ``removed`` or ``skip`` (text says how much)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """What was asked for, by whom, and what the agent changed; no diff before it revised."""

    number: int
    by: str
    at: datetime
    comment: str
    diff: tuple[DiffLine, ...]
    revised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    found: FoundTask
    task: Task
    standing: Standing
    mine: bool
    stages: tuple[StageView, ...]
    ladder: tuple[RungView, ...]
    rounds: tuple[RoundView, ...]
    hidden: int


def may_see(found: FoundTask, history: Sequence[Event], person: Person) -> bool:
    """Asked now or before, has answered, or reads everything by role."""
    if not READING_ROLES.isdisjoint(person.roles):
        return True
    task = found.task
    reached = task.ask.stages[: task.stage + 1]
    if any(selected(stage.who, person) and person.id not in stage.exclude for stage in reached):
        return True
    if selected(_escalated_to(task, history), person) and person.id not in task.asked.exclude:
        return True
    return any(event.actor.id == person.id for event in _answers(task, history))


def show(
    found: FoundTask, history: Sequence[Event], person: Person, *, now: datetime, zone: tzinfo
) -> TaskView:
    """Make the view of a task for one person."""
    task = found.task
    return TaskView(
        found=found,
        task=task,
        standing=standing(found, person, now=now),
        mine=task.claimed_by is not None and task.claimed_by.id == person.id,
        stages=tuple(_stages(task, history, person)),
        ladder=tuple(_ladder(task, zone)),
        rounds=tuple(_rounds(task)),
        hidden=hidden_in(found),
    )


def standing(found: FoundTask, person: Person, *, now: datetime) -> Standing:
    """What this person may do here now; the door judges again when they do it."""
    task = found.task
    if not task.live:
        return Standing.CLOSED
    asked = selected(task.asked.who, person) and person.id not in task.asked.exclude
    if not asked:
        return Standing.READER
    if found.on_behalf_of in (person.id, person.email):
        return Standing.REQUESTER
    if now >= task.due_at:
        return Standing.LATE
    if task.awaiting_revision:
        return Standing.REVISION
    if task.claimed_by is not None and task.claimed_by.id != person.id:
        return Standing.CLAIMED_BY_OTHER
    return Standing.MAY_ANSWER


def hidden_in(found: FoundTask) -> int:
    """How many hidden characters the agent's part of the page holds."""
    task = found.task
    spec = {key: value for key, value in task.ask.spec.items() if key != "content"}
    drafts = [each.content for each in task.rounds]
    texts = [found.intent_title, task.ask.title, task.ask.description, spec, task.ask.schema]
    return count_hidden([*texts, task.content, *drafts])


def _answers(task: Task, history: Sequence[Event]) -> Iterator[Event]:
    for event in history:
        if isinstance(event.body, TaskAnswered) and event.body.task_id == task.id:
            yield event


def _escalated_to(task: Task, history: Sequence[Event]) -> list[Selector]:
    bodies = (event.body for event in history)
    return [
        selector
        for body in bodies
        if isinstance(body, TaskEscalated) and body.task_id == task.id
        for selector in body.to
    ]


def _stages(task: Task, history: Sequence[Event], person: Person) -> Iterator[StageView]:
    said = _standing_answers(task, history, person)
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


def _standing_answers(task: Task, history: Sequence[Event], person: Person) -> list[Said]:
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


def _ladder(task: Task, zone: tzinfo) -> Iterator[RungView]:
    asked = phrases.who(task.asked.who)
    for index, firing in enumerate(schedule(task.ask.ladder)):
        step = task.ask.ladder[firing.rung]
        if index < task.behind:
            state = "done"
        elif not task.live:
            state = "skipped"
        else:
            state = "next" if index == task.behind else "later"
        yield RungView(
            at=task.opened_at + firing.after, text=phrases.rung(step, asked), state=state
        )


def _rounds(task: Task) -> Iterator[RoundView]:
    for index, told in enumerate(task.rounds):
        last = index + 1 == len(task.rounds)
        following = task.content if last else task.rounds[index + 1].content
        unrevised_end = not task.live and told.content == task.content
        revised = not (last and (task.awaiting_revision or unrevised_end))
        yield RoundView(
            number=index + 1,
            by=told.by.label,
            at=told.at,
            comment=told.comment,
            diff=tuple(line_diff(told.content, following)) if revised else (),
            revised=revised,
        )


def line_diff(before: JSON, after: JSON) -> Iterator[DiffLine]:
    """What changed, line by line, with three lines of context and a word for what is left out."""
    old, new = (phrases.as_text(value).splitlines() for value in (before, after))
    if max(len(old), len(new)) > MAX_DIFF_LINES:
        yield DiffLine(kind="skip", text="Too long to compare here; the new version is above.")
        return
    shown_to = 0
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for group in matcher.get_grouped_opcodes(3):
        yield from _skipped(group[0][1] - shown_to)
        shown_to = group[-1][2]
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (DiffLine(kind="same", text=line) for line in old[i1:i2])
                continue
            yield from (DiffLine(kind="removed", text=line) for line in old[i1:i2])
            yield from (DiffLine(kind="added", text=line) for line in new[j1:j2])
    if shown_to == 0:
        yield DiffLine(kind="skip", text="Nothing changed.")
    else:
        yield from _skipped(len(old) - shown_to)


def _skipped(count: int) -> Iterator[DiffLine]:
    if count > 0:
        lines = "1 unchanged line" if count == 1 else f"{count} unchanged lines"
        yield DiffLine(kind="skip", text=lines)
