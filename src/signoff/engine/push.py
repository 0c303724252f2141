"""Browsers that show notices while no page is open, as a store keeps them (RFC 8030)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from signoff.core.words import PersonId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One browser of somebody.

    :param endpoint: the address at which its push service takes messages for it.
    :param p256dh: the browser's public key, and ``auth`` what it shares with us, both in base64url
        (RFC 8291, 2.1 and 3.2).
    :param device: what the browser says it is.
    """

    workspace: WorkspaceId
    person_id: PersonId
    endpoint: str
    p256dh: str
    auth: str
    device: str | None
    created_at: datetime

    @property
    def id(self) -> str:
        """Made of the endpoint: a browser that is added again is the same one."""
        return f"push_{hashlib.sha256(self.endpoint.encode()).hexdigest()[:32]}"


class PushStore(Protocol):
    async def keep_subscription(self, row: Subscription) -> None:
        """Keep it in the place of the same one, whoever's it was: a browser rings for one."""
        ...

    async def subscriptions(
        self, workspace: WorkspaceId, person_ids: Sequence[PersonId]
    ) -> Sequence[Subscription]:
        """The browsers of these people, the oldest first."""
        ...

    async def drop_subscription(self, workspace: WorkspaceId, subscription_id: str) -> None: ...
    async def server_secret(self, name: str, made: bytes, at: datetime) -> bytes:
        """What all servers of this database share under a name: ``made`` where nothing is yet."""
        ...
