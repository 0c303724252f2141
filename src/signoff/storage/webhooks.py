"""Endpoints and deliveries as rows: the same columns on every store."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime

from signoff.engine.webhooks import Delivery, Secret, Webhook

WINDOW = 500
"""So many deliveries that are due are looked at for one claim."""


def secrets_text(secrets: Sequence[Secret]) -> str:
    """Secrets as they are stored."""
    return json.dumps(
        [
            {
                "sealed": base64.b64encode(each.sealed).decode(),
                "until": each.until.isoformat() if each.until else None,
            }
            for each in secrets
        ]
    )


def read_secrets(text: str) -> tuple[Secret, ...]:
    return tuple(
        Secret(
            sealed=base64.b64decode(each["sealed"]),
            until=datetime.fromisoformat(each["until"]) if each["until"] else None,
        )
        for each in json.loads(text)
    )


def webhook_values(row: Webhook) -> dict[str, object]:
    """What is written of an endpoint, by column; not its place in the log."""
    return {
        "workspace": row.workspace,
        "id": row.id,
        "url": row.url,
        "label": row.label,
        "events": json.dumps(row.events),
        "secrets": secrets_text(row.secrets),
        "state": row.state.value,
        "detail": row.detail,
        "failing_since": row.failing_since,
    }


def delivery_values(row: Delivery) -> tuple[object, ...]:
    return (
        *(row.workspace, row.id, row.webhook_id, row.index, row.type, row.intent_id),
        *(row.state.value, row.attempts, row.due_at, row.created_at, row.at),
        *(row.status, row.detail, row.milliseconds),
    )
