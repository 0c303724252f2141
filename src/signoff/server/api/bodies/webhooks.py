"""Webhooks: other systems that are told what happens."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from signoff.engine.webhooks import DeliveryState
from signoff.server.api.bodies.queries import Query
from signoff.server.api.bodies.words import Body, Moment, Name

Address = Annotated[
    str, Meta(min_length=1, max_length=2000, description="Where it is, over HTTPS.")
]
Wanted = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=100, examples=["task.concluded", "task.*"])]],
    Meta(min_length=1, max_length=50, description="Which events it wants; `*` for all."),
]


class NewWebhook(Body):
    """An endpoint that is told of what happens from now on."""

    url: Address
    events: Wanted
    label: Name | None = None


class WebhookChange(Body):
    """What is left out stays as it is."""

    url: Address | None = None
    events: Wanted | None = None
    label: Name | None | UnsetType = UNSET
    enabled: bool | None = None


class Rotation(Body):
    """For how long the secret so far signs beside the new one."""

    overlap_hours: Annotated[int, Meta(ge=0, le=720)] = 24


class Redelivery(Body):
    """Deliver again what failed since then."""

    failed_since: Moment


class DeliveriesQuery(Query):
    """Deliveries, newest first; `before` is the `next` of the page before."""

    state: DeliveryState | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    before: Annotated[str, Meta(max_length=100)] | None = None
