"""Why somebody is asked, or is not: the rules' own explanation of a task, for a reader of its page.

Pure. Nothing is worked out here a second time; moments are put into the reader's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from signoff.channels import phrases
from signoff.core.explaining import Explanation, MayAnswer
from signoff.core.routing import Actor, Directory, Person
from signoff.server.inbox import seating

MAX_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One person, and why they may answer or may not."""

    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Who may answer now and who may not.

    :param mine: what holds for the reader.
    :param more: how many are not shown, where there are many.
    """

    mine: str
    may: tuple[Reason, ...]
    may_not: tuple[Reason, ...]
    more: int
    notes: tuple[str, ...]


def why(
    found: Explanation, place: seating.Place, person: Person, directory: Directory, zone: tzinfo
) -> Why:
    """The explanation in words for one reader."""
    others = len(found.may_answer) + len(found.may_not) - 2 * MAX_SHOWN
    return Why(
        mine=_mine(found, place, person, zone),
        may=tuple(_may(each, directory, zone) for each in found.may_answer[:MAX_SHOWN]),
        may_not=tuple(
            Reason(who=_named(each.person, directory), why=phrases.local(each.why, zone))
            for each in found.may_not[:MAX_SHOWN]
        ),
        more=max(0, others),
        notes=tuple(phrases.sentence(phrases.local(each, zone)) for each in found.notes),
    )


def _mine(found: Explanation, place: seating.Place, person: Person, zone: tzinfo) -> str:
    for may in found.may_answer:
        if may.person.id == person.id:
            return f"You may answer: {phrases.local(may.why, zone)}."
    for may_not in found.may_not:
        if may_not.person.id == person.id:
            return f"You may not answer: {phrases.local(may_not.why, zone)}."
    return f"You may not answer: {place.reason or 'this task does not ask you'}."


def _may(each: MayAnswer, directory: Directory, zone: tzinfo) -> Reason:
    return Reason(who=_named(each.person, directory), why=phrases.local(each.why, zone))


def _named(actor: Actor, directory: Directory) -> str:
    """A name and the address that tells two of the same name apart."""
    name = seating.name(actor, directory)
    return name if name == actor.label else f"{name} ({actor.label})"
