"""Who there is to ask: people, roles and groups, and how a request names them.

Selectors are resolved against a directory snapshot when a task opens; who may answer one stage of
a task is for ``signoff.core.chain`` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from signoff.core.words import ActorKind, PersonId
from signoff.core.workspace import WorkspaceSettings
from signoff.errors import FieldError, InvalidTask, UnknownPerson


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
class Absence:
    """From when until when somebody is away (aware, UTC), and who stands in for them."""

    start: datetime
    end: datetime
    substitute: PersonId | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human as the rules see one, read in the transaction that judges them.

    :param aliases: further mail addresses of the same human, in lower case.
    :param attributes: what selectors can ask for beside the region, e.g. ``{"level": "2"}``.
    :param calendar: the name of the working calendar, where it is another than the workspace's.
    :param absences: in order; those that have passed may be missing.
    """

    id: PersonId
    email: str
    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    region: str | None = None
    disabled: bool = False
    aliases: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    calendar: str | None = None
    absences: tuple[Absence, ...] = ()

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.PERSON, id=self.id, label=self.email)

    @property
    def selector(self) -> Selector:
        return Selector(kind=SelectorKind.PERSON, value=self.id, label=self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One person, or everybody with a role or in a group, perhaps of certain attributes.

    ``value`` is a person's id, a role or a group; ``label`` is what a reader is shown; ``where``
    are attributes they must all have, e.g. ``(("region", "eu"),)``.
    """

    kind: SelectorKind
    value: str
    label: str
    where: tuple[tuple[str, str], ...] = ()

    @property
    def token(self) -> str:
        """The form the assignment index stores, e.g. ``role:manager`` or ``role:x@region:eu``.

        Of several attributes only the first is in it: it reaches too many then, never too few.
        """
        base = f"{self.kind}:{self.value}"
        return f"{base}@{self.where[0][0]}:{self.where[0][1]}" if self.where else base


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What the rules know of the workspace, as loaded in the deciding transaction.

    :param people: by id and by lower-case mail address, aliases too.
    :param members: for each token that was asked about, the enabled people it reaches, bounded.
    :param loads: how many live tasks ask a person directly, for those a pick may choose among.
    :param settings: what an administrator has set.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    members: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict)
    loads: Mapping[str, int] = field(default_factory=dict)
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)

    def get(self, reference: str) -> Person | None:
        """The person of an id or mail address."""
        return self.people.get(reference)


MAX_MEMBERS = 200
"""How many members of a token a directory holds at most; where there are as many, there is no end
of them."""

MAX_STAND_INS = 5
"""Over how many people who are away the search for a substitute goes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")


def names_person(reference: str) -> str | None:
    """Return the mail address or id a reference names, or None for a role or group.

    :param reference: ``mgr@acme.test``, ``person:mgr@acme.test``, ``role:x`` or ``group:x``.
    """
    kind, _, value = reference.partition(":")
    if kind in (SelectorKind.ROLE, SelectorKind.GROUP):
        return None
    return (value if kind == SelectorKind.PERSON else reference).strip().lower()


def names_token(reference: str) -> str | None:
    """Return the selector token a reference to a role or group names, or None for a person."""
    if names_person(reference) is not None:
        return None
    return "@".join(reference.split("@")[:2])


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
    kind, _, rest = reference.partition(":")
    value, *wheres = rest.split("@")
    pairs = tuple((name, said) for name, _, said in (where.partition(":") for where in wheres))
    if not all(map(_NAME.fullmatch, (value, *(word for pair in pairs for word in pair)))):
        message = (
            f"{reference!r} is no role or group; write e.g. role:manager, group:payments or "
            "role:approver@region:eu"
        )
        raise InvalidTask(message, errors=[FieldError(field, message)])
    return Selector(kind=SelectorKind(kind), value=value, label=reference, where=pairs)


def named_by(references: Iterable[str], person: Person) -> bool:
    """Whether any of the references, to people, roles or groups, reaches this person."""
    return any(
        reaches(_grouped(reference, field="references"), person)
        if names_person(reference) is None
        else names(reference, person)
        for reference in references
    )


def tokens(person: Person) -> tuple[str, ...]:
    """Every selector token that reaches this person, for the assignment index."""
    bases = [*(f"role:{role}" for role in person.roles), *(f"group:{g}" for g in person.groups)]
    wheres = [f"@{name}:{value}" for name, value in _attributes(person).items()]
    return (
        f"person:{person.id}",
        *bases,
        *(f"{base}{where}" for base in bases for where in wheres),
    )


def reaches(selector: Selector, person: Person) -> bool:
    """Whether the selector reaches this person, every attribute considered."""
    match selector.kind:
        case SelectorKind.PERSON:
            return selector.value == person.id
        case SelectorKind.ROLE:
            found = selector.value in person.roles
        case SelectorKind.GROUP:
            found = selector.value in person.groups
    has = _attributes(person)
    return found and all(has.get(name) == value for name, value in selector.where)


def selected(who: Iterable[Selector], person: Person) -> bool:
    """Whether any of the selectors reaches this person."""
    return any(reaches(selector, person) for selector in who)


def _attributes(person: Person) -> Mapping[str, str]:
    return {"region": person.region, **person.attributes} if person.region else person.attributes


def names(reference: str, person: Person) -> bool:
    """Whether a reference, however it is written, names this very person."""
    return names_person(reference) in (person.id.lower(), person.email.lower(), *person.aliases)
