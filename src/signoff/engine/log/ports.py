"""What the log needs from a store.

Sequencing and integration are apart. ``sequence`` gives what has been committed its place, durably;
``publish`` moves the signed checkpoint, by compare-and-swap, so that no two processes can fork the
log. The exact bytes of a leaf are stored with its event or fact and never change; the values and
salts beside them can be erased.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from signoff.core.facts import Fact
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId

Tile = tuple[int, int]
"""Level and number of a tile, as in C2SP tlog-tiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """How far a workspace's log has come; one that begins has come nowhere.

    :param sequenced: how many entries have a place.
    :param size: how many the published checkpoint covers.
    :param checkpoint: the signed note as published, or None while nothing is.
    """

    workspace: WorkspaceId
    origin: str
    sequenced: int = 0
    size: int = 0
    checkpoint: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """A key that signs checkpoints. ``secret`` is its Ed25519 seed, sealed where a seal is set.

    :param retired_at: since when it signs no more.
    """

    workspace: WorkspaceId
    generation: int
    secret: bytes
    public: bytes
    made_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of the log with what can be opened of it.

    :param source: id of the intent, or of the fact.
    :param seq: of the event in its intent; 0 for a fact.
    :param leaf: the exact canonical JSON that is hashed.
    :param data: the body as JSON text, in which erased values are blank.
    :param salts: see ``signoff.engine.log.scribe``.
    :param erased: names of the commitments whose value and salt are gone.
    :param actor: who it was, as JSON text.
    :param intent_id: which intent a fact is about, where it is about one; likewise ``task_id``.
    """

    index: int
    source: str
    seq: int
    type: str
    leaf: str
    data: str
    salts: str
    erased: tuple[str, ...] = ()
    actor: str
    at: datetime
    intent_id: IntentId | None = None
    task_id: TaskId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Somebody was shown a task, for the first time in this form."""

    workspace: WorkspaceId
    task_id: TaskId
    person_id: PersonId
    view_digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What somebody else holds of a checkpoint, or why they do not.

    :param kind: ``file``, ``git``, ``mail``, ``timestamp`` or ``witness``.
    :param evidence: what proves it, in base64 where it is binary; None where it failed.
    """

    workspace: WorkspaceId
    id: str
    kind: str
    name: str
    size: int
    checkpoint: str
    at: datetime
    evidence: str | None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: nothing it covers is erased.

    :param scope: ``intent``, ``subject``, ``retention`` or ``workspace``.
    :param target: the intent, the subject or the retention class; empty for all the workspace.
    """

    workspace: WorkspaceId
    id: str
    scope: str
    target: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it is stored, for rewriting its erasable part."""

    seq: int
    type: str
    at: datetime
    actor: str
    data: str
    leaf: str
    salts: str
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """A fact as it is stored, for rewriting its erasable part."""

    id: str
    type: str
    at: datetime
    actor: str
    intent_id: IntentId | None
    task_id: TaskId | None
    data: str
    leaf: str
    salts: str
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """All that is stored about one intent, read and locked in the erasing transaction.

    ``holds`` are those that stand in the workspace, whatever they cover.
    """

    workspace: WorkspaceId
    intent_id: IntentId
    live: bool
    subject: str | None
    retention_class: str | None
    events: Sequence[StoredEvent]
    facts: Sequence[StoredFact]
    holds: Sequence[Hold]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """What an erasure writes: only ``actor``, ``data``, ``salts`` and ``erased`` may differ.

    :param intent: the columns of the intent's row that hold erasable text, by name.
    :param tasks: the documents of its tasks, by id.
    :param facts_added: what the log is told.
    """

    events: Sequence[StoredEvent] = ()
    facts: Sequence[StoredFact] = ()
    intent: Mapping[str, str | None] | None = None
    tasks: Mapping[TaskId, str] | None = None
    facts_added: Sequence[Fact] = ()


class LogStore(Protocol):
    """The half of a store that the log uses."""

    async def record(self, facts: Sequence[Fact], views: Sequence[View] = ()) -> None:
        """Write facts that no other change brings about. One whose id is there is left as it is."""
        ...

    # sequencing and integration
    async def open_log(
        self, head: LogHead, key: LogKey, facts: Sequence[Fact]
    ) -> tuple[LogHead, bool]:
        """Begin a workspace's log; where it has one already, nothing is written.

        Returns the head as it is now, and whether it was made just now.
        """
        ...

    async def log_head(self, workspace: WorkspaceId) -> LogHead | None: ...
    async def count_unlogged(self, workspace: WorkspaceId) -> int:
        """How many events of the workspace have no leaf: older than the log."""
        ...

    async def sequence(self, *, limit: int) -> Sequence[WorkspaceId]:
        """Give up to so many committed entries their places, in the order of their commits.

        Returns every workspace whose published checkpoint is behind. Two callers at once never
        give one place twice, nor leave a gap.
        """
        ...

    async def log_leaves(self, workspace: WorkspaceId, start: int, *, limit: int) -> Sequence[str]:
        """The exact leaves from this place on, in order."""
        ...

    async def log_tiles(
        self, workspace: WorkspaceId, tiles: Sequence[Tile]
    ) -> Mapping[Tile, bytes]:
        """The hashes of these tiles, as far as they are filled, without those that do not exist."""
        ...

    async def publish(
        self,
        workspace: WorkspaceId,
        *,
        expected: int,
        size: int,
        checkpoint: str,
        tiles: Mapping[Tile, bytes],
    ) -> bool:
        """Move the checkpoint, with its tiles, unless its size is no longer the expected one."""
        ...

    # keys of the log
    async def log_keys(self, workspace: WorkspaceId) -> Sequence[LogKey]:
        """All of them, oldest first."""
        ...

    async def add_log_key(self, key: LogKey, facts: Sequence[Fact]) -> bool:
        """False where somebody else has added that generation."""
        ...

    async def retire_log_key(
        self, workspace: WorkspaceId, generation: int, at: datetime, facts: Sequence[Fact]
    ) -> bool:
        """Let a key sign no more. False where there is none that does, or no other would be left.

        Two callers at once never retire the last one.
        """
        ...

    # reading
    async def log_entries(
        self, workspace: WorkspaceId, start: int, *, limit: int
    ) -> Sequence[LogEntry]:
        """Entries from this place on, in order."""
        ...

    async def log_entries_of(
        self, workspace: WorkspaceId, intent_id: IntentId
    ) -> Sequence[LogEntry]:
        """Every entry about one intent: its events and the facts that name it, in order."""
        ...

    async def log_entries_named(
        self, workspace: WorkspaceId, facts: Sequence[str]
    ) -> Sequence[LogEntry]:
        """The entries of these facts, by id, in order."""
        ...

    async def passkey_fact(self, workspace: WorkspaceId, credential_id: str) -> str | None:
        """The id of the fact by which a passkey was added."""
        ...

    async def log_span(
        self, workspace: WorkspaceId, since: datetime | None, until: datetime | None
    ) -> tuple[int, int]:
        """The smallest range of places, end exclusive, with every entry recorded in that time."""
        ...

    # anchors
    async def add_anchor(self, anchored: Anchored) -> None: ...
    async def anchors(
        self, workspace: WorkspaceId, *, up_to: int | None = None, limit: int = 100
    ) -> Sequence[Anchored]:
        """Newest first; ``up_to``: only of checkpoints of at most this size."""
        ...

    # views
    async def first_viewed(
        self, workspace: WorkspaceId, task_id: TaskId, person_id: PersonId
    ) -> datetime | None: ...

    # erasure
    async def rewrite(
        self,
        workspace: WorkspaceId,
        intent_id: IntentId,
        decide: Callable[[Erasable, datetime], Rewrite],
    ) -> Rewrite:
        """Erase within one transaction; whatever ``decide`` raises leaves nothing changed.

        :raises NotFound: there is no such intent.
        """
        ...

    async def rewrite_person(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        decide: Callable[[Sequence[StoredFact], datetime], Rewrite],
    ) -> Rewrite:
        """Blank a person's row, end their sessions, keys and passkeys, and rewrite facts of theirs.

        The facts are those that name them: ``person.added``, ``key.made``, ``passkey.added``, ...
        """
        ...

    async def intents_of_subject(self, workspace: WorkspaceId, subject: str) -> Sequence[IntentId]:
        """Intents whose subject, or on whose behalf, this is; erased ones too."""
        ...

    async def intents_naming(
        self, workspace: WorkspaceId, words: Sequence[str]
    ) -> Sequence[IntentId]:
        """Intents of which an event or fact holds one of these words, in any case. Reads it all.

        :param words: in lower case.
        """
        ...

    async def intents_to_erase(
        self, workspace: WorkspaceId, retention_class: str, before: datetime, *, limit: int
    ) -> Sequence[IntentId]:
        """Ended intents of the class, last changed before then, not erased yet; oldest first."""
        ...

    async def scrub(self) -> bool:
        """Overwrite what erased values have left behind on disk, where the store can.

        Returns whether nothing of them is left in the files of the database itself.
        """
        ...

    async def place_hold(self, hold: Hold, facts: Sequence[Fact]) -> None: ...
    async def lift_hold(
        self, workspace: WorkspaceId, hold_id: str, at: datetime, facts: Sequence[Fact]
    ) -> bool: ...
    async def holds(self, workspace: WorkspaceId) -> Sequence[Hold]:
        """Those that stand, and those lifted, newest first."""
        ...
