"""Webhooks and their deliveries."""

from __future__ import annotations

from signoff.core.moments import rfc3339
from signoff.engine.webhooks import Delivery, Webhook
from signoff.server import documents as d
from signoff.server.rendering.times import time


def webhook(row: Webhook) -> d.Webhook:
    return d.Webhook(
        id=row.id,
        url=row.url,
        label=row.label,
        events=list(row.events),
        state=row.state,
        detail=row.detail,
        failing_since=time(row.failing_since),
        created_at=rfc3339(row.created_at),
        created_by=row.created_by,
    )


def delivery(row: Delivery) -> d.Delivery:
    return d.Delivery(
        id=row.id,
        type=row.type,
        intent_id=row.intent_id,
        log_index=row.index if row.index >= 0 else None,
        state=row.state,
        attempts=row.attempts,
        due_at=time(row.due_at),
        at=rfc3339(row.at),
        created_at=rfc3339(row.created_at),
        status=row.status,
        detail=row.detail,
        milliseconds=row.milliseconds,
    )
