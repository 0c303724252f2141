"""What the log is to whoever reads it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.server.documents.values import Document


class LogStanding(Document):
    """How the log of the workspace stands."""

    origin: str
    size: Annotated[int, Meta(description="How many entries the checkpoint covers.")]
    sequenced: Annotated[int, Meta(description="How many entries have a place.")]
    waiting: Annotated[int, Meta(description="How many have none yet, in all workspaces.")]
    lag_seconds: Annotated[float, Meta(description="For how long the oldest of these waits.")]
    published_at: str | None
    checkpoint: str
    broken: Annotated[str | None, Meta(description="Why the log does not go on, if it does not.")]


class LogKey(Document):
    """A key that signs checkpoints, or has."""

    generation: int
    key: Annotated[str, Meta(description="The verifier key, as policies name it.")]
    made_at: str
    retired_at: str | None


class LogKeys(Document):
    origin: str
    keys: list[LogKey]


class Hold(Document):
    """A legal hold."""

    id: str
    scope: str
    target: str
    reason: str
    placed_by: str
    placed_at: str
    lifted_at: str | None


class Holds(Document):
    holds: list[Hold]


class Anchor(Document):
    """A checkpoint that was given to somebody, or the reason why not."""

    kind: str
    name: str
    size: int
    at: str
    held: bool
    detail: str | None


class Anchors(Document):
    anchors: list[Anchor]


class Erasure(Document):
    """What an erasure came to."""

    intents: Annotated[int, Meta(description="How many intents it went through.")]
    entries: Annotated[int, Meta(description="How many records lost a value.")]
    fields: Annotated[list[str], Meta(description="The names of what was, or would be, erased.")]
    held: Annotated[list[str], Meta(description="Intents left alone, for a hold stands.")]
    dry_run: bool
    scrubbed: Annotated[
        bool,
        Meta(description="Whether nothing of it is left in the files of the database either."),
    ]
