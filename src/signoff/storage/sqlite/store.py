"""Signoff's embedded store: implements the port by sending each call to the thread it belongs to.

Whatever writes goes to the one writer, whatever only reads goes to a reader; both return when the
thread has done it. What the calls mean is in the modules beside this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from signoff.core.events import Event
from signoff.core.facts import Fact
from signoff.core.intent import Intent
from signoff.core.routing import Directory, Person
from signoff.core.words import IntentId, KeyId, TaskId, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.notices import Notice
from signoff.engine.ports import (
    DatabaseUse,
    Decide,
    Depths,
    DueTimer,
    FoundTask,
    IntentFilter,
    KeyRow,
    Lane,
    Lookup,
    OutboxItem,
    Page,
    PersonRow,
    RecordedOutage,
    SignInToken,
    Step,
    TaskFilter,
)
from signoff.storage.directories import lookup_in
from signoff.storage.sqlite import credentials, directories, outages, people, queues, reading
from signoff.storage.sqlite.desks import DeskHalf
from signoff.storage.sqlite.figures import FigureHalf
from signoff.storage.sqlite.identities import IdentityHalf
from signoff.storage.sqlite.links import LinkHalf
from signoff.storage.sqlite.listing import ListHalf
from signoff.storage.sqlite.logstore import LogHalf
from signoff.storage.sqlite.notices import NoticeHalf
from signoff.storage.sqlite.preferences import PreferenceHalf
from signoff.storage.sqlite.push import PushHalf
from signoff.storage.sqlite.sessions import SessionHalf
from signoff.storage.sqlite.slack import SlackHalf
from signoff.storage.sqlite.webhooks import WebhookHalf
from signoff.storage.sqlite.writing import transact


class SQLiteStore(
    LogHalf,
    ListHalf,
    PushHalf,
    DeskHalf,
    NoticeHalf,
    PreferenceHalf,
    LinkHalf,
    IdentityHalf,
    SlackHalf,
    SessionHalf,
    FigureHalf,
    WebhookHalf,
):
    """A store in one file. One batch is in flight at a time, because one writer writes."""

    lanes = 1

    async def open(self) -> None:
        if self._threads is None:
            self._threads = await asyncio.to_thread(self._start)

    async def close(self) -> None:
        if self._threads is not None:
            writer, readers = self._threads
            self._threads = None
            await asyncio.to_thread(readers.close)
            await asyncio.to_thread(writer.close)

    async def now(self) -> datetime:
        return self._clock.now()

    async def transact(self, lookup: Lookup, decide: Decide) -> datetime:
        return await self._writer.run(transact, self._clock, self._remembered, lookup, decide)

    # reads

    async def intent(self, workspace: WorkspaceId, intent_id: IntentId) -> Intent | None:
        return await self._readers.run(reading.intent, workspace, intent_id)

    async def task(self, workspace: WorkspaceId, task_id: TaskId) -> FoundTask | None:
        return await self._readers.run(reading.task, workspace, task_id)

    async def intents(
        self, workspace: WorkspaceId, where: IntentFilter, page: Page
    ) -> Sequence[Intent]:
        return await self._readers.run(reading.intents, workspace, where, page)

    async def tasks(
        self, workspace: WorkspaceId, where: TaskFilter, page: Page
    ) -> Sequence[FoundTask]:
        return await self._readers.run(reading.tasks, workspace, where, page)

    async def events(
        self, workspace: WorkspaceId, intent_id: IntentId, *, after: int, limit: int
    ) -> Sequence[Event]:
        return await self._readers.run(
            reading.events, workspace, intent_id, after=after, limit=limit
        )

    async def steps(self, workspace: WorkspaceId, intent_id: IntentId) -> Sequence[Step]:
        return await self._readers.run(reading.steps, workspace, intent_id)

    # timers and outbox

    async def next_timer(self) -> datetime | None:
        return await self._readers.run(queues.next_timer, self._clock)

    async def claim_timers(self, *, limit: int, lease_seconds: float) -> Sequence[DueTimer]:
        return await self._writer.run(
            queues.claim_timers, self._clock, limit=limit, lease_seconds=lease_seconds
        )

    async def overdue_timers(self, until: datetime) -> int:
        return await self._readers.run(queues.overdue_timers, until)

    async def claim_outbox(
        self, lane: Lane, *, limit: int, lease_seconds: float
    ) -> Sequence[OutboxItem]:
        return await self._writer.run(
            queues.claim_outbox, self._clock, lane, limit=limit, lease_seconds=lease_seconds
        )

    async def settle_outbox(
        self,
        done: Sequence[str],
        notices: Sequence[Notice],
        *,
        retry_at: Mapping[str, datetime],
        facts: Sequence[Fact] = (),
    ) -> None:
        await self._writer.run(queues.settle_outbox, done, notices, retry_at=retry_at, facts=facts)

    async def picked_up(
        self, workspace: WorkspaceId, task_ids: Sequence[TaskId], facts: Sequence[Fact] = ()
    ) -> None:
        await self._writer.run(queues.picked_up, workspace, task_ids, facts)

    async def depths(self) -> Depths:
        return await self._readers.run(queues.depths, self._clock)

    # outages

    async def beat(self, *, threshold_seconds: float) -> RecordedOutage | None:
        return await self._writer.run(
            outages.beat, self._clock, threshold_seconds=threshold_seconds
        )

    async def finish_outage(self, outage_id: int) -> None:
        await self._writer.run(outages.finish_outage, self._clock, outage_id)

    async def dedicate(self, use: DatabaseUse) -> None:
        await self._writer.run(outages.dedicate, use)

    # wake-ups from other processes

    def wakes(self) -> AsyncIterator[frozenset[str]] | None:
        return None

    async def changed_since(self, moment: datetime) -> tuple[frozenset[str], datetime]:
        now = self._clock.now()
        return await self._readers.run(reading.changed_since, moment), now

    # directory

    async def add_workspace(self, workspace: WorkspaceId) -> bool:
        return await self._writer.run(people.add_workspace, self._clock, workspace)

    async def workspaces(self) -> Sequence[WorkspaceId]:
        return await self._readers.run(people.workspaces)

    async def settings(self, workspace: WorkspaceId) -> WorkspaceSettings:
        return await self._readers.run(directories.settings, self._remembered, workspace)

    async def save_settings(
        self,
        workspace: WorkspaceId,
        settings: WorkspaceSettings,
        *,
        by: str,
        facts: Sequence[Fact] = (),
    ) -> None:
        await self._writer.run(
            people.save_settings, self._clock, workspace, settings, by=by, facts=facts
        )

    async def directory(
        self,
        workspace: WorkspaceId,
        *,
        people: Sequence[str] = (),
        tokens: Sequence[str] = (),
        picks: Sequence[str] = (),
    ) -> Directory:
        lookup = lookup_in(workspace, people=people, tokens=tokens, picks=picks)
        return await self._readers.run(
            directories.directory, self._clock, self._remembered, workspace, lookup
        )

    async def add_person(self, row: PersonRow, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(people.add_person, row, facts)

    async def update_person(self, row: PersonRow, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(people.update_person, row, facts)

    async def person(self, workspace: WorkspaceId, reference: str) -> PersonRow | None:
        return await self._readers.run(people.person, workspace, reference)

    async def people(self, workspace: WorkspaceId, page: Page) -> Sequence[PersonRow]:
        return await self._readers.run(people.people, workspace, page)

    async def reached(
        self, workspace: WorkspaceId, tokens: Sequence[str], *, limit: int
    ) -> Sequence[Person]:
        return await self._readers.run(people.reached, workspace, tokens, limit=limit)

    async def add_key(self, row: KeyRow, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(credentials.add_key, row, facts)

    async def key(self, key_hash: str) -> KeyRow | None:
        return await self._readers.run(credentials.key, key_hash)

    async def keys(self, workspace: WorkspaceId, page: Page) -> Sequence[KeyRow]:
        return await self._readers.run(credentials.keys, workspace, page)

    async def revoke_key(
        self, workspace: WorkspaceId, key_id: KeyId, facts: Sequence[Fact] = ()
    ) -> bool:
        return await self._writer.run(credentials.revoke_key, self._clock, workspace, key_id, facts)

    async def add_sign_in(self, token: SignInToken, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(credentials.add_sign_in, self._clock, token, facts)

    async def spend_sign_in(self, token_hash: str) -> SignInToken | None:
        return await self._writer.run(credentials.spend_sign_in, self._clock, token_hash)
