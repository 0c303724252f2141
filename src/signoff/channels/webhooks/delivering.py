"""Tells other systems: looks the log up for each endpoint, and sends what is due.

Two loops. ``Following`` reads the log where an endpoint is behind and writes deliveries with the
new place. ``Delivering`` keeps a bounded number of attempts going, of one endpoint only a few: one
that does not answer is left alone for a while and holds up nobody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from signoff.channels.post import Answered, Poster
from signoff.channels.webhooks import messages
from signoff.core.deliveries import GIVEN_UP, next_attempt, wanted
from signoff.core.facts import Fact, WebhookDisabled
from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.breaker import Breaker
from signoff.engine.log.keys import Seal
from signoff.engine.log.opening import SIGNOFF
from signoff.engine.log.ports import LogEntry
from signoff.engine.log.telling import new_fact
from signoff.engine.ports import Store
from signoff.engine.webhooks import Delivery, DeliveryState, Webhook, WebhookState
from signoff.logs import Log

_log = Log("signoff.webhooks")

ENTRIES_AT_ONCE = 500
ENDPOINTS_AT_ONCE = 50
IN_FLIGHT = 64
OF_ONE = 4
LEASE_SECONDS = 60.0
_BEAT_SECONDS = 0.5


class Following:
    """Turns what stands in the log into deliveries, for every endpoint that wants it."""

    def __init__(
        self, store: Store, *, poll_seconds: float, heard: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._heard = heard
        self._fresh = asyncio.Event()

    def wake(self) -> None:
        """Look at once: something has happened."""
        self._fresh.set()

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._fresh.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_BEAT_SECONDS)  # what is committed has its place a moment later

    async def flush(self) -> None:
        """Look everything up that has its place by now."""
        self._fresh.clear()
        while behind := await self._store.webhooks_behind(limit=ENDPOINTS_AT_ONCE):
            for webhook, until in behind:
                await self._follow(webhook, until)

    async def _follow(self, webhook: Webhook, until: int) -> None:
        count = min(until - webhook.since, ENTRIES_AT_ONCE)
        entries = await self._store.log_entries(webhook.workspace, webhook.since, limit=count)
        if not entries:
            return
        now = await self._store.now()
        made = [
            delivery_of(webhook, entry, now)
            for entry in entries
            if entry.at >= webhook.created_at and wanted(entry.type, webhook.events)
        ]
        moved = await self._store.move_webhook(
            webhook.workspace,
            webhook.id,
            expected=webhook.since,
            since=entries[-1].index + 1,
            deliveries=made,
        )
        if moved and made:
            self._heard()


def delivery_of(webhook: Webhook, entry: LogEntry, now: datetime) -> Delivery:
    """The delivery of one entry to one endpoint, due at once."""
    intent_id = entry.intent_id or (IntentId(entry.source) if entry.seq else None)
    return Delivery(
        workspace=webhook.workspace,
        id=delivery_id(webhook, entry.index),
        webhook_id=webhook.id,
        index=entry.index,
        type=entry.type,
        intent_id=intent_id,
        state=DeliveryState.DUE,
        attempts=0,
        due_at=now,
        created_at=now,
        at=now,
    )


def delivery_id(webhook: Webhook, index: int) -> str:
    """The same for one entry and one endpoint, and in the order of the log."""
    about = f"{webhook.workspace}\n{webhook.id}\n{index}"
    return f"msg_{index:016x}{hashlib.sha256(about.encode()).hexdigest()[:16]}"


class Delivering:
    """Sends deliveries that are due."""

    def __init__(self, store: Store, poster: Poster, seal: Seal, *, poll_seconds: float) -> None:
        self._store = store
        self._poster = poster
        self._seal = seal
        self._poll_seconds = poll_seconds
        self._fresh = asyncio.Event()
        self._flying: dict[asyncio.Task[None], str] = {}
        self._breaker = Breaker(lambda: asyncio.get_running_loop().time())
        self.attempts: Counter[str] = Counter()

    def wake(self) -> None:
        """Look at once: there may be something to send."""
        self._fresh.set()

    async def run(self) -> None:
        """Send for ever."""
        try:
            while True:
                self._fresh.clear()
                if await self._start() == 0:
                    await self._wait()
        finally:
            for task in self._flying:
                task.cancel()
            await asyncio.gather(*self._flying, return_exceptions=True)

    async def flush(self) -> None:
        """Send whatever is due now, and wait until that is done."""
        while await self._start() or self._flying:
            await asyncio.gather(*self._flying)

    async def _start(self) -> int:
        """Start as many attempts as there is room for, and say how many those are."""
        room = IN_FLIGHT - len(self._flying)
        if room <= 0:
            return 0
        busy = Counter(self._flying.values())
        without = {each for each, count in busy.items() if count >= OF_ONE}
        claimed = await self._store.claim_deliveries(
            limit=room,
            each=OF_ONE,
            without=without | self._breaker.closed(),
            lease_seconds=LEASE_SECONDS,
        )
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery))
            self._flying[task] = delivery.webhook_id
            task.add_done_callback(self._landed)
        return len(claimed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.pop(task, None)
        self._fresh.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("delivery_broke", reason=type(error).__name__)

    async def _wait(self) -> None:
        """Until something is due, has landed, or may be tried again."""
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._fresh.wait()
        except TimeoutError:
            return

    async def _deliver(self, delivery: Delivery) -> None:
        webhook = await self._store.webhook(delivery.workspace, delivery.webhook_id)
        if webhook is None or webhook.state is WebhookState.DISABLED:
            return
        if not self._breaker.lets(webhook.id):
            now = await self._store.now()
            await self._store.settle_delivery(_untried(delivery, now))
            return
        answered = await self._send(webhook, delivery)
        now = await self._store.now()
        if answered.got_through:
            self._breaker.worked(webhook.id)
            self.attempts["sent"] += 1
            await self._store.settle_delivery(_settled(delivery, answered, now))
            return
        self._breaker.failed(webhook.id)
        self.attempts["failed"] += 1
        since = await self._store.failing_webhook(webhook.workspace, webhook.id, now)
        await self._store.settle_delivery(_settled(delivery, answered, now))
        if answered.gone:
            await self._disable(webhook, "it answered 410: it wants nothing any more", now)
        elif since is not None and now - since >= GIVEN_UP:
            await self._disable(webhook, f"nothing got through for {GIVEN_UP.days} days", now)

    async def _send(self, webhook: Webhook, delivery: Delivery) -> Answered:
        now = await self._store.now()
        text = await self._text(delivery, now)
        if text is None:
            return Answered(status=None, detail="its entry is not in the log", milliseconds=0)
        secrets = open_secrets(webhook, self._seal, now)
        return await self._poster.post(
            webhook.url, text.encode(), messages.headers(delivery.id, now, text, secrets)
        )

    async def _text(self, delivery: Delivery, now: datetime) -> str | None:
        if delivery.index < 0:
            return messages.try_out(delivery.workspace, now)
        entries = await self._store.log_entries(delivery.workspace, delivery.index, limit=1)
        if not entries or entries[0].index != delivery.index:
            return None
        return messages.body(delivery.workspace, entries[0])

    async def _disable(self, webhook: Webhook, why: str, now: datetime) -> None:
        disabled = replace(webhook, state=WebhookState.DISABLED, detail=why, failing_since=now)
        await self._store.change_webhook(disabled, disabled_fact(webhook, why, now))
        _log.warning("webhook_disabled", webhook=webhook.id, reason=why)


def disabled_fact(webhook: Webhook, why: str, now: datetime) -> Sequence[Fact]:
    body = WebhookDisabled(webhook_id=webhook.id, reason=why)
    return [new_fact(webhook.workspace, SIGNOFF, body, at=now)]


def about_secret(workspace: WorkspaceId, webhook_id: str) -> bytes:
    """What a sealed secret is bound to."""
    return f"webhook {workspace} {webhook_id}".encode()


def open_secrets(webhook: Webhook, seal: Seal, now: datetime) -> list[bytes]:
    """The secrets that sign now, newest first."""
    about = about_secret(webhook.workspace, webhook.id)
    return [
        seal.opened(each.sealed, about)
        for each in webhook.secrets
        if each.until is None or each.until > now
    ]


def _settled(delivery: Delivery, answered: Answered, now: datetime) -> Delivery:
    told = replace(
        delivery,
        at=now,
        status=answered.status,
        detail=answered.detail,
        milliseconds=answered.milliseconds,
    )
    if answered.got_through:
        return replace(told, state=DeliveryState.SENT, due_at=None)
    chance = random.random()  # noqa: S311 - spreads attempts, keeps no secret
    wait = next_attempt(delivery.attempts, chance=chance, asked=answered.seconds)
    if wait is None or answered.gone or delivery.index < 0:
        return replace(told, state=DeliveryState.FAILED, due_at=None)
    return replace(told, due_at=now + wait)


def _untried(delivery: Delivery, now: datetime) -> Delivery:
    return replace(delivery, attempts=delivery.attempts - 1, due_at=delivery.due_at or now)
