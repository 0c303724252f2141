"""What is asked of the log."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from signoff.server import ids
from signoff.server.api.bodies.queries import Query
from signoff.server.api.bodies.words import Moment

WhyText = Annotated[str, Meta(min_length=1, max_length=1000)]
IntentReference = Annotated[str, Meta(pattern=ids.INTENT_ID)]


class ExportQuery(Query):
    """Which entries, and as what."""

    format: Annotated[
        Literal["zip", "csv", "ocsf", "cloudevents", "html"],
        Meta(description="zip is the evidence; the others are made from it, for reading."),
    ] = "zip"
    from_: Annotated[Moment, Meta(description="Only what was recorded since.")] | None = field(
        default=None, name="from"
    )
    to: Annotated[Moment, Meta(description="Only what was recorded before.")] | None = None
    intent: Annotated[IntentReference, Meta(description="Only what is about this.")] | None = None
    cosigned: Annotated[
        bool, Meta(description="Up to the last checkpoint that a witness has cosigned.")
    ] = False


class ErasureOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to erase: one of intent, subject, person, and retention_class.

    ``fields`` are commitments by name, where not all are to go. ``before`` goes with a retention
    class: only intents that ended before then.
    """

    reason: WhyText
    intent: IntentReference | None = None
    subject: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    person: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    retention_class: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    before: Moment | None = None
    fields: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=50)
    ] = []
    dry_run: bool = False


class NewHold(Struct, kw_only=True, forbid_unknown_fields=True):
    """What must not be erased; ``target`` is left out where it is all the workspace."""

    scope: Literal["intent", "subject", "retention", "workspace"]
    reason: WhyText
    target: Annotated[str, Meta(max_length=300)] = ""


class Lifting(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a hold is lifted."""

    reason: WhyText
