"""Refusals, and whether the server is well."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType, field

from signoff.server.documents.values import Document, Json


class Health(Document):
    """``logs_broken``: how many logs do not go on, which ``GET /v1/audit/status`` explains."""

    status: Literal["ok"]
    logs_broken: int | UnsetType = UNSET


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
    errors: list[Wrong] = field(default_factory=list)
    about: dict[str, Json] = field(default_factory=dict)
