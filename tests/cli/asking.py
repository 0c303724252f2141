"""Tasks opened as an agent's program would open them."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.cli.conftest import Terminal


def asked(signoff: Terminal, *, agent: str | None = None, **fields: Any) -> dict[str, Any]:
    """A task in an intent of its own, an approval unless told otherwise."""
    payload = fields.pop("payload", None)
    body = {
        "type": "demo",
        "title": "A demo",
        "payload": payload,
        "task": {"type": "approval", "title": "May I?", **fields},
    }
    response = httpx2.post(
        f"{signoff.server.url}/v1/intents",
        json={name: value for name, value in body.items() if value is not None},
        headers={"Authorization": f"Bearer {agent or signoff.agent()}"},
    )
    assert response.status_code == 201, response.text
    opened: dict[str, Any] = response.json()["task"]
    return opened
