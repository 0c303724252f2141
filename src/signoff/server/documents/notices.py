"""Who was told of a task."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.engine.notices import NoticeState
from signoff.server.documents.values import Document, Time


class Notice(Document):
    """One person told, to be told, or not to be told, over one channel."""

    id: str
    person: Annotated[str | None, Meta(description="Null where several people read it.")]
    place: Annotated[str | None, Meta(description="Where they do.")]
    channel: Annotated[str, Meta(examples=["inbox", "email"])]
    reason: Annotated[str, Meta(examples=["opened", "reminded"])]
    state: NoticeState
    detail: Annotated[str | None, Meta(description="Why it failed or was skipped.")]
    at: Annotated[Time, Meta(description="Since when it is in this state.")]
    due_at: Annotated[Time | None, Meta(description="When it is to be sent, while it is due.")]
    attempts: int
    provider_id: Annotated[str | None, Meta(description="What the channel calls the message.")]


class Notices(Document):
    """In order."""

    notices: list[Notice]
