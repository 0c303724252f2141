"""Webhooks: endpoints, how far the log has been looked at for each, and their deliveries."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.ports import Clock
from signoff.engine.records import encode
from signoff.engine.webhooks import Delivery, DeliveryState, Webhook, WebhookState
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import LAST_ID, Value, maybe_moment, micros, moment
from signoff.storage.webhooks import WINDOW, delivery_values, read_secrets, webhook_values


class WebhookHalf(Threaded):
    """The part of the store that knows webhooks."""

    async def add_webhook(self, new: Webhook, facts: Sequence[Fact]) -> Webhook:
        return await self._writer.run(_add, new, facts)

    async def webhook(self, workspace: WorkspaceId, webhook_id: str) -> Webhook | None:
        return await self._readers.run(_one, workspace, webhook_id)

    async def webhooks(self, workspace: WorkspaceId) -> Sequence[Webhook]:
        return await self._readers.run(_all, workspace)

    async def change_webhook(self, changed: Webhook, facts: Sequence[Fact]) -> bool:
        return await self._writer.run(_change, changed, facts)

    async def remove_webhook(
        self, workspace: WorkspaceId, webhook_id: str, facts: Sequence[Fact]
    ) -> bool:
        return await self._writer.run(_remove, workspace, webhook_id, facts)

    async def webhooks_behind(self, *, limit: int) -> Sequence[tuple[Webhook, int]]:
        return await self._readers.run(_behind, limit)

    async def move_webhook(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        expected: int,
        since: int,
        deliveries: Sequence[Delivery],
    ) -> bool:
        moved = {"workspace": workspace, "id": webhook_id, "expected": expected, "since": since}
        return await self._writer.run(_move, moved, deliveries)

    async def add_delivery(self, delivery: Delivery) -> None:
        await self._writer.run(write, "insert_deliveries", [delivery_values(delivery)])

    async def claim_deliveries(
        self, *, limit: int, each: int, without: Collection[str], lease_seconds: float
    ) -> Sequence[Delivery]:
        wanted: dict[str, Value] = {
            "limit": limit,
            "each": each,
            "without": encode(sorted(without)),
            "window": WINDOW,
        }
        return await self._writer.run(_claim, self._clock, wanted, lease_seconds)

    async def settle_delivery(self, delivery: Delivery) -> None:
        await self._writer.run(_settle, delivery)

    async def failing_webhook(
        self, workspace: WorkspaceId, webhook_id: str, at: datetime
    ) -> datetime | None:
        return await self._writer.run(_failing, workspace, webhook_id, at)

    async def delivery(self, workspace: WorkspaceId, delivery_id: str) -> Delivery | None:
        return await self._readers.run(_delivery_by_id, workspace, delivery_id)

    async def deliveries(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        state: DeliveryState | None,
        limit: int,
        before: str | None,
    ) -> Sequence[Delivery]:
        wanted: dict[str, Value] = {
            "workspace": workspace,
            "webhook_id": webhook_id,
            "state": state.value if state else None,
            "limit": limit,
            "before": LAST_ID if before is None else before,
        }
        return await self._readers.run(_deliveries, wanted)

    async def redeliver(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        ids: Sequence[str] | None = None,
        failed_since: datetime | None = None,
        facts: Sequence[Fact] = (),
    ) -> int:
        which: dict[str, Value] = {
            "workspace": workspace,
            "webhook_id": webhook_id,
            "ids": None if ids is None else encode(ids),
            "since": micros(failed_since) if failed_since else 0,
            "now": micros(self._clock.now()),
        }
        return await self._writer.run(_redeliver, which, facts)

    async def delivery_depths(self) -> tuple[int, int]:
        return await self._readers.run(_depths, self._clock)


def _add(connection: apsw.Connection, new: Webhook, facts: Sequence[Fact]) -> Webhook:
    values = _values(new)
    values |= {"created_at": micros(new.created_at), "created_by": new.created_by}
    found = row(connection, "insert_webhook", **values)
    add_facts(connection, facts)
    return replace(new, since=cast(tuple[int], found)[0])


def _change(connection: apsw.Connection, changed: Webhook, facts: Sequence[Fact]) -> bool:
    there = bool(run(connection, "update_webhook", **_values(changed)))
    if there:
        add_facts(connection, facts)
    return there


def _remove(
    connection: apsw.Connection, workspace: WorkspaceId, webhook_id: str, facts: Sequence[Fact]
) -> bool:
    there = bool(run(connection, "delete_webhook", workspace=workspace, id=webhook_id))
    if there:
        add_facts(connection, facts)
    return there


def _one(connection: apsw.Connection, workspace: WorkspaceId, webhook_id: str) -> Webhook | None:
    found = row(connection, "webhook_by_id", workspace=workspace, id=webhook_id)
    return None if found is None else _webhook(found)


def _all(connection: apsw.Connection, workspace: WorkspaceId) -> list[Webhook]:
    found = [_webhook(each) for each in rows(connection, "webhooks", workspace=workspace)]
    return sorted(found, key=lambda each: each.id)


def _behind(connection: apsw.Connection, limit: int) -> list[tuple[Webhook, int]]:
    found = rows(connection, "webhooks_behind", limit=limit)
    return [(_webhook(each[:-1]), cast(int, each[-1])) for each in found]


def _move(
    connection: apsw.Connection, moved: Mapping[str, Any], deliveries: Sequence[Delivery]
) -> bool:
    if not run(connection, "move_webhook", **moved):
        return False
    write(connection, "insert_deliveries", [delivery_values(each) for each in deliveries])
    return True


def _claim(
    connection: apsw.Connection, clock: Clock, wanted: Mapping[str, Value], lease_seconds: float
) -> list[Delivery]:
    now = clock.now()
    found = rows(connection, "due_deliveries", now=micros(now), **wanted)
    if not found:
        return []
    until = micros(now + timedelta(seconds=lease_seconds))
    run(connection, "lease_deliveries", refs=encode([each[:2] for each in found]), until=until)
    due = [_delivery(each) for each in found]
    return [replace(each, attempts=each.attempts + 1) for each in due]


def _settle(connection: apsw.Connection, delivery: Delivery) -> None:
    run(
        connection,
        "settle_delivery",
        workspace=delivery.workspace,
        id=delivery.id,
        state=delivery.state.value,
        attempts=delivery.attempts,
        due_at=micros(delivery.due_at) if delivery.due_at else None,
        at=micros(delivery.at),
        status=delivery.status,
        detail=delivery.detail,
        milliseconds=delivery.milliseconds,
    )
    if delivery.state is DeliveryState.SENT:
        named = {"workspace": delivery.workspace, "id": delivery.webhook_id}
        run(connection, "mend_webhook", **named)


def _failing(
    connection: apsw.Connection, workspace: WorkspaceId, webhook_id: str, at: datetime
) -> datetime | None:
    found = row(connection, "fail_webhook", workspace=workspace, id=webhook_id, at=micros(at))
    return None if found is None else moment(cast(int, found[0]))


def _delivery_by_id(
    connection: apsw.Connection, workspace: WorkspaceId, delivery_id: str
) -> Delivery | None:
    found = row(connection, "delivery_by_id", workspace=workspace, id=delivery_id)
    return None if found is None else _delivery(found)


def _deliveries(connection: apsw.Connection, wanted: Mapping[str, Value]) -> list[Delivery]:
    return [_delivery(each) for each in rows(connection, "deliveries", **wanted)]


def _redeliver(
    connection: apsw.Connection, which: Mapping[str, Value], facts: Sequence[Fact]
) -> int:
    count = run(connection, "redeliver", **which)
    if count:
        add_facts(connection, facts)
    return count


def _depths(connection: apsw.Connection, clock: Clock) -> tuple[int, int]:
    found = row(connection, "delivery_depths", now=micros(clock.now()))
    return cast(tuple[int, int], found)


def _values(webhook: Webhook) -> dict[str, Any]:
    values = webhook_values(webhook)
    failing = webhook.failing_since
    return {**values, "failing_since": micros(failing) if failing else None}


def _webhook(found: Row) -> Webhook:
    workspace, webhook_id, url, label, events, secrets, state, detail = cast(
        tuple[str, str, str, str | None, str, str, str, str | None], found[:8]
    )
    since, failing_since, created_at, created_by = cast(tuple[int, int | None, int, str], found[8:])
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
        failing_since=maybe_moment(failing_since),
        created_at=moment(created_at),
        created_by=created_by,
    )


def _delivery(found: Row) -> Delivery:
    workspace, delivery_id, webhook_id, index, event_type, intent_id, state, attempts = cast(
        tuple[str, str, str, int, str, str | None, str, int], found[:8]
    )
    due_at, created_at, at, status, detail, milliseconds = cast(
        tuple[int | None, int, int, int | None, str | None, int | None], found[8:14]
    )
    return Delivery(
        workspace=WorkspaceId(workspace),
        id=delivery_id,
        webhook_id=webhook_id,
        index=index,
        type=event_type,
        intent_id=IntentId(intent_id) if intent_id else None,
        state=DeliveryState(state),
        attempts=attempts,
        due_at=maybe_moment(due_at),
        created_at=moment(created_at),
        at=moment(at),
        status=status,
        detail=detail,
        milliseconds=milliseconds,
    )
