"""The outbox: duties that a decision left as rows, carried out after its commit.

Each lane is worked by itself. Carrying out the same row twice is harmless: a notice has an id made
from the row and the person, and to tell an agent again what it knows costs one wake-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from signoff.core.facts import Fact
from signoff.core.plan import Notify
from signoff.core.routing import Person, names, selected
from signoff.core.words import WorkspaceId
from signoff.engine.noting import noticed
from signoff.engine.ports import Change, Lane, Notice, NoticeState, OutboxItem, Store
from signoff.engine.records import decode_notify
from signoff.engine.wakeups import Wakeups
from signoff.logs import Log

_log = Log("signoff.outbox")

AT_ONCE = 200
MAX_TOLD = 200
INBOX = "inbox"
_GATHER_SECONDS = 0.05
_RESUME_BEAT_SECONDS = 1.0
_FIRST_RETRY = timedelta(seconds=2)
_LONGEST_RETRY = timedelta(hours=1)

_Audience = tuple[WorkspaceId, tuple[str, ...]]


class Notices:
    """Tells people. The inbox is a channel that never fails: a task is there by being open."""

    def __init__(self, store: Store, *, poll_seconds: float, lease_seconds: float) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._fresh = asyncio.Event()

    def committed(self, changes: Sequence[Change]) -> None:
        """Look at once where a batch left notices to send."""
        if any(isinstance(duty, Notify) for change in changes for duty in change.duties):
            self._fresh.set()

    async def run(self) -> None:
        """Send notices for ever."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._fresh.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_GATHER_SECONDS)  # many tasks opened together are one write

    async def flush(self) -> None:
        """Send whatever is due now."""
        self._fresh.clear()
        while items := await self._store.claim_outbox(
            Lane.NOTICE, limit=AT_ONCE, lease_seconds=self._lease_seconds
        ):
            await self._send(items)

    async def _send(self, items: Sequence[OutboxItem]) -> None:
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
            sent = [_notice(item, person, notify, now) for person in told]
            notices += sent
            facts += noticed(sent)
        await self._store.settle_outbox(
            [item.id for item in items],
            notices,
            retry_at={},
            facts=facts,
        )


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


def _notice(item: OutboxItem, person: Person, notify: Notify, now: datetime) -> Notice:
    return Notice(
        workspace=item.workspace,
        id=f"{item.id}-{person.id}-{INBOX}",
        intent_id=item.intent_id,
        task_id=item.task_id,
        person_id=person.id,
        channel=INBOX,
        reason=notify.reason,
        state=NoticeState.SENT,
        detail=None,
        at=now,
    )
