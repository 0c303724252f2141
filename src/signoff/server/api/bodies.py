"""What requests say: one struct for each body and query. Unknown fields are refused by name.

Only shapes and sizes are judged here; whether it makes sense is for the rules to say.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from signoff.core.words import Demand, IntentStatus, Risk, TaskType
from signoff.engine.ports import KeyKind
from signoff.server import ids

Json: TypeAlias = Any

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
Prose = Annotated[str, Meta(max_length=20_000)]
# No pattern here: msgspec 0.22 frees the wrong memory at exit where a text with a pattern stands in
# a union with an array.
Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=300,
        description="A mail address or a person's id, `role:NAME` or `group:NAME`.",
    ),
]
References = Annotated[list[Reference], Meta(max_length=50)]
Outcome = Annotated[str, Meta(min_length=1, max_length=50)]
Moment = Annotated[
    str,
    Meta(
        max_length=40,
        description="RFC 3339 with an offset.",
        extra_json_schema={"format": "date-time"},
    ),
]
Span = Annotated[
    str, Meta(max_length=40, description="An elapsed duration: 30m, 24h, 3d or PT24H.")
]
MomentOrSpan = Annotated[
    str, Meta(max_length=40, description="RFC 3339 with an offset, or an elapsed duration.")
]
Choices = Annotated[list[Annotated[str, Meta(min_length=1, max_length=500)]], Meta(max_length=200)]


class Body(Struct, kw_only=True, forbid_unknown_fields=True):
    """One JSON object of a request."""


# Tasks


class Action(Body):
    """The typed thing that will run; `schema` judges edited arguments."""

    name: Name
    arguments: dict[str, Json] | None = None
    schema: dict[str, Json] | None = None


class Link(Body):
    """One stage of a chain."""

    who: Reference | References
    exclude: Reference | References | None = None


class Rung(Body):
    """One rung of a ladder: `{after, do, to?, every?, max?}` or `{after, conclude: OUTCOME}`."""

    after: Span
    do: Literal["remind", "escalate", "conclude", "fail"] | None = None
    to: Reference | References | None = None
    every: Span | None = None
    max: Annotated[int, Meta(ge=1, le=1000)] | None = None
    conclude: Outcome | None = None
    outcome: Outcome | None = None


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
    ladder: Annotated[list[Rung], Meta(max_length=10)] | None = None
    deadline: MomentOrSpan | None = None
    comment: Demand | None = None
    evidence: Demand | None = None
    risk: Risk | None = None
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


class GivenEvidence(Body):
    """A link, or a reference number or note in another system."""

    kind: Name
    value: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


WebAddress = Annotated[
    str,
    Meta(min_length=1, max_length=2000, pattern=r"^https?://\S+$", description="A web address."),
]


class Answer(Body):
    """What a person says."""

    outcome: Outcome
    data: Json = None
    comment: Prose | None = None
    evidence: Annotated[list[WebAddress | GivenEvidence], Meta(max_length=50)] | None = None


class Revision(Body):
    content: Json


class Reason(Body):
    reason: Annotated[str, Meta(max_length=2000)] | None = None


# Intents


class Submission(Body):
    """An intent, and perhaps its first task. `handled` is by default: no task was given."""

    type: Name
    payload: Json = None
    title: Title | None = None
    task: TaskFields | None = None
    deadline: MomentOrSpan | None = None
    on_behalf_of: Reference | None = None
    handled: bool | None = None


class Completion(Body):
    result: Json = None


class Takeover(Body):
    """An emergency takeover of a run by a person."""

    justification: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
    action: Literal["stop", "replace", "hand_over"]
    result: Json = None
    to: Reference | None = None


class StepRecord(Body):
    name: Name
    output: Json
    kind: Name = "step"


class Nap(Body, rename={"for_": "for"}):
    """A durable wait: `until` a moment, or `for` an elapsed duration; one of them."""

    name: Name
    until: Moment | None = None
    for_: Span | None = None


# People and keys

Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")]
Words = Annotated[list[Word], Meta(max_length=100)]
Email = Annotated[str, Meta(max_length=254, pattern=ids.EMAIL)]
PersonName = Annotated[str, Meta(max_length=200)]
Region = Annotated[str, Meta(max_length=100)]
Zone = Annotated[str, Meta(max_length=64, examples=["Europe/Berlin"])]


class NewPerson(Body):
    email: Email
    name: PersonName | None = None
    roles: Words | None = None
    groups: Words | None = None
    region: Region | None = None
    time_zone: Zone | None = None


class PersonChange(Body):
    """What is left out stays as it is. Roles and groups replace those there were.

    A region or time zone of null is taken away.
    """

    name: PersonName | None = None
    roles: Words | None = None
    groups: Words | None = None
    region: Region | None | UnsetType = UNSET
    time_zone: Zone | None | UnsetType = UNSET
    disabled: bool | None = None


class KeyOrder(Body):
    """A key of kind agent needs an `agent`, one of kind person a `person`."""

    kind: KeyKind
    agent: Annotated[str, Meta(max_length=300)] | None = None
    person: Reference | None = None
    label: Annotated[str, Meta(max_length=200)] | None = None


# Queries

Limit = Annotated[int, Meta(ge=1, le=200, description="Rows at most.")]
Seconds = Annotated[
    float, Meta(ge=0, le=60, description="How many seconds to wait at most for news.")
]
Number = Annotated[int, Meta(ge=0, le=2**53)]
AgentAddress = Annotated[
    str, Meta(max_length=300, pattern=r"^agent://\S+$", description="Only this agent's.")
]
PAGE = "The `next` of the page before; an id."


class Query(Struct, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a query string."""


class IntentsQuery(Query):
    status: IntentStatus | None = None
    agent: AgentAddress | None = None
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.INTENT_ID, description=PAGE)] | None = None


class IntentQuery(Query):
    wait: Seconds = 0
    after: Annotated[Number, Meta(description="With wait: news has a greater number.")] | None = (
        None
    )


class EventsQuery(Query):
    after: Annotated[Number, Meta(description="Only events with a greater number.")] = 0
    limit: Limit = 50
    wait: Seconds = 0


class TasksQuery(Query):
    state: (
        Literal["open", "claimed", "live", "concluded", "expired", "withdrawn", "overridden"] | None
    ) = None
    intent: (
        Annotated[str, Meta(pattern=ids.INTENT_ID, description="Only this intent's.")] | None
    ) = None
    agent: AgentAddress | None = None
    mine: Annotated[bool, Meta(description="Only those that ask me.")] = False
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.TASK_ID, description=PAGE)] | None = None


class TaskQuery(Query):
    wait: Seconds = 0


class PeopleQuery(Query):
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.PERSON_ID, description=PAGE)] | None = None


class KeysQuery(Query):
    limit: Limit = 50
    before: Annotated[str, Meta(pattern=ids.KEY_ID, description=PAGE)] | None = None
