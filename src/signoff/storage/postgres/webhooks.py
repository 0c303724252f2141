"""Webhooks: endpoints, how far the log has been looked at for each, and their deliveries."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from signoff.core.facts import Fact
from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.webhooks import Delivery, DeliveryState, Webhook, WebhookState
from signoff.storage.postgres.database import Database, Row
from signoff.storage.postgres.directories import columns
from signoff.storage.postgres.reading import LAST
from signoff.storage.webhooks import WINDOW, delivery_values, read_secrets, webhook_values

_DELIVERY_COLUMNS = 14


class Webhooks:
    """The part of the store that knows webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_webhook(self, row: Webhook, facts: Sequence[Fact]) -> Webhook:
        values = *webhook_values(row).values(), row.created_at, row.created_by
        found = await self._database.write("insert_webhook", *values, facts=facts)
        return replace(row, since=found[0][0])

    async def webhook(self, workspace: WorkspaceId, webhook_id: str) -> Webhook | None:
        row = await self._database.row("webhook_by_id", workspace, webhook_id)
        return None if row is None else _webhook(row)

    async def webhooks(self, workspace: WorkspaceId) -> Sequence[Webhook]:
        return [_webhook(row) for row in await self._database.rows("webhooks", workspace)]

    async def change_webhook(self, row: Webhook, facts: Sequence[Fact]) -> bool:
        values = webhook_values(row).values()
        return bool(await self._database.write("update_webhook", *values, facts=facts))

    async def remove_webhook(
        self, workspace: WorkspaceId, webhook_id: str, facts: Sequence[Fact]
    ) -> bool:
        found = await self._database.write("delete_webhook", workspace, webhook_id, facts=facts)
        return bool(found)

    async def webhooks_behind(self, *, limit: int) -> Sequence[tuple[Webhook, int]]:
        rows = await self._database.rows("webhooks_behind", limit)
        return [(_webhook(row[:12]), row[12]) for row in rows]

    async def move_webhook(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        expected: int,
        since: int,
        deliveries: Sequence[Delivery],
    ) -> bool:
        written = columns(map(delivery_values, deliveries)) if deliveries else _NOTHING
        moved = workspace, webhook_id, expected, since
        return bool(await self._database.write("move_webhook", *moved, *written))

    async def add_delivery(self, delivery: Delivery) -> None:
        await self._database.write("insert_delivery", *delivery_values(delivery))

    async def claim_deliveries(
        self, *, limit: int, each: int, without: Collection[str], lease_seconds: float
    ) -> Sequence[Delivery]:
        now, lease = self._database.given_time(), timedelta(seconds=lease_seconds)
        wanted = now, limit, lease, each, sorted(without), WINDOW
        return [_delivery(row) for row in await self._database.write("claim_deliveries", *wanted)]

    async def settle_delivery(self, delivery: Delivery) -> None:
        await self._database.write(
            "settle_delivery",
            *(delivery.workspace, delivery.id, delivery.webhook_id, delivery.state.value),
            *(delivery.attempts, delivery.due_at, delivery.at, delivery.status),
            *(delivery.detail, delivery.milliseconds),
        )

    async def failing_webhook(
        self, workspace: WorkspaceId, webhook_id: str, at: datetime
    ) -> datetime | None:
        rows = await self._database.write("fail_webhook", workspace, webhook_id, at)
        return rows[0][0] if rows else None

    async def delivery(self, workspace: WorkspaceId, delivery_id: str) -> Delivery | None:
        row = await self._database.row("delivery_by_id", workspace, delivery_id)
        return None if row is None else _delivery(row)

    async def deliveries(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        state: DeliveryState | None,
        limit: int,
        before: str | None,
    ) -> Sequence[Delivery]:
        last = LAST if before is None else before
        named = workspace, webhook_id, state.value if state else None, last, limit
        return [_delivery(row) for row in await self._database.rows("deliveries", *named)]

    async def redeliver(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        ids: Sequence[str] | None = None,
        failed_since: datetime | None = None,
        facts: Sequence[Fact] = (),
    ) -> int:
        which = None if ids is None else list(ids)
        now = self._database.given_time()
        named = workspace, webhook_id, which, failed_since, now
        return len(await self._database.write("redeliver", *named, facts=facts))

    async def delivery_depths(self) -> tuple[int, int]:
        row = await self._database.row("delivery_depths", self._database.given_time())
        return (row[0], row[1]) if row else (0, 0)


_NOTHING: Sequence[Sequence[object]] = ((),) * _DELIVERY_COLUMNS


def _webhook(row: Row) -> Webhook:
    workspace, webhook_id, url, label, events, secrets, state, detail = row[:8]
    since, failing_since, created_at, created_by = row[8:]
    return Webhook(
        workspace=WorkspaceId(workspace),
        id=webhook_id,
        url=url,
        label=label,
        events=tuple(json.loads(events)),
        secrets=read_secrets(secrets),
        state=WebhookState(state),
        detail=detail,
        since=since,
        failing_since=failing_since,
        created_at=created_at,
        created_by=created_by,
    )


def _delivery(row: Row) -> Delivery:
    workspace, delivery_id, webhook_id, index, event_type, intent_id, state, attempts = row[:8]
    due_at, created_at, at, status, detail, milliseconds = row[8:]
    return Delivery(
        workspace=WorkspaceId(workspace),
        id=delivery_id,
        webhook_id=webhook_id,
        index=index,
        type=event_type,
        intent_id=IntentId(intent_id) if intent_id else None,
        state=DeliveryState(state),
        attempts=attempts,
        due_at=due_at,
        created_at=created_at,
        at=at,
        status=status,
        detail=detail,
        milliseconds=milliseconds,
    )
