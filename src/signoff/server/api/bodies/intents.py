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
)


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
