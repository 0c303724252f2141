"""Notices: who is told of what over which channel, as a store keeps them.

A notice that is due waits for its moment and is leased to whoever sends it. What became of it stays
on record: it was sent, it failed, or it was skipped because there was nothing left to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from signoff.core.facts import Fact
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId


class NoticeState(StrEnum):
    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One person told, to be told, or not to be told, over one channel.

    :param person_id: None where it goes to a ``place`` that several people read.
    :param detail: why it failed or was skipped, without any address.
    :param at: since when it is in this state.
    :param due_at: when it is to be sent, while it is due.
    :param digest: whether it goes out together with what else is due then.
    :param attempts: how often it has been tried.
    :param provider_id: what the channel calls the message.
    :param address: the digest of where it went.
    """

    workspace: WorkspaceId
    id: str
    intent_id: IntentId
    task_id: TaskId
    person_id: PersonId | None
    channel: str
    reason: str
    state: NoticeState
    detail: str | None
    at: datetime
    due_at: datetime | None = None
    digest: bool = False
    attempts: int = 0
    provider_id: str | None = None
    address: str | None = None
    place: str | None = None

    def over(self, channel: str, now: datetime) -> Notice:
        """The same notice over another channel: at once, and by itself."""
        return replace(
            self,
            id=f"{self.id.rpartition('-')[0]}-{channel}",
            channel=channel,
            state=NoticeState.DUE,
            detail=None,
            at=now,
            due_at=now,
            digest=False,
            attempts=0,
            provider_id=None,
            address=None,
        )


class NoticeStore(Protocol):
    async def notices(self, workspace: WorkspaceId, task_id: TaskId) -> Sequence[Notice]:
        """Everybody told of a task, in order."""
        ...

    async def claim_notices(
        self, channel: str, *, limit: int, lease_seconds: float
    ) -> Sequence[Notice]:
        """Lease notices of a channel that are due, earliest first, each to one caller.

        Counts the attempt.
        """
        ...

    async def settle_notices(self, notices: Sequence[Notice], facts: Sequence[Fact] = ()) -> None:
        """Write what became of notices, and which others follow, all at once; none stays leased."""
        ...

    async def notice_of(self, provider_id: str) -> Notice | None:
        """The notice that the channel calls this."""
        ...
