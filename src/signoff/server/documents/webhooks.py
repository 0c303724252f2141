"""Webhooks: other systems that are told what happens, and what came of it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.engine.webhooks import DeliveryState, WebhookState
from signoff.server.documents.values import Document, Time


class Webhook(Document):
    """An endpoint, without its secret."""

    id: str
    url: str
    label: str | None
    events: list[str]
    state: WebhookState
    detail: Annotated[str | None, Meta(description="Why it is disabled, where nobody did that.")]
    failing_since: Annotated[Time | None, Meta(description="Since when nothing gets through.")]
    created_at: Time
    created_by: str


class OneWebhook(Document):
    webhook: Webhook


class WebhookSecret(Document):
    """An endpoint and what signs what it is sent, shown this once."""

    webhook: Webhook
    secret: Annotated[str, Meta(examples=["whsec_..."])]


class Webhooks(Document):
    webhooks: list[Webhook]


class Delivery(Document):
    """One event for one endpoint. `id` is also the header `webhook-id` it is sent with."""

    id: str
    type: str
    intent_id: str | None
    log_index: Annotated[int | None, Meta(description="Its place in the log; null for a try-out.")]
    state: DeliveryState
    attempts: int
    due_at: Annotated[Time | None, Meta(description="When it is tried next, while it is due.")]
    at: Annotated[Time, Meta(description="When it was tried last.")]
    created_at: Time
    status: Annotated[int | None, Meta(description="The HTTP status of the last answer.")]
    detail: str | None
    milliseconds: int | None


class OneDelivery(Document):
    delivery: Delivery


class Deliveries(Document):
    deliveries: list[Delivery]
    next: str | None


class Redelivered(Document):
    """How many are delivered again."""

    count: int
