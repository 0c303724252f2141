"""In whose place a person answers, who stands in for whom, and what their answer came to so far.

Pure. Whether somebody may answer is the rules' to say; here it is put into words for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from signoff.channels import phrases
from signoff.core import tally
from signoff.core.routing import Actor, Directory, Person
from signoff.core.task import StandIn, Task, Vote
from signoff.core.words import PersonId, StandInReason, TaskType
from signoff.errors import AlreadyAnswered, NotEligible

_NOUNS = {TaskType.APPROVAL: "approval", TaskType.CONFIRMATION: "confirmation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place a person answers in, and what they have said there.

    :param seat: None where there is none for them, or it is taken.
    :param reason: why there is none.
    :param taken: whether that is because somebody has answered in it already.
    :param vote: what they have answered in the present stage, where they have.
    """

    seat: tally.Seat | None
    reason: str | None = None
    taken: bool = False
    vote: Vote | None = None


def place(task: Task, person: Person, directory: Directory, *, barred: Sequence[str]) -> Place:
    """The place in which this person may answer the present stage."""
    vote = next((each for each in tally.votes(task) if each.by.id == person.id), None)
    try:
        seat = tally.seat_of(task, person, directory, barred=barred)
    except (NotEligible, AlreadyAnswered) as error:
        taken = isinstance(error, AlreadyAnswered)
        return Place(seat=None, reason=error.message, taken=taken, vote=vote)
    return Place(seat=seat, vote=vote)


def lines(
    task: Task, found: Place, person: Person, directory: Directory, *, now: datetime, zone: tzinfo
) -> Iterator[str]:
    """What a person is told about places before they answer: in whose they do, who is in theirs."""
    given = found.seat.stand_in if found.seat else None
    if given is not None and given.why is StandInReason.ABSENT:
        away = phrases.until_day(given.until, now, zone)
        yield f"You answer for {name(given.owner, directory)}, away{away}."
    elif given is not None:
        note = f": {given.note}" if given.note else "."
        yield f"You answer for {name(given.owner, directory)}, who delegated this to you{note}"
    for each in task.stand_ins:
        if each.owner.id != person.id or each.deputy.id == person.id:
            continue
        deputy = name(each.deputy, directory)
        if each.why is StandInReason.ABSENT:
            away = phrases.until_day(each.until, now, zone)
            yield f"You are away{away}; {deputy} answers for you. You may still answer yourself."
        else:
            yield f"You delegated this to {deputy}. You may still answer yourself."
    for vote in tally.votes(task):
        if vote.seat == person.id and vote.by.id != person.id:
            word = phrases.outcome_word(vote.outcome).lower()
            yield f"{name(vote.by, directory)} answered {word} in your place."


def stand_ins(task: Task, directory: Directory, *, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """Everybody who answers for another, for whom, and why."""
    return tuple(_stands_in(each, directory, now, zone) for each in task.stand_ins)


def _stands_in(each: StandIn, directory: Directory, now: datetime, zone: tzinfo) -> str:
    deputy, owner = name(each.deputy, directory), name(each.owner, directory)
    if each.why is StandInReason.ABSENT:
        return f"{deputy} for {owner}, away{phrases.until_day(each.until, now, zone)}"
    note = f": {each.note}" if each.note else ""
    return f"{deputy} for {owner}, who delegated this{note}"


def recorded(task: Task, person: Person, directory: Directory) -> str | None:
    """That a person's answer is on record although it has not decided yet, and what is missing."""
    mine = [vote for vote in task.votes if vote.by.id == person.id]
    if not task.live or not mine:
        return None
    word = phrases.outcome_word(mine[-1].outcome).lower()
    if mine[-1].stage < task.stage:
        return f"Recorded: {word}. Now {phrases.who(task.asked.who)} is asked."
    return f"Recorded: {word}. {missing(task, directory) or 'Nobody else has to answer.'}"


def missing(task: Task, directory: Directory) -> str | None:
    """What the present stage still lacks, as a sentence; None where nothing does."""
    found = tally.progress(task, directory)
    left = found.need - found.have
    if left <= 0:
        return None
    noun = _NOUNS.get(task.ask.type, "answer")
    ending = " is" if left == 1 else "s are"
    start = f"{phrases.number(left).capitalize()} more {noun}{ending} needed"
    if not task.asked.quotas:
        return f"{start}, from {phrases.who(task.asked.who)}."
    return f"{start}: {' and '.join(_counted(each) for each in found.missing)}."


def _counted(words: str) -> str:
    """``1 more of role:manager`` as ``one of role:manager``."""
    return re.sub(r"^(\d+) more", lambda found: phrases.number(int(found[1])), words)


def name_of(person_id: PersonId, directory: Directory) -> str:
    """What people call somebody of whom only the id is known."""
    person = directory.get(person_id)
    return (person.name or person.email) if person is not None else person_id


def name(actor: Actor, directory: Directory) -> str:
    """What people call somebody: their name where it is known."""
    person = directory.get(actor.id)
    return person.name if person is not None and person.name else actor.label
