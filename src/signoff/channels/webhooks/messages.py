"""What an endpoint is told, and how that is signed: Standard Webhooks. Pure.

A message is thin: which event it was, and the ids by which everything about it is read over the
API. It holds no text that anybody wrote, so nothing in it has to be erased.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from signoff.core.moments import rfc3339
from signoff.engine.log.ports import LogEntry

PREFIX = "whsec_"
TRY_OUT = "webhook.test"
_PLAIN = ("outcome", "stage", "round", "channel", "reason", "rung", "late", "attempts", "state")


def secret_text(secret: bytes) -> str:
    """A secret as its owner writes it down."""
    return f"{PREFIX}{base64.b64encode(secret).decode()}"


def body(workspace: str, entry: LogEntry) -> str:
    """What is sent about one entry of the log, as JSON text."""
    said = json.loads(entry.data)
    leaf = json.loads(entry.leaf)
    plain = leaf.get("data", {})
    data: dict[str, Any] = {
        "workspace": workspace,
        "intent_id": entry.intent_id or (entry.source if entry.seq else None),
        "task_id": entry.task_id or said.get("task_id"),
        "seq": entry.seq or None,
        "log_index": entry.index,
        "actor": leaf.get("actor", {}).get("kind"),
    }
    data |= {name: plain[name] for name in _PLAIN if name in plain}
    return _text(
        entry.type, entry.at, {key: value for key, value in data.items() if value is not None}
    )


def try_out(workspace: str, at: datetime) -> str:
    """What is sent to see whether an endpoint is there."""
    return _text(TRY_OUT, at, {"workspace": workspace})


def headers(message_id: str, at: datetime, text: str, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of a message: its id, its time, and a signature with each of the secrets.

    https://github.com/standard-webhooks/standard-webhooks: *Webhook headers*, *Signature scheme*.
    """
    from standardwebhooks import Webhook

    signatures = (Webhook(secret).sign(message_id, at, text) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "Signoff-Webhooks/1",
    }


def _text(event_type: str, at: datetime, data: Mapping[str, Any]) -> str:
    message = {"type": event_type, "timestamp": rfc3339(at), "data": data}
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
