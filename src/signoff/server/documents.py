"""The JSON documents the API answers with, one struct each; the OpenAPI schemas are made from them.

Times are RFC 3339 in UTC with microseconds. People are named by their mail address.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from signoff.core.words import Demand, IntentStatus, Risk, TaskState, TaskType, WaitingReason
from signoff.engine.ports import KeyKind

Json: TypeAlias = Any
"""Any JSON value. msgspec knows no recursive alias, and the value is not looked into here."""

Time = Annotated[
    str,
    Meta(
        examples=["2026-11-24T09:30:00.000000Z"],
        extra_json_schema={"format": "date-time"},
    ),
]


class Document(Struct, kw_only=True):
    """One JSON object of an answer."""


class Intent(Document):
    """The durable unit of an agent's work."""

    id: str
    workspace: str
    type: str
    title: str
    agent: str
    status: IntentStatus
    waiting_reason: WaitingReason | None
    seq: Annotated[int, Meta(description="The number of its last event.")]
    handled: Annotated[
        bool,
        Meta(description="Whether an agent reports the result; else its task's decision ends it."),
    ]
    payload: Json
    result: Json
    ended_because: str | None
    on_behalf_of: str | None
    deadline: Time | None
    submitted_by: str
    submitted_at: Time
    updated_at: Time


class Evidence(Document):
    """A link, or a reference number or note in another system."""

    kind: str
    value: str


class Decision(Document):
    """What a task concluded with. Written once; every reader sees this one."""

    outcome: str
    by: Annotated[str, Meta(description="A mail address, or `ladder` where time ran out.")]
    at: Time
    comment: str | None
    data: Json
    evidence: list[Evidence]


class Stage(Document):
    """One link of a task's chain."""

    who: list[str]
    exclude: list[str]


class Round(Document):
    """A reviewer's request for changes, and the draft it was about."""

    comment: str
    by: str
    at: Time
    content: Json


class Task(Document):
    """One request to people, and how far it has come."""

    id: str
    intent_id: str
    intent_title: str
    intent_status: IntentStatus
    agent: str
    type: TaskType
    title: str
    description: str | None
    state: TaskState
    outcomes: list[str]
    assignees: Annotated[list[str], Meta(description="Who is asked now.")]
    stage: Annotated[int, Meta(description="Which link of the chain is asked, from 0.")]
    chain: list[Stage]
    risk: Risk
    comment: Demand
    evidence: Demand
    schema: dict[str, Json] | None
    spec: Annotated[dict[str, Json], Meta(description="What only its type knows.")]
    content: Json
    rounds: list[Round]
    awaiting_revision: bool
    claimed_by: str | None
    key: str | None
    opened_at: Time
    due_at: Annotated[Time, Meta(description="No answer is accepted at or after this moment.")]
    next_rung_at: Time | None
    closed_at: Time | None
    closed_because: str | None
    view_digest: Annotated[
        str, Meta(description="What is shown; send it as If-Match with a decision.")
    ]
    decision: Decision | None


class Event(Document):
    """One thing that happened to an intent."""

    seq: int
    type: str
    at: Time
    actor: str
    data: dict[str, Json]


class Step(Document):
    """One journalled piece of an agent's work."""

    name: str
    kind: str
    seq: int
    at: Time
    output: Json


class Person(Document):
    """A human who can be asked."""

    id: str
    email: str
    name: str
    roles: list[str]
    groups: list[str]
    region: str | None
    time_zone: str | None
    disabled: bool
    created_at: Time


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


# What routes answer


class Me(Document):
    """Whose key this is."""

    kind: KeyKind
    workspace: str
    agent: str | None
    person: Person | None


class OneIntent(Document):
    intent: Intent


class SubmittedIntent(Document):
    intent: Intent
    task: Task | None


class IntentAndTasks(Document):
    """An intent and its live tasks."""

    intent: Intent
    tasks: list[Task]


class Intents(Document):
    intents: list[Intent]
    next: str | None


class Events(Document):
    """`next` is the `after` of the next page, where this one is full."""

    events: list[Event]
    next: int | None


class RecordedStep(Document):
    step: Step
    intent: Intent


class Steps(Document):
    steps: list[Step]


class OneTask(Document):
    task: Task


class TaskAndIntent(Document):
    task: Task
    intent: Intent


class Tasks(Document):
    tasks: list[Task]
    next: str | None


class OnePerson(Document):
    person: Person


class People(Document):
    people: list[Person]
    next: str | None


class SignInLink(Document):
    """A link that signs a person in to the inbox, once."""

    url: str
    expires_at: Time


class Keys(Document):
    keys: list[Key]
    next: str | None


class Health(Document):
    status: Literal["ok"]


class Wrong(Document):
    """One thing wrong with one field."""

    field: str
    message: str


class Problem(Document):
    """A refusal, as RFC 9457 has it. `code` is stable; `detail` says what to do next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Wrong] = []
    about: dict[str, Json] = {}
