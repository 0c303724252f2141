"""What has been said in the present stage of a task, and what it comes to.

Whoever is asked has a seat in the stage; somebody who stands in may answer in the seat of another.
An answer counts for the seat it was given in: one to a seat, and one seat to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from signoff.core.chain import (
    Place,
    beyond,
    eligible,
    fill,
    missing,
    places,
    why_not,
    why_out,
)
from signoff.core.judging import favourable
from signoff.core.routing import Directory, Person, reaches, selected
from signoff.core.task import Ask, StandIn, Task, Vote
from signoff.core.tasks import DECIDES_FOR_REQUESTER
from signoff.core.words import TaskType
from signoff.errors import AlreadyAnswered, NotEligible


def barred_from(
    type: TaskType,  # noqa: A002
    requesters: Sequence[str],
    *,
    self_approval: bool,
) -> tuple[str, ...]:
    """References to those who never decide such a task, because they want what it is about."""
    return tuple(requesters) if type in DECIDES_FOR_REQUESTER and not self_approval else ()


def barred(ask: Ask, requesters: Sequence[str]) -> tuple[str, ...]:
    """References to those who never decide on this ask."""
    return barred_from(ask.type, requesters, self_approval=ask.self_approval)


def seen(task: Task) -> frozenset[str]:
    """Ids of those who have answered an earlier stage of this round, both seats and people."""
    earlier = [vote for vote in task.votes if vote.stage < task.stage]
    return frozenset(each for vote in earlier for each in (vote.by.id, vote.seat))


def votes(task: Task) -> tuple[Vote, ...]:
    """The answers of the present stage, earliest first."""
    return tuple(vote for vote in task.votes if vote.stage == task.stage)


# Seats


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat somebody may answer in; ``stand_in`` is there where it is another's."""

    owner: Person
    stand_in: StandIn | None = None


def seats(
    task: Task, person: Person, directory: Directory, *, barred: Sequence[str]
) -> tuple[Seat, ...]:
    """Every seat this person may answer in, their own first; taken ones too."""
    earlier = seen(task)
    if why_out(task.asked, person, barred=barred, seen=earlier) is not None:
        return ()
    found = []
    if why_not(task.asked, person, barred=barred, seen=earlier) is None:
        found.append(Seat(owner=person))
    for each in task.stand_ins:
        owner = directory.get(each.owner.id)
        if each.deputy.id != person.id or owner is None or owner.id == person.id:
            continue
        if why_not(task.asked, owner, barred=barred, seen=earlier) is None:
            found.append(Seat(owner=owner, stand_in=each))
    return tuple(found)


def seat_of(task: Task, person: Person, directory: Directory, *, barred: Sequence[str]) -> Seat:
    """The seat this person answers in: the one they did before, their own, or a free one.

    :raises NotEligible: there is none for them.
    :raises AlreadyAnswered: whoever they stand in for has answered, or somebody else for them.
    """
    found = seats(task, person, directory, barred=barred)
    if not found:
        raise NotEligible(_why_no_seat(task, person, directory, barred))
    taken = {vote.seat: vote.by for vote in votes(task)}
    for each in found:
        if each.owner.id in taken and taken[each.owner.id].id == person.id:
            return each
    for each in found:
        if each.stand_in is None or each.owner.id not in taken:
            return each
    by, owner = taken[found[0].owner.id], found[0].owner
    raise AlreadyAnswered(
        f"{by.label} has answered in the place of {owner.email} already",
        about={"by": by.label, "for": owner.email},
    )


def _why_no_seat(task: Task, person: Person, directory: Directory, barred: Sequence[str]) -> str:
    """Of somebody who stands in, why the other one may not; else why they may not themselves."""
    earlier = seen(task)
    if (out := why_out(task.asked, person, barred=barred, seen=earlier)) is not None:
        return out
    owners = (directory.get(s.owner.id) for s in task.stand_ins if s.deputy.id == person.id)
    reasons = (why_not(task.asked, owner, barred=barred, seen=earlier) for owner in owners if owner)
    own = why_not(task.asked, person, barred=barred, seen=earlier)
    return next((why for why in reasons if why is not None), own or "")


def voided(
    task: Task, directory: Directory, *, barred: Sequence[str]
) -> Iterator[tuple[Vote, str]]:
    """Answers of the present stage that count no longer, each with the reason."""
    for vote in votes(task):
        if (why := _why_void(task, vote, directory, barred)) is not None:
            yield vote, why


def _why_void(task: Task, vote: Vote, directory: Directory, barred: Sequence[str]) -> str | None:
    person, owner = directory.get(vote.by.id), directory.get(vote.seat)
    if person is None or owner is None:
        return f"{vote.by.label} is no longer known in this workspace"
    earlier = seen(task)
    if (out := why_out(task.asked, person, barred=barred, seen=earlier)) is not None:
        return out
    if person.id != owner.id and not _stands_in(task, person, owner):
        return f"{person.email} no longer stands in for {owner.email}"
    return why_not(task.asked, owner, barred=barred, seen=earlier)


def _stands_in(task: Task, person: Person, owner: Person) -> bool:
    return any((s.deputy.id, s.owner.id) == (person.id, owner.id) for s in task.stand_ins)


# Counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``have`` of ``need`` go-aheads of a stage are there; ``missing`` says who is, in words."""

    need: int
    have: int
    missing: tuple[str, ...]


class Standing(StrEnum):
    """Whether a stage is satisfied, may still be, or never will be with those who may answer."""

    SATISFIED = "satisfied"
    OPEN = "open"
    OUT_OF_REACH = "out_of_reach"


def progress(task: Task, directory: Directory | None = None) -> Progress:
    """How far the present stage has come.

    Without a directory each answer fills what it could fill when it was given.
    """
    wanted = places(task.asked)
    given = _for(task)
    if directory is None:
        filled = fill(_as_answered(wanted, given), [_whoever(vote) for vote in given])
    else:
        people = [each for vote in given if (each := directory.get(vote.seat)) is not None]
        filled = fill(wanted, people, anywhere=task.added)
    return Progress(need=len(wanted), have=len(filled), missing=missing(wanted, filled))


def fills(task: Task, owner: Person) -> tuple[str, ...]:
    """The quotas of the present stage of which a go-ahead in this seat may fill one place."""
    anywhere = selected(task.added, owner)
    return tuple(
        quota.of.label for quota in task.asked.quotas if anywhere or reaches(quota.of, owner)
    )


def _as_answered(wanted: Sequence[Place], given: Sequence[Vote]) -> tuple[Place, ...]:
    """The same places, each for whoever could fill it when they answered."""
    return tuple(
        Place(
            among=frozenset(v.seat for v in given if place.of is None or place.of.label in v.fills)
        )
        for place in wanted
    )


def _whoever(vote: Vote) -> Person:
    """Somebody of whom only the seat is known."""
    return Person(id=vote.seat, email=vote.seat_label, name=vote.seat_label)


def standing(task: Task, directory: Directory, *, barred: Sequence[str]) -> Standing:
    """Whether the go-ahead of the present stage has been reached, or still can be.

    Whoever has refused counts against; whoever has said nothing yet may still give theirs.
    """
    wanted = places(task.asked)
    given = [each for vote in _for(task) if (each := directory.get(vote.seat)) is not None]
    filled = fill(wanted, given, anywhere=task.added)
    if len(filled) == len(wanted):
        return Standing.SATISFIED
    refused = {vote.seat for vote in votes(task)} - {each.id for each in given}
    found = eligible(task.asked, directory, barred=barred, seen=seen(task))
    left = [each for each in found.people if each.id not in refused and each not in given]
    filled = fill(wanted, [*given, *left], anywhere=task.added)
    reachable = len(filled) == len(wanted) or beyond(wanted, filled, found, anywhere=task.added)
    return Standing.OPEN if reachable else Standing.OUT_OF_REACH


def vetoes(task: Task, owner: Person) -> bool:
    """Whether a refusal in this person's seat ends the task at once."""
    veto = task.asked.veto
    return veto is None or selected(veto, owner)


def refusals(task: Task) -> tuple[Vote, ...]:
    """The refusals of the present stage, earliest first."""
    return tuple(vote for vote in votes(task) if not favourable(task.ask, vote.outcome))


def _for(task: Task) -> tuple[Vote, ...]:
    return tuple(vote for vote in votes(task) if favourable(task.ask, vote.outcome))
