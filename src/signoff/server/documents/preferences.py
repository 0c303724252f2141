"""How a person wants to be told, and to read."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.core.plan import NoticeReason
from signoff.core.preferences import Digest, Theme
from signoff.server.documents.values import Document


class QuietHours(Document):
    """When nothing rings, by the person's own clock."""

    start: str
    end: str
    urgent: bool


class Filter(Document):
    """A view of the inbox, by a name."""

    name: str
    query: str


class Preferences(Document):
    """How somebody is told beside the inbox, and how they read."""

    language: Annotated[str | None, Meta(description="Null: as their browser asks for.")]
    theme: Theme
    channels: Annotated[
        list[str] | None, Meta(description="In the order in which they are tried; null: as usual.")
    ]
    everywhere: bool
    muted: list[NoticeReason]
    quiet: QuietHours | None
    digest: Digest
    digest_at: str
    filters: list[Filter]


class OnePreferences(Document):
    preferences: Preferences
