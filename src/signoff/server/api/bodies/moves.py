"""What is done about a task: answered, revised, handed on, talked about, put off."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.server.api.bodies.passkeys import Assertion
from signoff.server.api.bodies.words import (
    Body,
    Json,
    MomentOrSpan,
    Name,
    Outcome,
    Prose,
    Reference,
    References,
    Span,
)


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
    signature: (
        Annotated[Assertion, Meta(description="By a passkey, over the challenge of this answer.")]
        | None
    ) = None


class Revision(Body):
    content: Json


class Reason(Body):
    reason: Annotated[str, Meta(max_length=2000)] | None = None


Because = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


class Delegation(Body):
    """Who may answer in one's place, and what they should know."""

    to: Reference
    note: Annotated[str, Meta(max_length=2000)] | None = None


class Reassignment(Body):
    """Who is asked instead."""

    to: Reference | References
    reason: Because


class Watching(Body):
    """Who watches; the caller themselves where it is left out."""

    who: Reference | None = None


class NewComment(Body):
    text: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=r"\S")]


class Snooze(Body):
    """Until when nobody is reminded."""

    until: MomentOrSpan


class Extension(Body):
    """How much later everything that is still to come comes."""

    by: Span
    reason: Because


class Pause(Body):
    reason: Because
