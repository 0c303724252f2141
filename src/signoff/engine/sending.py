"""Sends the notices of one channel: each channel has a loop of its own, so none delays another.

A letter is settled as soon as its channel has taken it. A process that dies between the two sends
it once more when its lease has lapsed, under the same id. What cannot be sent is tried again a few
times; then it has failed, which is on record, and the person's next channel is tried.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from signoff.core.preferences import NONE, Preferences
from signoff.core.words import PersonId, TaskId, WorkspaceId
from signoff.engine.addressing import ASKS, Addressing
from signoff.engine.breaker import Breaker
from signoff.engine.channels import (
    Became,
    Item,
    Later,
    Letter,
    Reader,
    Refused,
    Sender,
    Sent,
)
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.noting import noticed
from signoff.engine.ports import FoundTask, Store
from signoff.logs import Log

_log = Log("signoff.sending")

RETRIES = (5.0, 30.0, 120.0, 600.0)
"""Seconds after each attempt that came to nothing; after as many retries a notice has failed."""

AT_ONCE = 100
_SLOWEST_SECONDS = 20.0


class Sending:
    """The loop of one channel.

    :param heard: called with what notices have become.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        addressing: Addressing,
        *,
        poll_seconds: float,
        lease_seconds: float,
        heard: Callable[[Sequence[Notice]], None] = lambda notices: None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._addressing = addressing
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._heard = heard
        self._fresh = asyncio.Event()
        self._breaker = Breaker(lambda: asyncio.get_running_loop().time())

    def wake(self) -> None:
        """Look at once: there may be notices to send."""
        self._fresh.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._fresh.wait()
            except TimeoutError:
                continue

    async def flush(self) -> None:
        """Send whatever is due now."""
        self._fresh.clear()
        while claimed := await self._store.claim_notices(
            self._sender.channel, limit=AT_ONCE, lease_seconds=self._lease_seconds
        ):
            until = asyncio.get_running_loop().time() + self._lease_seconds / 2
            letters, skipped = await _Desk(self._store).letters(claimed)
            await self._settle(skipped)
            places = asyncio.Semaphore(self._sender.at_once)
            await asyncio.gather(*(self._send(letter, places, until) for letter in letters))

    async def _send(self, letter: Letter, places: asyncio.Semaphore, until: float) -> None:
        """Send one letter, unless its turn comes so late that its lease might end meanwhile."""
        async with places:
            if asyncio.get_running_loop().time() > until:
                await self._settle([_untried(item.notice) for item in letter.items])
                return
            became = await self._try(letter)
        now = await self._store.now()
        settled = [_settled(item.notice, became, now) for item in letter.items]
        if letter.reader is not None:
            settled += await self._instead(settled, letter.reader, now)
        await self._settle(settled)

    async def _try(self, letter: Letter) -> Became:
        endpoint = self._sender.endpoint(letter)
        if not self._breaker.lets(endpoint):
            return Later(detail="it has not answered for a while")
        try:
            async with asyncio.timeout(min(_SLOWEST_SECONDS, self._lease_seconds / 2)):
                became = await self._sender.send(letter)
        except TimeoutError:
            became = Later(detail="it did not answer in time")
        except Exception:
            _log.exception("channel_broke", channel=self._sender.channel)
            became = Later(detail="an error of ours; the server's log has it")
        if isinstance(became, Later):
            self._breaker.failed(endpoint)
        else:
            self._breaker.worked(endpoint)
        return became

    async def _instead(
        self, settled: Sequence[Notice], reader: Reader, now: datetime
    ) -> list[Notice]:
        """Notices over the next channel, for those that have failed over this one."""
        found = []
        for notice in settled:
            if notice.state is not NoticeState.FAILED:
                continue
            other = await self._addressing.instead(notice, reader.person, reader.chosen)
            if other is not None:
                found.append(notice.over(other, now))
        return found

    async def _settle(self, notices: Sequence[Notice]) -> None:
        if notices:
            await self._store.settle_notices(notices, noticed(notices))
            self._heard(notices)


@dataclass(slots=True)
class _Desk:
    """Where claimed notices become letters; remembers what it has read for one batch."""

    store: Store
    tasks: dict[tuple[WorkspaceId, TaskId], FoundTask | None] = field(default_factory=dict)
    readers: dict[tuple[WorkspaceId, PersonId], Reader | None] = field(default_factory=dict)

    async def letters(self, claimed: Sequence[Notice]) -> tuple[list[Letter], list[Notice]]:
        """The letters to send, and the notices of which there is nothing left to tell."""
        now = await self.store.now()
        skipped: list[Notice] = []
        together: dict[str, list[Item]] = {}
        for notice in claimed:
            found = await self._task(notice)
            reader = await self._reader(notice)
            why = _nothing_left(notice, found, reader)
            if found is None or why is not None:
                skipped.append(
                    replace(notice, state=NoticeState.SKIPPED, detail=why, at=now, due_at=None)
                )
                continue
            together.setdefault(_letter_id(notice), []).append(Item(notice=notice, found=found))
        letters = [
            Letter(
                id=letter_id,
                workspace=items[0].notice.workspace,
                reader=await self._reader(items[0].notice),
                items=tuple(items),
            )
            for letter_id, items in together.items()
        ]
        return letters, skipped

    async def _task(self, notice: Notice) -> FoundTask | None:
        key = notice.workspace, notice.task_id
        if key not in self.tasks:
            self.tasks[key] = await self.store.task(*key)
        return self.tasks[key]

    async def _reader(self, notice: Notice) -> Reader | None:
        if notice.person_id is None:
            return None
        key = notice.workspace, notice.person_id
        if key not in self.readers:
            self.readers[key] = await self._read(*key)
        return self.readers[key]

    async def _read(self, workspace: WorkspaceId, person_id: PersonId) -> Reader | None:
        row = await self.store.person(workspace, person_id)
        if row is None or row.person.disabled:
            return None
        chosen = await self.store.preferences(workspace, [person_id])
        preferences: Preferences = chosen.get(person_id, NONE)
        return Reader(row=row, chosen=preferences)


def _nothing_left(notice: Notice, found: FoundTask | None, reader: Reader | None) -> str | None:
    """Why a notice is not sent any more, or None where it is."""
    if found is None:
        return "the task is gone"
    if notice.person_id is not None and reader is None:
        return "the person is gone"
    if notice.reason in ASKS and not found.task.live:
        return "the task closed before"
    return None


def _letter_id(notice: Notice) -> str:
    """A digest holds what is due to one person at one moment; everything else goes by itself."""
    if not notice.digest:
        return notice.id
    parts = notice.workspace, notice.person_id, notice.channel, notice.due_at
    text = "\n".join(map(str, parts))
    return f"digest_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _untried(notice: Notice) -> Notice:
    """Given back: still due, as if nobody had claimed it."""
    return replace(notice, attempts=notice.attempts - 1)


def _settled(notice: Notice, became: Became, now: datetime) -> Notice:
    match became:
        case Sent(provider_id=provider_id, address=address):
            return replace(
                notice,
                state=NoticeState.SENT,
                detail=None,
                at=now,
                due_at=None,
                provider_id=provider_id,
                address=address,
            )
        case Refused(detail=detail, address=address):
            return _failed(notice, detail, now, address)
        case Later(detail=detail, seconds=seconds):
            if notice.attempts > len(RETRIES):
                return _failed(notice, f"{detail}; given up after {notice.attempts} attempts", now)
            pause = max(RETRIES[notice.attempts - 1], seconds or 0.0)
            return replace(notice, detail=detail, due_at=now + timedelta(seconds=pause))


def _failed(notice: Notice, detail: str, now: datetime, address: str | None = None) -> Notice:
    return replace(
        notice, state=NoticeState.FAILED, detail=detail, at=now, due_at=None, address=address
    )
