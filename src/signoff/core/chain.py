"""The stages of a task: what one asks for, who may answer it, and whether enough people can.

What has been said in a stage of a task that is under way is for ``signoff.core.tally``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from signoff.core.calendar import Calendars
from signoff.core.ladder import Rung
from signoff.core.routing import (
    MAX_MEMBERS,
    Directory,
    Person,
    Selector,
    SelectorKind,
    names,
    reaches,
    selected,
)
from signoff.core.words import Pick
from signoff.errors import NotEligible


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So many people of this role or group."""

    of: Selector
    need: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One link of a task's chain.

    :param who: whom it asks.
    :param exclude: who never answers it.
    :param need: how many people must give the go-ahead; the sum of the quotas where there are any.
    :param quotas: how many of which role or group; one person counts for one quota alone.
    :param veto: whose refusal ends the task at once: anybody's (None), or only theirs. Another
        refusal counts against, and ends it when the go-ahead can no longer be reached.
    :param distinct: whether those who answered an earlier stage are out of this one.
    :param when: the condition under which it is asked at all (CEL), as written.
    :param applies: what the condition came to when the task was opened.
    :param pick: whether everybody is asked, or those with the least on their desk.
    :param ladder: its rungs, where they differ from the task's.
    :param calendars: what its working durations count by.
    """

    who: tuple[Selector, ...]
    exclude: tuple[Selector, ...] = ()
    need: int = 1
    quotas: tuple[Quota, ...] = ()
    veto: tuple[Selector, ...] | None = None
    distinct: bool = False
    when: str | None = None
    applies: bool = True
    pick: Pick = Pick.EVERYBODY
    ladder: tuple[Rung, ...] | None = None
    calendars: Calendars = ()


def why_not(
    stage: Stage, person: Person, *, barred: Iterable[str] = (), seen: Collection[str] = ()
) -> str | None:
    """Why this person may not answer this stage in a seat of their own, or None where they may.

    :param barred: references to people who never answer here, such as the requester.
    :param seen: ids of those who have answered an earlier stage, in their own place or another's.
    """
    if (why := why_out(stage, person, barred=barred, seen=seen)) is not None:
        return why
    if not selected(stage.who, person):
        asked = ", ".join(selector.label for selector in stage.who)
        return f"{person.email} is not asked; this task asks {asked}"
    return None


def why_out(
    stage: Stage, person: Person, *, barred: Iterable[str] = (), seen: Collection[str] = ()
) -> str | None:
    """Why this person may answer this stage in nobody's place, not even another's, or None."""
    if person.disabled:
        return f"{person.email} is disabled and cannot answer"
    if selected(stage.exclude, person):
        return f"{person.email} is excluded from this task"
    if any(names(reference, person) for reference in barred):
        return f"{person.email} requested this, and nobody decides on their own request"
    if stage.distinct and person.id in seen:
        return f"{person.email} has answered an earlier stage, and this one wants somebody else"
    return None


def require_eligible(
    stage: Stage, person: Person, *, barred: Iterable[str] = (), seen: Collection[str] = ()
) -> None:
    """Raise unless this person may answer this stage in a seat of their own.

    :raises NotEligible: disabled, excluded, barred, too early here, or simply not asked.
    """
    if (why := why_not(stage, person, barred=barred, seen=seen)) is not None:
        raise NotEligible(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """Whom a stage can count on, as far as the directory knows.

    :param people: who may answer in a seat of their own, those with an early address first.
    :param more: selectors that may reach others besides, so many that they were not all loaded.
    """

    people: tuple[Person, ...]
    more: tuple[Selector, ...] = ()


def eligible(
    stage: Stage,
    directory: Directory,
    *,
    barred: Sequence[str] = (),
    seen: Collection[str] = (),
) -> Eligible:
    """Everybody who may answer this stage in a seat of their own."""
    found: dict[str, Person] = {}
    more: list[Selector] = []
    for selector in stage.who:
        reached, all_of_them = members(selector, directory)
        if not all_of_them:
            more.append(selector)
        for person in reached:
            if why_not(stage, person, barred=barred, seen=seen) is None:
                found[person.id] = person
    people = sorted(found.values(), key=lambda person: (person.email, person.id))
    return Eligible(people=tuple(people), more=tuple(more))


def has_enough(stage: Stage, directory: Directory, *, barred: Sequence[str] = ()) -> bool:
    """Whether a stage without quotas has the people it needs, without looking at all of them.

    False where it has quotas, or too few: then whoever asks has to look closely.
    """
    if stage.quotas:
        return False
    found: set[str] = set()
    for selector in stage.who:
        for person in members(selector, directory)[0]:
            if why_not(stage, person, barred=barred) is None:
                found.add(person.id)
            if len(found) >= stage.need:
                return True
    return False


def members(selector: Selector, directory: Directory) -> tuple[tuple[Person, ...], bool]:
    """Whom a selector reaches, and whether these are all of them.

    Of a token or a person nobody has asked about, nothing is known: there may be anybody.
    """
    if selector.kind is SelectorKind.PERSON:
        person = directory.get(selector.value)
        return ((), False) if person is None else ((person,), True)
    ids = directory.members.get(selector.token)
    if ids is None:
        return (), False
    known = (directory.get(each) for each in ids)
    found = tuple(each for each in known if each is not None)
    if len(selector.where) > 1:  # the token knows of the first attribute alone
        found = tuple(each for each in found if reaches(selector, each))
    return found, len(ids) < MAX_MEMBERS


# Counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the places a stage has to fill, for somebody ``of`` a role or group or anybody.

    ``among``: ids of the only ones who may fill it, where that is said.
    """

    of: Selector | None = None
    among: frozenset[str] | None = None


def places(stage: Stage) -> tuple[Place, ...]:
    """The places a stage has to fill with people who give the go-ahead."""
    if not stage.quotas:
        return (Place(),) * stage.need
    return tuple(Place(of=quota.of) for quota in stage.quotas for _ in range(quota.need))


def fill(
    places: Sequence[Place], people: Iterable[Person], *, anywhere: Iterable[Selector] = ()
) -> Mapping[int, Person]:
    """Seat as many of the people as possible, one to a place and each in one place alone.

    Earlier people are seated first and never lose their seat, only change it.

    :param anywhere: whoever these reach fills any place.
    :returns: for each place that is filled, by whom.
    """
    anywhere = tuple(anywhere)
    seated: dict[int, Person] = {}

    def seat(person: Person, tried: set[int]) -> bool:
        for at, place in enumerate(places):
            if at in tried or not _fits(place, person, anywhere):
                continue
            tried.add(at)
            if at not in seated or seat(seated[at], tried):
                seated[at] = person
                return True
        return False

    for person in people:
        if len(seated) == len(places):
            break
        seat(person, set())
    return seated


def _fits(place: Place, person: Person, anywhere: Sequence[Selector]) -> bool:
    if place.among is not None and person.id not in place.among:
        return False
    return place.of is None or reaches(place.of, person) or selected(anywhere, person)


def missing(places: Sequence[Place], filled: Mapping[int, Person]) -> tuple[str, ...]:
    """What is still missing, in words: ``("1 more of role:engineer",)``."""
    left = Counter(place.of for at, place in enumerate(places) if at not in filled)
    return tuple(f"{n} more" + (f" of {of.label}" if of else "") for of, n in left.items())


def beyond(
    places: Sequence[Place],
    filled: Mapping[int, Person],
    found: Eligible,
    *,
    anywhere: Iterable[Selector] = (),
) -> bool:
    """Whether people who were not loaded may still fill every place that is empty."""
    quotas = {place.of for place in places} - set(anywhere)
    anybody = not quotas.issuperset(found.more)
    return bool(found.more) and all(
        place.of is None or anybody or place.of in found.more
        for at, place in enumerate(places)
        if at not in filled
    )
