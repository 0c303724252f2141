"""Why a task stands where it stands: who may answer it now, who may not, and what comes next.

Everything here is asked of the rules that decide, never worked out a second time: whoever is said
to be allowed to answer is whom ``signoff.core.tally`` gives a seat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signoff.core.chain import Stage, members
from signoff.core.intent import Intent
from signoff.core.moments import rfc3339
from signoff.core.openings import absence
from signoff.core.routing import (
    MAX_MEMBERS,
    Actor,
    Directory,
    Person,
    SelectorKind,
    names_person,
    reaches,
)
from signoff.core.tally import Progress, Seat, barred, progress, seat_of, votes
from signoff.core.task import StandIn, Task, Vote
from signoff.core.timetable import Entry, timetable
from signoff.core.words import StandInReason, TaskId
from signoff.errors import AlreadyAnswered, NotEligible

MAX_NAMED = 200


class StageState(StrEnum):
    """Where one stage of a chain is."""

    DONE = "done"
    ASKED = "asked"
    TO_COME = "to come"
    SKIPPED = "skipped"
    NEVER_ASKED = "never asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageExplained:
    """One stage: what it asks for, where it is, and the answers of this round in it."""

    stage: int
    who: tuple[str, ...]
    need: int
    applies: bool
    when: str | None
    state: StageState
    answers: tuple[Vote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MayAnswer:
    """Somebody who may answer now. ``instead_of``: in whose place, until when that one is away."""

    person: Actor
    why: str
    instead_of: Actor | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MayNot:
    """Somebody one might think may answer, and why they may not."""

    person: Actor
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a task stands where it stands at a moment. ``task_id`` is None before it is asked."""

    task_id: TaskId | None
    at: datetime
    state: str
    stage: int
    chain: tuple[StageExplained, ...]
    may_answer: tuple[MayAnswer, ...]
    may_not: tuple[MayNot, ...]
    quorum: Progress
    ladder: tuple[Entry, ...]
    notes: tuple[str, ...]


def explain(intent: Intent, task: Task, directory: Directory, now: datetime) -> Explanation:
    """Explain a task as it stands.

    :param directory: with whoever the task names or asks, members of its tokens too.
    """
    people = tuple(_people(intent, task, directory, now))
    return Explanation(
        task_id=task.id,
        at=now,
        state=str(task.state),
        stage=task.stage,
        chain=tuple(_chain(task)),
        may_answer=tuple(each for each in people if isinstance(each, MayAnswer)),
        may_not=tuple(each for each in people if isinstance(each, MayNot)),
        quorum=progress(task, directory),
        ladder=timetable(task, now=now),
        notes=tuple(_notes(task, directory)),
    )


# The chain


def _chain(task: Task) -> Iterator[StageExplained]:
    for at, stage in enumerate(task.ask.stages):
        who = task.asked.who if at == task.stage else stage.who
        yield StageExplained(
            stage=at,
            who=tuple(selector.label for selector in who),
            need=stage.need,
            applies=stage.applies,
            when=stage.when,
            state=_state(task, at, stage),
            answers=tuple(vote for vote in task.votes if vote.stage == at),
        )


def _state(task: Task, at: int, stage: Stage) -> StageState:
    if not stage.applies:
        return StageState.SKIPPED
    if at < task.stage:
        return StageState.DONE
    if at > task.stage:
        return StageState.TO_COME if task.live else StageState.NEVER_ASKED
    return StageState.ASKED if task.live else StageState.DONE


# The people


def _people(
    intent: Intent, task: Task, directory: Directory, now: datetime
) -> Iterator[MayAnswer | MayNot]:
    out = barred(task.ask, intent.requesters)
    halted = _halted(task, now)
    for person in _candidates(intent, task, directory):
        try:
            seat = seat_of(task, person, directory, barred=out)
        except (NotEligible, AlreadyAnswered) as refusal:
            yield MayNot(person=person.actor, why=refusal.message)
            continue
        if (why := halted or _held(task, person)) is not None:
            yield MayNot(person=person.actor, why=why)
        else:
            yield _may_answer(task, person, seat, now)


def _candidates(intent: Intent, task: Task, directory: Directory) -> tuple[Person, ...]:
    """Whoever is asked, stands in, is left out by name, or has said something already."""
    found: dict[str, Person] = {}
    for selector in task.asked.who:
        found |= {person.id: person for person in members(selector, directory)[0]}
    named = [each.deputy.id for each in task.stand_ins]
    named += [s.value for s in task.asked.exclude if s.kind is SelectorKind.PERSON]
    named += [vote.by.id for vote in task.votes]
    named += [who for each in intent.requesters if (who := names_person(each)) is not None]
    for reference in named:
        if (person := directory.get(reference)) is not None:
            found.setdefault(person.id, person)
    order = sorted(found.values(), key=lambda person: (person.email, person.id))
    return tuple(order[:MAX_NAMED])


def _halted(task: Task, now: datetime) -> str | None:
    """Why nobody at all may answer now."""
    if not task.live:
        return f"the task is {task.state}"
    if now >= task.due_at:
        return f"the deadline passed at {rfc3339(task.due_at)}"
    if task.awaiting_revision:
        return "changes were requested; the agent has not handed in its revision yet"
    return None


def _held(task: Task, person: Person) -> str | None:
    if task.claimed_by is None or task.claimed_by.id == person.id:
        return None
    return f"{task.claimed_by.label} has claimed this task"


def _may_answer(task: Task, person: Person, seat: Seat, now: datetime) -> MayAnswer:
    why = _stands_in(seat.stand_in) if seat.stand_in else _asked_as(task, person)
    said = next((vote for vote in votes(task) if vote.by.id == person.id), None)
    if said is not None:
        why += f"; has answered {said.outcome} and may still change it"
    away = absence(person, now)
    if away is not None:
        why += f"; is away until {rfc3339(away.end)}"
    given = seat.stand_in
    return MayAnswer(
        person=person.actor,
        why=why,
        instead_of=given.owner if given else None,
        until=given.until if given else None,
    )


def _stands_in(given: StandIn) -> str:
    if given.why is StandInReason.DELEGATED:
        return f"{given.owner.label} delegated it to them"
    return f"stands in for {given.owner.label}, who is away"


def _asked_as(task: Task, person: Person) -> str:
    """By which selector they are asked, and what of the quorum they can fill."""
    by = next(selector for selector in task.asked.who if reaches(selector, person))
    why = "asked by name" if by.kind is SelectorKind.PERSON else f"asked as {by.label}"
    if by in task.added:
        return f"{why}, by escalation"
    if task.instead is not None and by in task.instead:
        why += ", instead of others"
    fits = [quota.of.label for quota in task.asked.quotas if reaches(quota.of, person)]
    return f"{why}, counts for {' or '.join(fits)}" if fits else why


# What else there is to know


def _notes(task: Task, directory: Directory) -> Iterator[str]:
    stage = task.asked
    if task.live:
        yield from _unknown(stage, directory)
        if stage.need > 1 or stage.veto is not None:
            yield _about_refusals(stage)
        if stage.quotas:
            yield "one person counts for one place alone"
        if stage.distinct:
            yield "whoever has answered an earlier stage is out of this one"
    if task.claimed_by is not None:
        yield f"{task.claimed_by.label} has claimed it; nobody else may answer until it is released"
    if task.paused_at is not None and task.pause_ends is not None:
        since, until = rfc3339(task.paused_at), rfc3339(task.pause_ends)
        yield f"the clock has stood since {since}, and goes on at {until} at the latest"
    if task.snoozed_until is not None:
        yield f"reminders are snoozed until {rfc3339(task.snoozed_until)}"
    if task.ask.self_approval:
        yield "by way of exception, whoever requested this may decide it"
    if task.closed_because is not None:
        yield task.closed_because


def _unknown(stage: Stage, directory: Directory) -> Iterator[str]:
    for selector in stage.who:
        reached, everybody = members(selector, directory)
        if not reached and everybody:
            yield f"{selector.label} has nobody at present"
        elif not everybody and reached:
            yield f"{selector.label} has more than {MAX_MEMBERS} people; not all are shown"


def _about_refusals(stage: Stage) -> str:
    if stage.veto is None:
        return "anybody's refusal ends it"
    if not stage.veto:
        return "a refusal counts against it, and ends it once too few are left to go ahead"
    who = ", ".join(selector.label for selector in stage.veto)
    return f"a refusal by {who} ends it; any other only counts against it"
