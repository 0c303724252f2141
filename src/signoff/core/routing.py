"""Who is asked: people, roles and groups, the stages of a task, and who may answer one.

Selectors are resolved against a directory snapshot when a task opens, and eligibility is judged
again, from the person's row as it is then, when the answer is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from signoff.core.words import ActorKind, PersonId
from signoff.errors import FieldError, InvalidTask, NotEligible, UnknownPerson


class SelectorKind(StrEnum):
    PERSON = "person"
    ROLE = "role"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who caused an event: ``id`` is stable, ``label`` is how people know them."""

    kind: ActorKind
    id: str
    label: str


LADDER = Actor(kind=ActorKind.LADDER, id="ladder", label="ladder")
CLOCK = Actor(kind=ActorKind.CLOCK, id="clock", label="clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human as the rules see one, read in the transaction that judges them."""

    id: PersonId
    email: str
    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    region: str | None = None
    disabled: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.PERSON, id=self.id, label=self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One person, or everybody with a role or in a group.

    ``value`` is a person's id, a role or a group; ``label`` is what a reader is shown.
    """

    kind: SelectorKind
    value: str
    label: str

    @property
    def token(self) -> str:
        """The form the assignment index stores, e.g. ``role:manager``."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One link of a task's chain: who may answer. Quorum, veto and conditions attach here."""

    who: tuple[Selector, ...]
    exclude: tuple[PersonId, ...] = ()


Directory = Mapping[str, Person]
"""People by id and by lower-case mail address, as loaded in the deciding transaction."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")


def names_person(reference: str) -> str | None:
    """Return the mail address or id a reference names, or None for a role or group.

    :param reference: ``mgr@acme.test``, ``person:mgr@acme.test``, ``role:x`` or ``group:x``.
    """
    kind, _, value = reference.partition(":")
    if kind in (SelectorKind.ROLE, SelectorKind.GROUP):
        return None
    return (value if kind == SelectorKind.PERSON else reference).strip().lower()


def resolve(reference: str, directory: Directory, *, field: str) -> Selector:
    """Turn one reference into a selector, or say why it cannot be one.

    :raises UnknownPerson: it names a person the directory does not hold, or a disabled one.
    :raises InvalidTask: it is neither a person, a role nor a group.
    """
    named = names_person(reference)
    if named is None:
        return _grouped(reference, field=field)
    person = directory.get(named)
    if person is None or person.disabled:
        state = "is disabled" if person else "is not known in this workspace"
        message = f"{reference} {state}; add people with `signoff people add --email ...`"
        raise UnknownPerson(message, errors=[FieldError(field, message)])
    return Selector(kind=SelectorKind.PERSON, value=person.id, label=person.email)


def _grouped(reference: str, *, field: str) -> Selector:
    kind, _, value = reference.partition(":")
    if not _NAME.fullmatch(value):
        message = f"{reference!r} is no role or group; write e.g. role:manager or group:payments"
        raise InvalidTask(message, errors=[FieldError(field, message)])
    return Selector(kind=SelectorKind(kind), value=value, label=reference)


def tokens(person: Person) -> tuple[str, ...]:
    """Every selector token that reaches this person, for the assignment index."""
    return (
        f"person:{person.id}",
        *(f"role:{role}" for role in person.roles),
        *(f"group:{group}" for group in person.groups),
    )


def selected(who: Iterable[Selector], person: Person) -> bool:
    """Whether any of the selectors reaches this person."""
    reach = set(tokens(person))
    return any(selector.token in reach for selector in who)


def names(reference: str, person: Person) -> bool:
    """Whether a reference, however it is written, names this very person."""
    return names_person(reference) in (person.id.lower(), person.email.lower())


def require_eligible(stage: Stage, person: Person, *, barred: Iterable[str] = ()) -> None:
    """Raise unless this person may answer this stage now.

    :param barred: references to people who never answer here, such as the requester.
    :raises NotEligible: disabled, excluded, barred, or simply not asked.
    """
    if person.disabled:
        raise NotEligible(f"{person.email} is disabled and cannot answer")
    if person.id in stage.exclude:
        raise NotEligible(f"{person.email} is excluded from this task")
    if any(names(reference, person) for reference in barred):
        raise NotEligible(f"{person.email} requested this, and nobody decides on their own request")
    if not selected(stage.who, person):
        asked = ", ".join(selector.label for selector in stage.who)
        raise NotEligible(f"{person.email} is not asked; this task asks {asked}")
