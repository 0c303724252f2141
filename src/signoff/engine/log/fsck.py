"""Checks a live store against itself: everything that can be worked out once more, is.

Every leaf must follow from its row, every place must be taken, every hash must be that of its leaf,
the tree must be the one that was signed, every event must have its place or wait for one, and the
state of every intent must be what its events give. Reads only, and says what it finds in words.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import msgspec

from signoff.audit.merkle import HASH_SIZE, leaf_hash
from signoff.audit.tiles import WIDTH, extended, widths
from signoff.core.intent import Intent, replay
from signoff.core.words import WorkspaceId
from signoff.engine.history import history
from signoff.engine.log.integrating import edge, require_sound
from signoff.engine.log.ports import LogEntry, LogHead, Tile
from signoff.engine.log.rebuild import event_differs, fact_differs
from signoff.engine.ports import IntentFilter, Page, Store
from signoff.engine.records import EventRecord, FactRecord
from signoff.errors import LogBroken

Progress = Callable[[int, int], None]
"""Called now and then: how much is done, of how much."""

_AT_ONCE = 500
_AFTER_ALL = "int_g"  # follows every id of an intent
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it has to be; ``index`` is of the entry, where it is one."""

    what: str
    index: int | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What was looked at, and what is wrong: at most a hundred findings."""

    origin: str = ""
    size: int = 0
    entries: int = 0
    waiting: int = 0
    intents: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, what: str, index: int | None = None) -> None:
        if len(self.findings) < _MOST:
            self.findings.append(Finding(what=what, index=index))


async def fsck(store: Store, workspace: WorkspaceId, progress: Progress | None = None) -> Report:
    """Check the log of one workspace, and what it is about."""
    return await _Check(store, workspace, progress).run()


class _Check:
    def __init__(self, store: Store, workspace: WorkspaceId, progress: Progress | None) -> None:
        self._store = store
        self._workspace = workspace
        self._progress = progress or (lambda done, of: None)
        self._report = Report()
        self._suspects: list[str] = []  # events without a place, unless the log has grown
        self._numbered: dict[str, int] = {}
        self._agents: dict[str, str] = {}
        self._hashed = 0  # how many entries the tree has that was worked out so far
        self._events = 0  # how many entries are events, and how many events there are
        self._happened = 0

    async def run(self) -> Report:
        report = self._report
        head = await self._store.log_head(self._workspace)
        if head is None:
            report.find("the workspace has no log")
            return report
        report.origin, report.size = head.origin, head.size
        await self._signed(head)
        tiles: dict[Tile, bytes] = {}
        async for entries in self._entries(head):
            hashes = [leaf_hash(entry.leaf.encode()) for entry in entries]
            for entry in entries:
                self._entry(entry)
            await self._tree(head, entries, hashes, tiles)
        if report.entries != head.sequenced:
            why = f"the log has {head.sequenced} places, and {report.entries} are taken"
            report.find(why, report.entries)
        report.waiting = (await self._store.depths()).unlogged
        await self._intents()
        await self._unqueued(head)
        return report

    async def _signed(self, head: LogHead) -> None:
        keys = await self._store.log_keys(self._workspace)
        tiles = await self._store.log_tiles(self._workspace, edge(head.size))
        try:
            require_sound(head, keys, tiles)
        except LogBroken as error:
            self._report.find(error.message)

    async def _entries(self, head: LogHead) -> AsyncIterator[list[LogEntry]]:
        at = 0
        while at < head.sequenced:
            limit = min(_AT_ONCE, head.sequenced - at)  # the log may grow meanwhile
            found = await self._store.log_entries(self._workspace, at, limit=limit)
            if not found:
                return
            yield list(found)
            at = found[-1].index + 1
            self._progress(at, head.sequenced)

    def _entry(self, entry: LogEntry) -> None:
        report = self._report
        if entry.index != report.entries:
            report.find(f"place {report.entries} of the log is empty", report.entries)
        report.entries = entry.index + 1
        if entry.seq:
            self._events += 1
            last = self._numbered.get(entry.source, 0)
            if entry.seq <= last:
                report.find(f"event {entry.seq} of {entry.source} comes late", entry.index)
            self._numbered[entry.source] = entry.seq
        try:
            wrong = self._differs(entry)
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            wrong = f"the record cannot be read: {error}"
        if wrong is not None:
            report.find(wrong, entry.index)

    def _differs(self, entry: LogEntry) -> str | None:
        if not entry.seq:
            return fact_differs(self._fact(entry), entry.erased)
        row = EventRecord(
            workspace=self._workspace,
            intent_id=entry.source,
            seq=entry.seq,
            type=entry.type,
            at=entry.at,
            actor=entry.actor,
            data=entry.data,
            leaf=entry.leaf,
            salts=entry.salts,
        )
        if entry.type == "intent.submitted":
            self._agents[entry.source] = msgspec.json.decode(entry.data)["agent"]
        return event_differs(row, self._agents.get(entry.source), entry.erased)

    def _fact(self, entry: LogEntry) -> FactRecord:
        return FactRecord(
            workspace=self._workspace,
            id=entry.source,
            type=entry.type,
            at=entry.at,
            actor=entry.actor,
            intent_id=entry.intent_id,
            task_id=entry.task_id,
            data=entry.data,
            leaf=entry.leaf,
            salts=entry.salts,
        )

    async def _tree(
        self,
        head: LogHead,
        entries: list[LogEntry],
        hashes: list[bytes],
        tiles: dict[Tile, bytes],
    ) -> None:
        """Compare the stored tiles with those that the leaves give, up to the first empty place.

        ``tiles`` holds the right edge of the tree that has been worked out so far.
        """
        start = entries[0].index
        pairs = zip(hashes, entries, strict=True)
        within = [each for each, entry in pairs if entry.index < head.size]
        if start != self._hashed or entries[-1].index - start + 1 != len(entries) or not within:
            return
        new = extended(start, within, lambda level, number: tiles[level, number])
        size = self._hashed = start + len(within)
        tiles |= new
        for tile in [tile for tile in tiles if tile not in edge(size)]:
            del tiles[tile]
        stored = await self._store.log_tiles(self._workspace, list(new))
        for tile in sorted(new):
            width = min(WIDTH, widths(head.size)[tile[0]] - tile[1] * WIDTH)
            hash_at = stored.get(tile, b"")[: width * HASH_SIZE]
            if not hash_at.startswith(new[tile]):
                self._wrong_tile(tile, new[tile], hash_at)

    def _wrong_tile(self, tile: Tile, right: bytes, stored: bytes) -> None:
        level, number = tile
        first = next(
            (
                at
                for at in range(len(right) // HASH_SIZE)
                if right[at * HASH_SIZE :][:HASH_SIZE] != stored[at * HASH_SIZE :][:HASH_SIZE]
            ),
            0,
        )
        index = (number * WIDTH + first) * WIDTH**level
        self._report.find(f"tile {level}/{number} is not that of the leaves", index)

    async def _intents(self) -> None:
        before = _AFTER_ALL
        while True:
            page = Page(limit=_AT_ONCE, before=before)
            found = await self._store.intents(self._workspace, IntentFilter(), page)
            for intent in found:
                await self._intent(intent)
            if len(found) < _AT_ONCE:
                return
            before = found[-1].id

    async def _intent(self, listed: Intent) -> None:
        """The state is what the events give, and every event has its place or waits for one."""
        report = self._report
        report.intents += 1
        stored = await self._store.intent(self._workspace, listed.id)
        if stored is None:
            return
        self._happened += stored.seq
        events = await history(self._store, self._workspace, listed.id)
        last = self._numbered.get(listed.id)
        if last is not None and last < stored.seq:
            self._suspects.append(f"event {last + 1} of {listed.id} is not in the log")
        replayed = replay([each for each in events if each.seq <= stored.seq], intent_id=listed.id)
        if replayed is None or _live(replayed) != _live(stored):
            again = await self._store.intent(self._workspace, listed.id)
            if again == stored:  # nothing happened to it meanwhile
                report.find(f"the state of {listed.id} is not what its events give")

    async def _unqueued(self, head: LogHead) -> None:
        """Every event that has a leaf has a place: told only where nothing happens meanwhile."""
        older = await self._store.count_unlogged(self._workspace)
        waiting = (await self._store.depths()).unlogged
        if waiting or await self._store.log_head(self._workspace) != head:
            return
        for suspect in self._suspects:
            self._report.find(suspect)
        if (missing := self._happened - older - self._events) > 0:
            self._report.find(f"{missing} events are neither in the log nor wait for a place")


def _live(intent: Intent) -> Intent:
    return replace(intent, tasks={task.id: task for task in intent.live_tasks})
