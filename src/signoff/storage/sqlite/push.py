"""Browsers that ring, and the key they know this server by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import apsw

from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.push import Subscription
from signoff.engine.records import encode
from signoff.storage.push import subscription_values
from signoff.storage.sqlite.connection import row, rows, run, write
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import moment


class PushHalf(Threaded):
    """The part of the store that knows which browsers ring for whom."""

    async def keep_subscription(self, row: Subscription) -> None:
        await self._writer.run(_keep, row)

    async def subscriptions(
        self, workspace: WorkspaceId, person_ids: Sequence[PersonId]
    ) -> Sequence[Subscription]:
        return await self._readers.run(_of, workspace, person_ids)

    async def drop_subscription(self, workspace: WorkspaceId, subscription_id: str) -> None:
        await self._writer.run(_drop, workspace, subscription_id)

    async def server_secret(self, name: str, made: bytes, at: datetime) -> bytes:
        return await self._writer.run(_secret, name, made, at)


def _keep(connection: apsw.Connection, new: Subscription) -> None:
    write(connection, "keep_subscription", [subscription_values(new)])


def _of(
    connection: apsw.Connection, workspace: WorkspaceId, person_ids: Sequence[PersonId]
) -> list[Subscription]:
    asked = encode(list(person_ids))
    found = rows(connection, "subscriptions_of", workspace=workspace, person_ids=asked)
    return [
        Subscription(
            workspace=WorkspaceId(workspace),
            person_id=PersonId(person_id),
            endpoint=endpoint,
            p256dh=p256dh,
            auth=auth,
            device=device,
            created_at=moment(created_at),
        )
        for workspace, person_id, endpoint, p256dh, auth, device, created_at in cast(
            list[tuple[str, str, str, str, str, str | None, int]], found
        )
    ]


def _drop(connection: apsw.Connection, workspace: WorkspaceId, subscription_id: str) -> None:
    run(connection, "drop_subscription", workspace=workspace, id=subscription_id)


def _secret(connection: apsw.Connection, name: str, made: bytes, at: datetime) -> bytes:
    write(connection, "keep_server_secret", [(name, made, at)])
    found = row(connection, "server_secret", name=name)
    (value,) = cast(tuple[bytes], found)
    return value
