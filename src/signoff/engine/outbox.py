"""The outbox: duties that a decision left as rows, carried out after its commit.

Each lane is worked by itself. Carrying out the same row twice is harmless: a notice has an id made
from the row, the person and the channel, and to tell an agent again what it knows costs one
wake-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from signoff.core.facts import Fact
from signoff.core.plan import Notify
from signoff.core.preferences import Channel
from signoff.core.routing import Person, names, selected
from signoff.core.words import WorkspaceId
from signoff.engine.addressing import Addressing, Duty
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.noting import noticed
from signoff.engine.ports import (
    Change,
    Lane,
    OutboxItem,
    Store,
)
from signoff.engine.records import decode_notify
from signoff.engine.wakeups import Wakeups
from signoff.logs import Log

_log = Log("signoff.outbox")

AT_ONCE = 200
MAX_TOLD = 200
_GATHER_SECONDS = 0.05
_RESUME_BEAT_SECONDS = 1.0
_FIRST_RETRY = timedelta(seconds=2)
_LONGEST_RETRY = timedelta(hours=1)

_Audience = tuple[WorkspaceId, tuple[str, ...]]


class Notices:
    """Finds out who is told of what, and over which channels; ``sending`` then tells them.

    The inbox is a channel that never fails: a task is there by being open.

    :param addressing: finds the channels beside the inbox.
    :param heard: called when notices wait to be sent.
    """

    def __init__(
        self,
        store: Store,
        addressing: Addressing,
        *,
        poll_seconds: float,
        lease_seconds: float,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._addressing = addressing
        self._heard = heard
        self._fresh = asyncio.Event()

    def committed(self, changes: Sequence[Change]) -> None:
        """Look at once where a batch left notices to send."""
        if any(isinstance(duty, Notify) for change in changes for duty in change.duties):
            self._fresh.set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._fresh.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_GATHER_SECONDS)  # many tasks opened together are one write

    async def flush(self) -> None:
        """Address whatever is due now."""
        self._fresh.clear()
        while items := await self._store.claim_outbox(
            Lane.NOTICE, limit=AT_ONCE, lease_seconds=self._lease_seconds
        ):
            await self._address(items)

    async def _address(self, items: Sequence[OutboxItem]) -> None:
        now = await self._store.now()
        known: dict[_Audience, Sequence[Person]] = {}
        notices: list[Notice] = []
        facts: list[Fact] = []
        for item in items:
            notify = decode_notify(item.body)
            audience = item.workspace, tuple(selector.token for selector in notify.to)
            if audience not in known:
                known[audience] = await self._store.reached(*audience, limit=MAX_TOLD)
            if not known[audience]:
                _log.warning("notice_reaches_nobody", task=item.task_id, reason=notify.reason)
            told = [person for person in known[audience] if _tells(notify, person)]
            duty = Duty(item=item, notify=notify, now=now)
            in_inbox = [_in_inbox(duty, person) for person in told]
            facts += noticed(in_inbox)
            notices += [*in_inbox, *await self._addressing.addressed(duty, told)]
        await self._store.settle_outbox(
            [item.id for item in items],
            notices,
            retry_at={},
            facts=facts,
        )
        if any(notice.state is NoticeState.DUE for notice in notices):
            self._heard()


class Resumes:
    """Tells agents, again and again, what they have not picked up yet.

    The first ring comes with the commit itself. What is left here after that is an agent that is
    not listening: the row stays, is counted, and is rung for ever more rarely.
    """

    def __init__(self, store: Store, wakeups: Wakeups, *, lease_seconds: float) -> None:
        self._store = store
        self._wakeups = wakeups
        self._lease_seconds = lease_seconds

    async def run(self) -> None:
        """Remind agents for ever."""
        while True:
            items = await self._store.claim_outbox(
                Lane.RESUME, limit=AT_ONCE, lease_seconds=self._lease_seconds
            )
            if items:
                now = await self._store.now()
                self._wakeups.ring(item.intent_id for item in items)
                retry_at = {item.id: now + _after(item.attempts) for item in items}
                await self._store.settle_outbox([], [], retry_at=retry_at)
            if len(items) < AT_ONCE:
                await asyncio.sleep(_RESUME_BEAT_SECONDS)


def _tells(notify: Notify, person: Person) -> bool:
    """A token reaches everybody of its first attribute; the selector knows them all."""
    if any(names(reference, person) for reference in notify.barred):
        return False
    return selected(notify.to, person) and not selected(notify.exclude, person)


def _after(attempts: int) -> timedelta:
    return min(_FIRST_RETRY * float(2 ** min(attempts, 16)), _LONGEST_RETRY)


def _in_inbox(duty: Duty, person: Person) -> Notice:
    notice = duty.notice(Channel.INBOX, person=person)
    return replace(notice, state=NoticeState.SENT, due_at=None)
