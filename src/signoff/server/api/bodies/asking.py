"""What is asked of people: a task with its chain, its ladder and its calendars."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from signoff.core.credential import Strength
from signoff.core.words import Demand, OutageRule, Pick, Risk, TaskType
from signoff.server.api.bodies.words import (
    AnySpan,
    Body,
    CalendarName,
    Choices,
    Condition,
    Hours,
    Json,
    Moment,
    MomentOrSpan,
    Name,
    Need,
    Outcome,
    Prose,
    Quotas,
    Reference,
    References,
    SpecialDays,
    Title,
    Zone,
)


class Action(Body):
    """The typed thing that will run; `schema` judges edited arguments."""

    name: Name
    arguments: dict[str, Json] | None = None
    schema: dict[str, Json] | None = None


class CalendarFields(Body):
    """When work is done. `hours` reads `Mon-Fri 09:00-17:30, Sat 10:00-12:00`."""

    zone: Zone | None = None
    hours: Hours | None = None
    holidays: (
        Annotated[
            str, Meta(max_length=20, description="A country, or a part of it: `DE`, `DE-BE`.")
        ]
        | None
    ) = None
    days: SpecialDays | None = None


Calendars = Annotated[
    list[CalendarName | CalendarFields],
    Meta(min_length=1, max_length=5, description="Time counts only while all of them are open."),
]
AnyCalendar: TypeAlias = CalendarName | CalendarFields | Calendars


class Rung(Body):
    """One rung of a ladder: `{after, do, to?, every?, max?}` or `{after, conclude: OUTCOME}`."""

    after: AnySpan
    do: (
        Literal["remind", "escalate", "reassign", "notify", "override", "conclude", "fail"] | None
    ) = None
    to: Reference | References | None = None
    every: AnySpan | None = None
    max: Annotated[int, Meta(ge=1, le=1000)] | None = None
    conclude: Outcome | None = None
    outcome: Outcome | None = None
    replace: (
        Annotated[bool, Meta(description="An escalation asks these instead of, not beside.")] | None
    ) = None
    unless: (
        Annotated[
            Literal["claimed"],
            Meta(description="Nothing happens once somebody has begun."),
        ]
        | None
    ) = None


Ladder = Annotated[list[Rung], Meta(max_length=10)]


class Link(Body):
    """One stage of a chain. With a `need` for each role or group, `who` may be left out."""

    who: Reference | References | None = None
    need: Need | Quotas | None = None
    exclude: Reference | References | None = None
    veto: (
        Annotated[
            bool | Reference | References,
            Meta(
                description=(
                    "Whose refusal ends the task at once: anybody's (true, the default), nobody's "
                    "(false), or theirs."
                )
            ),
        ]
        | None
    ) = None
    distinct: (
        Annotated[bool, Meta(description="Whoever answered an earlier stage is out of this one.")]
        | None
    ) = None
    when: Condition | None = None
    pick: Pick | None = None
    ladder: Ladder | None = None
    calendar: AnyCalendar | None = None


class TaskFields(Body):
    """A request to people. Which fields beyond the general ones count depends on the type."""

    type: TaskType
    title: Title | None = None
    description: Prose | None = None
    assignee: Reference | None = None
    assignees: References | None = None
    chain: Annotated[list[Reference | Link], Meta(max_length=10)] | None = None
    exclude: Reference | References | None = None
    outcomes: Annotated[list[Outcome], Meta(min_length=1, max_length=10)] | None = None
    ladder: Ladder | None = None
    deadline: MomentOrSpan | None = None
    start_deadline: (
        Annotated[str, Meta(max_length=40, description="The task fails unless claimed by then.")]
        | None
    ) = None
    calendar: AnyCalendar | None = None
    pause: (
        Annotated[
            bool, Meta(description="Whether its clock may stand while it waits on its requester.")
        ]
        | None
    ) = None
    outage: (
        Annotated[
            OutageRule,
            Meta(description="Whether time without a server is given back (`fair`) or lost."),
        ]
        | None
    ) = None
    watchers: Reference | References | None = None
    self_approval: (
        Annotated[
            bool,
            Meta(description="Whether its requester may decide it, where the workspace lets them."),
        ]
        | None
    ) = None
    comment: Demand | None = None
    evidence: Demand | None = None
    risk: Risk | None = None
    credential: (
        Annotated[
            Strength,
            Meta(description="How sure it must be that an answer is its giver's, at least."),
        ]
        | None
    ) = None
    schema: dict[str, Json] | None = None
    action: Action | None = None
    editable: bool | None = None
    content: Json = None
    revisions: Annotated[int, Meta(ge=0, le=100)] | None = None
    statement: Prose | None = None
    phrase: Title | None = None
    candidates: Choices | None = None
    initial: Json = None
    question: Prose | None = None
    choices: Choices | None = None
    follows: Name | None = None
    instructions: Prose | None = None
    checklist: Choices | None = None
    reason: Prose | None = None


class WrappedTask(Body):
    """The same inside ``task``, as it is in a submission."""

    task: TaskFields


class OpenTask(Struct, kw_only=True):
    """Either of the two; a union of structs needs a tag, so its handler tells them apart."""


class Preview(Body):
    """A task as it would be asked; `at` is when, now where it is left out."""

    task: TaskFields
    payload: Json = None
    on_behalf_of: Reference | None = None
    at: Moment | None = None
