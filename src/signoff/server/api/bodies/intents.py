"""What an agent, or whoever takes its run over, says of an intent."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from signoff.server.api.bodies.asking import TaskFields
from signoff.server.api.bodies.words import (
    Body,
    Json,
    Moment,
    MomentOrSpan,
    Name,
    Reference,
    Span,
    Title,
    Word,
)

Told = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


class GivenProvenance(Body):
    """What produced a request, for whoever audits it years later. It decides nothing."""

    agent_version: Told | None = None
    agent_class: Told | None = None
    framework: Told | None = None
    model_provider: Told | None = None
    model_name: Told | None = None
    model_version: Told | None = None
    prompt_digest: (
        Annotated[
            str,
            Meta(
                pattern=r"^sha256:[0-9a-f]{64}$",
                description="SHA-256 of the prompt template.",
            ),
        ]
        | None
    ) = None
    trace_id: Annotated[Told, Meta(description="Your own trace or correlation id.")] | None = None
    purpose: Annotated[Word, Meta(description="What it is done for, in a word.")] | None = None


class GivenCustody(Body):
    """How the data of an intent is to be kept, and whose it is."""

    subject: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=300,
                pattern=r"\S",
                description="Whose data it is: any reference that stays the same.",
                examples=["customer:cus_123"],
            ),
        ]
        | None
    ) = None
    categories: (
        Annotated[list[Word], Meta(max_length=16, description="Kinds of data in it.")] | None
    ) = None
    retention_class: (
        Annotated[Word, Meta(description="By whose rule it is erased; see the settings.")] | None
    ) = None


class Submission(Body):
    """An intent, and perhaps its first task. `handled` is by default: no task was given."""

    type: Name
    payload: Json = None
    title: Title | None = None
    task: TaskFields | None = None
    deadline: MomentOrSpan | None = None
    on_behalf_of: Reference | None = None
    handled: bool | None = None
    provenance: GivenProvenance | None = None
    custody: GivenCustody | None = None


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
