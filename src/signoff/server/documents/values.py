"""What documents are made of."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

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
