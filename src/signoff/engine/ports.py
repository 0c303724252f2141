"""What the engine needs from outside: a store and a clock. Two stores implement this port.

The store owns the transaction, the engine owns its meaning: ``Store.transact`` opens one, loads
what the lookup names, reads the time, calls the pure step, writes what it returns, and commits.
The contract suite in ``signoff.testing.store_contract`` is the specification of every store.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from signoff.core.commands import TimerKind
from signoff.core.events import Event
from signoff.core.facts import Fact
from signoff.core.intent import Intent
from signoff.core.links import Link
from signoff.core.plan import Duty
from signoff.core.routing import Directory, Person
from signoff.core.task import Task
from signoff.core.words import (
    JSON,
    IntentId,
    IntentStatus,
    JSONObject,
    KeyId,
    PersonId,
    TaskId,
    TaskState,
    WorkspaceId,
)
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.desks import DeskStore
from signoff.engine.figures import FigureStore
from signoff.engine.identities import IdentityStore
from signoff.engine.links import LinkStore
from signoff.engine.listing import ListStore
from signoff.engine.log.ports import LogStore
from signoff.engine.notices import Notice, NoticeStore
from signoff.engine.preferences import PreferenceStore
from signoff.engine.push import PushStore
from signoff.engine.sessions import SessionStore
from signoff.engine.slack_posts import SlackStore
from signoff.engine.webhooks import WebhookStore


class Clock(Protocol):
    """Where the time comes from. A store without one uses its own database's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


# What the one door reads and writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """What makes a repeated request recognisable.

    :param scope: the actor the key belongs to, and for a task or step also the intent.
    :param key: the caller's key.
    :param fingerprint: SHA-256 of the canonical request, in hex.
    """

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The record of an idempotency key: which request it stood for, and what came of it.

    :param scope: the actor the key belongs to, and for a task or step also the intent.
    :param fingerprint: SHA-256 of the canonical request.
    """

    workspace: WorkspaceId
    scope: str
    key: str
    fingerprint: str
    intent_id: IntentId
    task_id: TaskId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One journalled piece of an agent's work: recorded once, replayed ever after."""

    intent_id: IntentId
    name: str
    kind: str
    seq: int
    at: datetime
    output: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Everything one batch must know. Every reference starts with its workspace.

    :param tokens: selector tokens whose members must be known, at most ``MAX_MEMBERS`` of each.
    :param picks: those of the tokens among whose members a pick may choose, so that how much is on
        their desk must be known.
    :param settings: workspaces whose settings must be known.
    :param views: tasks and people whose first sight of them must be known.
    :param links: hashes of links that answers come by.
    """

    intents: frozenset[tuple[WorkspaceId, IntentId]] = frozenset()
    tasks: frozenset[tuple[WorkspaceId, TaskId]] = frozenset()
    people: frozenset[tuple[WorkspaceId, str]] = frozenset()
    replays: frozenset[tuple[WorkspaceId, str, str]] = frozenset()
    steps: frozenset[tuple[WorkspaceId, IntentId, str]] = frozenset()
    tokens: frozenset[tuple[WorkspaceId, str]] = frozenset()
    picks: frozenset[tuple[WorkspaceId, str]] = frozenset()
    settings: frozenset[WorkspaceId] = frozenset()
    views: frozenset[tuple[WorkspaceId, TaskId, PersonId]] = frozenset()
    links: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was there. What is missing here does not exist in that workspace.

    ``intents`` holds every intent named directly or as the parent of a task, each with all its
    live tasks and those named. ``directories`` maps a workspace to what the rules may know of it:
    people named, members of tokens, whoever ``signoff.engine.needs`` says the loaded tasks need,
    and whoever stands in for one of these who is away (at most ``MAX_STAND_INS`` hops).
    """

    intents: Mapping[tuple[WorkspaceId, IntentId], Intent]
    parents: Mapping[tuple[WorkspaceId, TaskId], IntentId]
    directories: Mapping[WorkspaceId, Directory]
    replays: Mapping[tuple[WorkspaceId, str, str], Replay]
    steps: Mapping[tuple[WorkspaceId, IntentId, str], Step]
    views: Mapping[tuple[WorkspaceId, TaskId, PersonId], datetime] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one batch made of one intent: all its new events and duties, in order.

    ``before`` is None for a new intent; otherwise its ``seq`` guards the write.
    """

    before: Intent | None
    after: Intent
    events: tuple[Event, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one batch writes, all of it or nothing.

    :param spent: hashes of the links that were answered by; one that is spent already fails it all.
    :param logged: whether events and facts become leaves of the log; only benchmarks turn that off.
    """

    changes: tuple[Change, ...] = ()
    replays: tuple[Replay, ...] = ()
    facts: tuple[Fact, ...] = ()
    spent: tuple[str, ...] = ()
    logged: bool = True


Decide = Callable[[Loaded, datetime], Commit]


# What is read outside the door


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A keyset page, newest first: at most ``limit`` rows with an id below ``before``."""

    limit: int = 50
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFilter:
    statuses: tuple[IntentStatus, ...] = ()
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """``audience``: selector tokens; only live tasks that ask one of them (see ``tokens``)."""

    states: tuple[TaskState, ...] = ()
    agent: str | None = None
    intent_id: IntentId | None = None
    audience: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTask:
    """A task with what a reader wants of its intent beside it."""

    workspace: WorkspaceId
    agent: str
    on_behalf_of: str | None
    intent_title: str
    intent_status: IntentStatus
    task: Task


# Timers and the outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTimer:
    workspace: WorkspaceId
    intent_id: IntentId
    task_id: TaskId | None
    kind: TimerKind
    due_at: datetime


class Lane(StrEnum):
    """Lanes are worked apart, so that a slow one never delays another."""

    NOTICE = "notice"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One duty waiting to be carried out. ``body`` is the encoded ``Notify`` of a notice."""

    id: str
    workspace: WorkspaceId
    lane: Lane
    intent_id: IntentId
    task_id: TaskId
    body: JSONObject
    attempts: int
    created_at: datetime


# People, keys, sign-in


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as stored: what the rules see, and what only the surfaces need."""

    workspace: WorkspaceId
    person: Person
    time_zone: str | None
    created_at: datetime


class KeyKind(StrEnum):
    AGENT = "agent"
    PERSON = "person"
    ADMIN = "admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """An API key without its secret: ``hash`` is the SHA-256 of the whole key, in hex."""

    workspace: WorkspaceId
    id: KeyId
    kind: KeyKind
    hash: str
    hint: str
    label: str | None
    agent: str | None
    person_id: PersonId | None
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInToken:
    """A one-time sign-in link, by the SHA-256 of its secret."""

    workspace: WorkspaceId
    hash: str
    person_id: PersonId
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Depths:
    """How much is open or queued, for metrics and readiness."""

    live_tasks: int = 0
    notices_due: int = 0
    resumes_due: int = 0
    oldest_resume: datetime | None = None
    overdue_timers: int = 0
    unlogged: int = 0
    oldest_unlogged: datetime | None = None


class DatabaseUse(StrEnum):
    """What a database is for. One on which time can be made to jump never serves people."""

    LIVE = "live"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOutage:
    """An outage on record that nobody has recovered from yet."""

    id: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """A passkey of a person. Ids and keys are base64url; ``public_key`` is a COSE key.

    :param sign_count: the highest counter seen from it (WebAuthn Level 3, section 6.1.1).
    """

    workspace: WorkspaceId
    credential_id: str
    person_id: PersonId
    public_key: str
    label: str | None
    sign_count: int
    created_at: datetime


class Store(
    LogStore,
    ListStore,
    PushStore,
    DeskStore,
    SessionStore,
    FigureStore,
    NoticeStore,
    PreferenceStore,
    LinkStore,
    IdentityStore,
    SlackStore,
    WebhookStore,
    Protocol,
):
    """A transactional store. Every method is safe to call from many tasks at once.

    Whatever takes ``facts`` writes them in the same transaction, where it changes anything at all.
    """

    lanes: int
    """How many batches the one door may have in flight at a time."""

    async def open(self) -> None:
        """Connect. Raises ``StoreOutdated`` unless the schema is the one this program knows."""
        ...

    async def close(self) -> None: ...

    async def now(self) -> datetime:
        """Return the store's time, the one deadlines are judged by."""
        ...

    async def transact(self, lookup: Lookup, decide: Decide) -> datetime:
        """Run one batch in one durable transaction and return the time it was judged at.

        Intents are locked in a fixed order, idempotency keys too, before the time is read.
        Raises what the driver raises, mapped to ``StoreUnavailable``; nothing is written then.
        """
        ...

    # reads
    async def intent(self, workspace: WorkspaceId, intent_id: IntentId) -> Intent | None:
        """The intent with its live tasks."""
        ...

    async def task(self, workspace: WorkspaceId, task_id: TaskId) -> FoundTask | None: ...
    async def intents(
        self, workspace: WorkspaceId, where: IntentFilter, page: Page
    ) -> Sequence[Intent]:
        """Newest first, without their tasks."""
        ...

    async def tasks(
        self, workspace: WorkspaceId, where: TaskFilter, page: Page
    ) -> Sequence[FoundTask]: ...
    async def events(
        self, workspace: WorkspaceId, intent_id: IntentId, *, after: int, limit: int
    ) -> Sequence[Event]: ...
    async def steps(self, workspace: WorkspaceId, intent_id: IntentId) -> Sequence[Step]: ...

    # timers and outbox
    async def next_timer(self) -> datetime | None:
        """When the earliest timer that nobody has leased is due."""
        ...

    async def claim_timers(self, *, limit: int, lease_seconds: float) -> Sequence[DueTimer]:
        """Lease timers that are due by the store's time, earliest first, each to one caller."""
        ...

    async def overdue_timers(self, until: datetime) -> int:
        """How many timers due at or before the moment are still there, leased ones too."""
        ...

    async def claim_outbox(
        self, lane: Lane, *, limit: int, lease_seconds: float
    ) -> Sequence[OutboxItem]:
        """Lease items that are due, oldest first, each to one caller; counts the attempt."""
        ...

    async def settle_outbox(
        self,
        done: Sequence[str],
        notices: Sequence[Notice],
        *,
        retry_at: Mapping[str, datetime],
        facts: Sequence[Fact] = (),
    ) -> None:
        """Drop what is done, record who was told, and put off what is to be tried again."""
        ...

    async def picked_up(
        self, workspace: WorkspaceId, task_ids: Sequence[TaskId], facts: Sequence[Fact] = ()
    ) -> None:
        """Drop the resume items of these tasks: the agent has read what became of them."""
        ...

    async def depths(self) -> Depths: ...

    # outages
    async def beat(self, *, threshold_seconds: float) -> RecordedOutage | None:
        """Say that a server is alive, and return the oldest outage not yet recovered from.

        Where the last beat of any server is longer ago than the threshold, the time between is
        recorded as an outage, in the same transaction; of several servers one records it.
        """
        ...

    async def finish_outage(self, outage_id: int) -> None:
        """Say that everything the outage held up has been dealt with."""
        ...

    async def dedicate(self, use: DatabaseUse) -> None:
        """Mark what this database is for; raises ``Broken`` where it is for the other use."""
        ...

    # wake-ups from other processes
    def wakes(self) -> AsyncIterator[frozenset[str]] | None:
        """Ids of intents that other processes changed, pushed; None where there are none.

        The iterator may miss some while it reconnects; it yields the empty set when it may have.
        """
        ...

    async def changed_since(self, moment: datetime) -> tuple[frozenset[str], datetime]:
        """Ids of intents updated at or after the moment, and the store's time: the slow way."""
        ...

    # directory
    async def add_workspace(self, workspace: WorkspaceId) -> bool:
        """Create the workspace and its organization; False where it is there already."""
        ...

    async def workspaces(self) -> Sequence[WorkspaceId]: ...
    async def settings(self, workspace: WorkspaceId) -> WorkspaceSettings: ...
    async def save_settings(
        self,
        workspace: WorkspaceId,
        settings: WorkspaceSettings,
        *,
        by: str,
        facts: Sequence[Fact] = (),
    ) -> None:
        """Write the next version; every version stays on record, with who wrote it.

        Raises ``ChangedMeanwhile`` unless ``settings.version`` is one more than the latest.
        """
        ...

    async def directory(
        self,
        workspace: WorkspaceId,
        *,
        people: Sequence[str] = (),
        tokens: Sequence[str] = (),
        picks: Sequence[str] = (),
    ) -> Directory:
        """What the rules would know, read outside the door: for explaining, never for deciding."""
        ...

    async def add_person(self, row: PersonRow, facts: Sequence[Fact] = ()) -> None:
        """Raises ``AlreadyExists`` where the address, or an alias, is taken in that workspace."""
        ...

    async def update_person(self, row: PersonRow, facts: Sequence[Fact] = ()) -> None: ...
    async def person(self, workspace: WorkspaceId, reference: str) -> PersonRow | None:
        """By id or by lower-case mail address, an alias too."""
        ...

    async def people(self, workspace: WorkspaceId, page: Page) -> Sequence[PersonRow]: ...
    async def reached(
        self, workspace: WorkspaceId, tokens: Sequence[str], *, limit: int
    ) -> Sequence[Person]:
        """Everybody enabled whom any of the selector tokens reaches."""
        ...

    async def add_key(self, row: KeyRow, facts: Sequence[Fact] = ()) -> None: ...
    async def key(self, key_hash: str) -> KeyRow | None: ...
    async def keys(self, workspace: WorkspaceId, page: Page) -> Sequence[KeyRow]: ...
    async def revoke_key(
        self, workspace: WorkspaceId, key_id: KeyId, facts: Sequence[Fact] = ()
    ) -> bool:
        """False where there is no such key in the workspace; revoking twice is one revocation."""
        ...

    async def add_sign_in(self, token: SignInToken, facts: Sequence[Fact] = ()) -> None: ...
    async def spend_sign_in(self, token_hash: str) -> SignInToken | None:
        """Spend the token and return it, once, unless it has expired."""
        ...

    # passkeys
    async def add_passkey(self, row: PasskeyRow, facts: Sequence[Fact]) -> None:
        """Raises ``AlreadyExists`` where the credential is somebody's already."""
        ...

    async def passkey(self, workspace: WorkspaceId, credential_id: str) -> PasskeyRow | None: ...
    async def passkeys(
        self, workspace: WorkspaceId, person_id: PersonId
    ) -> Sequence[PasskeyRow]: ...
    async def used_passkey(
        self, workspace: WorkspaceId, credential_id: str, sign_count: int
    ) -> bool:
        """Note the counter of a use; False where it does not go up, as that of a copy would not.

        Authenticators that do not count say 0 each time, which is no copy.
        """
        ...

    async def remove_passkey(
        self, workspace: WorkspaceId, credential_id: str, facts: Sequence[Fact]
    ) -> bool: ...
