"""The kinds of fields that bodies and queries are made of."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

Json: TypeAlias = Any

Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")]
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
        description=(
            "A mail address or a person's id, `role:NAME` or `group:NAME`, of these only some: "
            "`role:NAME@region:eu`. In a task also `payload:PATH`: whoever the payload names there."
        ),
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
Kept = Annotated[
    str,
    Meta(
        max_length=40,
        description="How long something is kept: an elapsed duration, or `10 years`.",
    ),
]
AnySpan = Annotated[
    str,
    Meta(
        max_length=40,
        description=(
            "A duration: elapsed (`24h`, `PT24H`), calendar (`1 day`, `2 weeks`, `1 month`) or "
            "working time (`8 working hours`, `2 business days`)."
        ),
    ),
]
MomentOrSpan = Annotated[
    str, Meta(max_length=40, description="RFC 3339 with an offset, or an elapsed duration.")
]
Zone = Annotated[str, Meta(max_length=64, examples=["Europe/Berlin"])]
Hours = Annotated[
    str, Meta(max_length=500, examples=["Mon-Fri 09:00-17:30, Sat 10:00-12:00", "closed"])
]
SpecialDays = Annotated[
    dict[Annotated[str, Meta(max_length=10)], Hours],
    Meta(max_length=1000, description="The hours of single days: `09:00-12:00` or `closed`."),
]
CalendarName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="The name of a calendar; `person` is that of the one person asked.",
    ),
]
Need = Annotated[int, Meta(ge=1, le=50, description="How many must give the go-ahead.")]
Quotas = Annotated[
    dict[Reference, Need],
    Meta(min_length=1, max_length=10, description="How many of which role or group."),
]
Condition = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        description=(
            "A condition (CEL) over `payload`, `action`, `risk` and `task`; where it is not met, "
            "the stage is not asked."
        ),
        examples=["payload.amount > 10000"],
    ),
]
Number = Annotated[int, Meta(ge=0, le=2**53)]
Choices = Annotated[list[Annotated[str, Meta(min_length=1, max_length=500)]], Meta(max_length=200)]


class Body(Struct, kw_only=True, forbid_unknown_fields=True):
    """One JSON object of a request."""
