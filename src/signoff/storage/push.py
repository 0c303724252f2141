"""Browsers that ring as rows: the same columns on every store."""

from __future__ import annotations

from signoff.engine.push import Subscription


def subscription_values(row: Subscription) -> tuple[object, ...]:
    """What is written of a browser, in the order of the columns."""
    whose = row.workspace, row.id, row.person_id
    return *whose, row.endpoint, row.p256dh, row.auth, row.device, row.created_at
