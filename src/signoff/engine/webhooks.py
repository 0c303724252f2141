"""Webhooks: other systems that are told what happens, as a store keeps them.

What happens is not queued for them with the deciding transaction, which must not become slower: it
is read from the log, where everything has a place without gaps. Each endpoint remembers up to which
place the log has been looked at for it, and its deliveries are written with that, in one
transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from signoff.core.facts import Fact
from signoff.core.words import IntentId, WorkspaceId


class WebhookState(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    DUE = "due"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What signs deliveries: 32 bytes, sealed where a seal is set.

    :param until: until when it signs beside a newer one; None for the newest.
    """

    sealed: bytes
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An endpoint.

    :param events: types it wants, such as ``task.concluded`` or ``task.*``.
    :param secrets: newest first.
    :param detail: why it is disabled, where it was not an administrator who did that.
    :param since: the first place of the log that has not been looked at for it.
    :param failing_since: since when nothing has got through.
    """

    workspace: WorkspaceId
    id: str
    url: str
    label: str | None
    events: tuple[str, ...]
    secrets: tuple[Secret, ...]
    state: WebhookState
    detail: str | None
    since: int
    failing_since: datetime | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One entry of the log for one endpoint. ``id`` is made of the two: it is always the same.

    :param index: the entry's place in the log; -1 for a try-out, which is about nothing.
    :param status: the HTTP status of the last attempt, where there was an answer.
    :param detail: what came of the last attempt, in words that hold no secret.
    :param milliseconds: how long it took.
    """

    workspace: WorkspaceId
    id: str
    webhook_id: str
    index: int
    type: str
    intent_id: IntentId | None
    state: DeliveryState
    attempts: int
    due_at: datetime | None
    created_at: datetime
    at: datetime
    status: int | None = None
    detail: str | None = None
    milliseconds: int | None = None


class WebhookStore(Protocol):
    async def add_webhook(self, row: Webhook, facts: Sequence[Fact]) -> Webhook:
        """Add an endpoint, for which the log is looked at from its end on."""
        ...

    async def webhook(self, workspace: WorkspaceId, webhook_id: str) -> Webhook | None: ...
    async def webhooks(self, workspace: WorkspaceId) -> Sequence[Webhook]:
        """All of them, in the order of their ids."""
        ...

    async def change_webhook(self, row: Webhook, facts: Sequence[Fact]) -> bool:
        """Write all of it but its place; False where it is gone."""
        ...

    async def remove_webhook(
        self, workspace: WorkspaceId, webhook_id: str, facts: Sequence[Fact]
    ) -> bool:
        """Remove it with its deliveries."""
        ...

    async def webhooks_behind(self, *, limit: int) -> Sequence[tuple[Webhook, int]]:
        """Enabled ones for which there is more in the log, and up to which place, exclusive."""
        ...

    async def move_webhook(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        expected: int,
        since: int,
        deliveries: Sequence[Delivery],
    ) -> bool:
        """Write deliveries and the new place; nothing, and False, where it is not as expected."""
        ...

    async def add_delivery(self, delivery: Delivery) -> None: ...
    async def claim_deliveries(
        self, *, limit: int, each: int, without: Collection[str], lease_seconds: float
    ) -> Sequence[Delivery]:
        """Lease deliveries that are due, to one caller, of one endpoint at most ``each``.

        Counts the attempt. Endpoints that are ``without``, or disabled, are left alone.
        """
        ...

    async def settle_delivery(self, delivery: Delivery) -> None:
        """Write what came of an attempt; where it got through, its endpoint is not failing."""
        ...

    async def failing_webhook(
        self, workspace: WorkspaceId, webhook_id: str, at: datetime
    ) -> datetime | None:
        """Note that it fails, and return since when it does; None where it is gone."""
        ...

    async def delivery(self, workspace: WorkspaceId, delivery_id: str) -> Delivery | None: ...
    async def deliveries(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        state: DeliveryState | None,
        limit: int,
        before: str | None,
    ) -> Sequence[Delivery]:
        """Newest first: those with an id below ``before``."""
        ...

    async def redeliver(
        self,
        workspace: WorkspaceId,
        webhook_id: str,
        *,
        ids: Sequence[str] | None = None,
        failed_since: datetime | None = None,
        facts: Sequence[Fact] = (),
    ) -> int:
        """Make these due again, or all that failed since then; returns how many there are."""
        ...

    async def delivery_depths(self) -> tuple[int, int]:
        """How many are due, and how many endpoints are failing, for metrics."""
        ...
