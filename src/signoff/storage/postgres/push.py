"""Browsers that ring, and the key they know this server by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.push import Subscription
from signoff.storage.postgres.database import Database
from signoff.storage.push import subscription_values


class Pushes:
    """The part of the store that knows which browsers ring for whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_subscription(self, row: Subscription) -> None:
        await self._database.write("keep_subscription", *subscription_values(row))

    async def subscriptions(
        self, workspace: WorkspaceId, person_ids: Sequence[PersonId]
    ) -> Sequence[Subscription]:
        rows = await self._database.rows("subscriptions_of", workspace, list(person_ids))
        return [
            Subscription(
                workspace=workspace,
                person_id=person_id,
                endpoint=endpoint,
                p256dh=p256dh,
                auth=auth,
                device=device,
                created_at=created_at,
            )
            for workspace, person_id, endpoint, p256dh, auth, device, created_at in rows
        ]

    async def drop_subscription(self, workspace: WorkspaceId, subscription_id: str) -> None:
        await self._database.write("drop_subscription", workspace, subscription_id)

    async def server_secret(self, name: str, made: bytes, at: datetime) -> bytes:
        await self._database.write("keep_server_secret", name, made, at)
        row = await self._database.row("server_secret", name)
        assert row is not None, "it has just been kept"
        value: bytes = row[0]
        return value
