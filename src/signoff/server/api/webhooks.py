"""Webhooks: endpoints, their secrets, what was sent to them, and what is sent again."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from msgspec import UNSET
from uuid6 import uuid7

from signoff.channels.guard import allowed, require_sound
from signoff.channels.webhooks.delivering import about_secret
from signoff.channels.webhooks.messages import TRY_OUT, secret_text
from signoff.core.deliveries import unknown
from signoff.core.events import BODIES
from signoff.core.facts import FACTS
from signoff.engine.log.keys import SEED_SIZE, Seal
from signoff.engine.webhooks import Delivery, DeliveryState, Secret, Webhook, WebhookState
from signoff.errors import InvalidInput
from signoff.server import documents as d
from signoff.server import ids, recording, rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Nothing, Reply
from signoff.server.api.times import recorded

MAX_WEBHOOKS = 50
_ID = re.compile(r"whk_[0-9a-f]{32}")
_DELIVERY_ID = re.compile(r"msg_[0-9a-f]{32}")


async def add(call: Call[b.NewWebhook, NoQuery]) -> Reply:
    """Add an endpoint. Its secret is in this answer and nowhere else."""
    body, store, workspace = call.body, call.services.store, call.caller.workspace
    _require_events(body.events)
    require_sound(body.url, allowed(call.services.settings.webhook_allow))
    if len(await store.webhooks(workspace)) >= MAX_WEBHOOKS:
        raise InvalidInput(f"there is room for {MAX_WEBHOOKS} webhooks in a workspace")
    webhook_id, secret = f"whk_{uuid7().hex}", secrets.token_bytes(SEED_SIZE)
    row = Webhook(
        workspace=workspace,
        id=webhook_id,
        url=body.url,
        label=body.label,
        events=tuple(dict.fromkeys(body.events)),
        secrets=(_sealed(call, webhook_id, secret),),
        state=WebhookState.ENABLED,
        detail=None,
        since=0,
        failing_since=None,
        created_at=await store.now(),
        created_by=call.caller.actor.label,
    )
    told = await recording.webhook_added(store, call.caller.actor, row)
    added = await store.add_webhook(row, told)
    document = d.WebhookSecret(webhook=rendering.webhook(added), secret=secret_text(secret))
    return Reply(document=document, created=True)


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """Every endpoint of the workspace."""
    found = await call.services.store.webhooks(call.caller.workspace)
    return Reply(document=d.Webhooks(webhooks=[rendering.webhook(each) for each in found]))


async def read(call: Call[None, NoQuery]) -> Reply:
    """One endpoint."""
    return _shown(await _webhook(call))


async def change(call: Call[b.WebhookChange, NoQuery]) -> Reply:
    """Change an endpoint. One that is enabled again is told of what happened meanwhile too."""
    body, before = call.body, await _webhook(call)
    after = before
    if body.url is not None:
        require_sound(body.url, allowed(call.services.settings.webhook_allow))
        after = replace(after, url=body.url)
    if body.events is not None:
        _require_events(body.events)
        after = replace(after, events=tuple(dict.fromkeys(body.events)))
    if body.label is not UNSET:
        after = replace(after, label=body.label)
    if body.enabled is not None:
        state = WebhookState.ENABLED if body.enabled else WebhookState.DISABLED
        after = replace(after, state=state, detail=None, failing_since=None)
    return _shown(await _written(call, before, after))


async def remove(call: Call[None, NoQuery]) -> Reply:
    """Remove an endpoint, and the record of what was sent to it."""
    store, row = call.services.store, await _webhook(call)
    told = await recording.webhook_removed(store, call.caller.actor, row)
    if not await store.remove_webhook(row.workspace, row.id, told):
        raise ids.no_such("webhook")
    return _shown(row)


async def rotate(call: Call[b.Rotation, NoQuery]) -> Reply:
    """Make a new secret. The one so far signs beside it for a while."""
    store, before = call.services.store, await _webhook(call)
    now, secret = await store.now(), secrets.token_bytes(SEED_SIZE)
    until = now + timedelta(hours=call.body.overlap_hours)
    kept = [each for each in before.secrets if each.until is None or each.until > now]
    older = [replace(each, until=min(each.until or until, until)) for each in kept][:1]
    after = replace(before, secrets=(_sealed(call, before.id, secret), *older))
    told = await recording.webhook_rotated(store, call.caller.actor, before, until)
    if not await store.change_webhook(after, told):
        raise ids.no_such("webhook")
    document = d.WebhookSecret(webhook=rendering.webhook(after), secret=secret_text(secret))
    return Reply(document=document)


async def try_out(call: Call[Nothing, NoQuery]) -> Reply:
    """Send a message that is about nothing, once; its delivery says what came of it."""
    store, row = call.services.store, await _webhook(call)
    if row.state is WebhookState.DISABLED:
        raise InvalidInput("this webhook is disabled; enable it, then try it out")
    now = await store.now()
    delivery = Delivery(
        workspace=row.workspace,
        id=f"msg_{uuid7().hex}",
        webhook_id=row.id,
        index=-1,
        type=TRY_OUT,
        intent_id=None,
        state=DeliveryState.DUE,
        attempts=0,
        due_at=now,
        created_at=now,
        at=now,
    )
    await store.add_delivery(delivery)
    _wake(call)
    return Reply(document=d.OneDelivery(delivery=rendering.delivery(delivery)), created=True)


async def deliveries(call: Call[None, b.DeliveriesQuery]) -> Reply:
    """What was sent to an endpoint, or is to be, newest first."""
    query, row = call.query, await _webhook(call)
    found = await call.services.store.deliveries(
        row.workspace, row.id, state=query.state, limit=query.limit + 1, before=query.before
    )
    shown = [rendering.delivery(each) for each in found[: query.limit]]
    following = shown[-1].id if len(found) > query.limit else None
    return Reply(document=d.Deliveries(deliveries=shown, next=following))


async def delivery(call: Call[None, NoQuery]) -> Reply:
    """One delivery."""
    return Reply(document=d.OneDelivery(delivery=rendering.delivery(await _delivery(call))))


async def redeliver(call: Call[Nothing, NoQuery]) -> Reply:
    """Deliver one message again, under the same id."""
    store, row = call.services.store, await _webhook(call)
    found = await _delivery(call)
    told = await recording.webhook_redelivered(store, call.caller.actor, row, delivery_id=found.id)
    count = await store.redeliver(row.workspace, row.id, ids=[found.id], facts=told)
    _wake(call)
    return Reply(document=d.Redelivered(count=count))


async def redeliver_failed(call: Call[b.Redelivery, NoQuery]) -> Reply:
    """Deliver everything again that failed since then."""
    store, row = call.services.store, await _webhook(call)
    since = recorded(call.body.failed_since, field="failed_since")
    told = await recording.webhook_redelivered(store, call.caller.actor, row, failed_since=since)
    count = await store.redeliver(row.workspace, row.id, failed_since=since, facts=told)
    _wake(call)
    return Reply(document=d.Redelivered(count=count))


async def _written(call: Call[Any, Any], before: Webhook, after: Webhook) -> Webhook:
    store = call.services.store
    if after == before:
        return after
    told = await recording.webhook_changed(store, call.caller.actor, before, after)
    if not await store.change_webhook(after, told):
        raise ids.no_such("webhook")
    _wake(call)
    return after


async def _webhook(call: Call[Any, Any]) -> Webhook:
    webhook_id = call.path["webhook_id"]
    if not _ID.fullmatch(webhook_id):
        raise ids.no_such("webhook")
    found = await call.services.store.webhook(call.caller.workspace, webhook_id)
    if found is None:
        raise ids.no_such("webhook")
    return found


async def _delivery(call: Call[Any, Any]) -> Delivery:
    row, delivery_id = await _webhook(call), call.path["delivery_id"]
    found = None
    if _DELIVERY_ID.fullmatch(delivery_id):
        found = await call.services.store.delivery(row.workspace, delivery_id)
    if found is None or found.webhook_id != row.id:
        raise ids.no_such("delivery")
    return found


def _require_events(events: list[str]) -> None:
    known = [*BODIES, *FACTS]
    if wrong := unknown(events, known):
        message = f"{wrong[0]!r} is no event; write e.g. task.concluded, task.* or *"
        raise InvalidInput.at("events", message)


def _sealed(call: Call[Any, Any], webhook_id: str, secret: bytes) -> Secret:
    seal = Seal(call.services.settings.log_seal)
    return Secret(sealed=seal.sealed(secret, about_secret(call.caller.workspace, webhook_id)))


def _wake(call: Call[Any, Any]) -> None:
    if call.services.delivering is not None:
        call.services.delivering.wake()


def _shown(row: Webhook) -> Reply:
    return Reply(document=d.OneWebhook(webhook=rendering.webhook(row)))
