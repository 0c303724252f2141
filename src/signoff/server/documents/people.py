"""People, when they are away, and keys."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.engine.ports import KeyKind
from signoff.server.documents.values import Document, Time


class Person(Document):
    """A human who can be asked."""

    id: str
    email: str
    aliases: Annotated[list[str], Meta(description="Further mail addresses of the same person.")]
    name: str
    roles: list[str]
    groups: list[str]
    attributes: Annotated[
        dict[str, str], Meta(description="What `role:NAME@attribute:value` asks for.")
    ]
    region: str | None
    time_zone: str | None
    calendar: Annotated[str | None, Meta(description="The name of their working calendar.")]
    disabled: bool
    created_at: Time


class Absence(Document):
    """From when until when somebody is away, and who stands in for them."""

    start: Time
    end: Annotated[Time, Meta(description="When they are back.")]
    substitute: str | None
    note: str | None


class LeftOut(Document):
    """An event of a calendar that became no absence, and why."""

    summary: str | None
    why: str


class Key(Document):
    """An API key without its secret; `hint` are its last characters."""

    id: str
    kind: KeyKind
    hint: str
    label: str | None
    agent: str | None
    person: str | None
    created_at: Time
    revoked_at: Time | None


class NewKey(Key):
    """An API key just made. `key` is its secret, shown this once."""

    key: str


class Me(Document):
    """Whose key this is."""

    kind: KeyKind
    workspace: str
    agent: str | None
    person: Person | None


class OnePerson(Document):
    person: Person


class People(Document):
    people: list[Person]
    next: str | None


class SignInLink(Document):
    """A link that signs a person in to the inbox, once."""

    url: str
    expires_at: Time


class Absences(Document):
    """In the order of time."""

    absences: list[Absence]


class ImportedAbsences(Absences):
    """All absences of the person after an import, and what became of the events."""

    imported: Annotated[int, Meta(description="How many events became absences, or part of one.")]
    left_out: list[LeftOut]


class Keys(Document):
    keys: list[Key]
    next: str | None
