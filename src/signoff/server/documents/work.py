"""Intents and what happened to them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.core.words import IntentStatus, WaitingReason
from signoff.server.documents.tasks import Task
from signoff.server.documents.values import Document, Json, Time


class Provenance(Document):
    """What produced an intent, as it said of itself."""

    agent_version: str | None
    agent_class: str | None
    framework: str | None
    model_provider: str | None
    model_name: str | None
    model_version: str | None
    prompt_digest: str | None
    trace_id: str | None
    purpose: str | None


class Custody(Document):
    """How the data of an intent is kept."""

    subject: str | None
    categories: list[str]
    retention_class: str | None


class Intent(Document):
    """The durable unit of an agent's work.

    `provenance` and `custody` are for its agent, and for whoever reads everything.
    """

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
    provenance: Provenance | None
    custody: Custody | None
    submitted_by: str
    submitted_at: Time
    updated_at: Time


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


class TaskAndIntent(Document):
    task: Task
    intent: Intent
