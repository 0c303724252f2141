"""People, when they are away, and keys."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from signoff.engine.ports import KeyKind
from signoff.server import ids
from signoff.server.api.bodies.words import Body, CalendarName, Reference, Word, Zone

Words = Annotated[list[Word], Meta(max_length=100)]
_OWN_CALENDAR = "The name of their working calendar."
Email = Annotated[str, Meta(max_length=254, pattern=ids.EMAIL)]
PersonName = Annotated[str, Meta(max_length=200)]
Region = Annotated[str, Meta(max_length=100)]


Aliases = Annotated[
    list[Email],
    Meta(max_length=10, description="Further mail addresses of the same person."),
]
Attributes = Annotated[
    dict[Word, Word],
    Meta(
        max_length=10,
        description="What `role:NAME@attribute:value` asks for.",
        examples=[{"level": "2"}],
    ),
]


class NewPerson(Body):
    email: Email
    name: PersonName | None = None
    aliases: Aliases | None = None
    roles: Words | None = None
    groups: Words | None = None
    attributes: Attributes | None = None
    region: Region | None = None
    time_zone: Zone | None = None
    calendar: Annotated[CalendarName, Meta(description=_OWN_CALENDAR)] | None = None


class PersonChange(Body):
    """What is left out stays as it is. Whatever holds several replaces those there were.

    A region, time zone or calendar of null is taken away.
    """

    name: PersonName | None = None
    aliases: Aliases | None = None
    roles: Words | None = None
    groups: Words | None = None
    attributes: Attributes | None = None
    region: Region | None | UnsetType = UNSET
    time_zone: Zone | None | UnsetType = UNSET
    calendar: Annotated[CalendarName, Meta(description=_OWN_CALENDAR)] | None | UnsetType = UNSET
    disabled: bool | None = None


MomentOrDay = Annotated[
    str,
    Meta(
        max_length=40,
        description="RFC 3339 with an offset, or a day: `2026-12-24`, in the person's time zone.",
    ),
]
Note = Annotated[str, Meta(max_length=500)]


class GivenAbsence(Body):
    """From when until when. An `end` that is a day is the last one away."""

    start: MomentOrDay
    end: MomentOrDay
    substitute: Reference | None = None
    note: Note | None = None


class GivenAbsences(Body):
    """All absences of a person; what has passed is not kept."""

    absences: Annotated[list[GivenAbsence], Meta(max_length=100)]


class AbsenceImport(Body):
    """An iCalendar document (RFC 5545): its all-day and out-of-office events become absences."""

    ics: Annotated[str, Meta(min_length=1)]
    substitute: Reference | None = None
    summaries: Annotated[
        bool, Meta(description="Whether the events' summaries are kept as notes.")
    ] = False


class KeyOrder(Body):
    """A key of kind agent needs an `agent`, one of kind person a `person`."""

    kind: KeyKind
    agent: Annotated[str, Meta(max_length=300)] | None = None
    person: Reference | None = None
    label: Annotated[str, Meta(max_length=200)] | None = None
