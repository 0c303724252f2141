"""Intents and what happened to them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.core.words import IntentStatus, WaitingReason
from signoff.server.documents.tasks import Task
from signoff.server.documents.values import Document, Json, Time


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
