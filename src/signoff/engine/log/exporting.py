"""Exports: the log, or a part of it, as a zip that proves itself; streamed, however long it is.

The members are those that ``signoff.audit.bundle`` reads. Where a value was erased, the entry that
says so is in the bundle too, even where it lies outside of what was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from signoff.audit import canonical
from signoff.audit.bundle import FORMAT
from signoff.audit.note import vkey
from signoff.audit.tiles import WIDTH, tile_path
from signoff.core.moments import rfc3339
from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.log.cosigned import Enough, anybody
from signoff.engine.log.entries import line, passkeys_of
from signoff.engine.log.excuses import Excuses, erased_after
from signoff.engine.log.ports import Anchored, LogEntry, Tile
from signoff.engine.log.published import Published, Tiles, cosigned, newest
from signoff.engine.ports import Store
from signoff.errors import LogBroken, NotFound, NotLoggedYet

_AT_ONCE = 500
_ANCHORS = 1000
_TRIES = 50
_WAIT_SECONDS = 0.1
_ENOUGH = 256 * 1024
_LEVEL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries: all of them, those of an intent, or those recorded in a time.

    :param cosigned: up to the last checkpoint that enough witnesses have cosigned, not to the last.
    """

    intent_id: IntentId | None = None
    since: datetime | None = None
    until: datetime | None = None
    cosigned: bool = False

    @property
    def everything(self) -> bool:
        return self.intent_id is None and self.since is None and self.until is None

    @property
    def said(self) -> dict[str, str] | None:
        """As the manifest says it."""
        found = {
            "intent": self.intent_id,
            "since": rfc3339(self.since) if self.since else None,
            "until": rfc3339(self.until) if self.until else None,
        }
        return {name: value for name, value in found.items() if value} or None


@dataclass(slots=True)
class _Sink:
    """A file that cannot be sought in: what is written is taken away from time to time."""

    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        data = b"".join(self.parts)
        self.parts, self.size = [], 0
        return data


class Export:
    """One export under way. After ``chunks`` have all been taken, the counts are final.

    :param start: the first entry that is chosen; likewise ``end``, exclusive. Of an intent these
        are how far its entries reach.
    :param chosen: how many entries that is, as far as it can be known before.
    """

    def __init__(
        self,
        store: Store,
        published: Published,
        selection: Selection,
        *,
        start: int,
        end: int,
        chosen: int,
    ) -> None:
        self._store = store
        self.published = published
        self._selection = selection
        self.start = start
        self.end = end
        self.chosen = chosen
        self.first: int | None = None
        self.last: int | None = None
        self.count = 0
        self._leaf_tiles: set[int] = set()
        self._excuses = Excuses()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The zip, piece by piece."""
        sink = _Sink()
        with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as bundle:  # type: ignore[call-overload]
            with bundle.open(_member("events.jsonl"), "w", force_zip64=True) as member:
                async for entries in self._entries():
                    await asyncio.to_thread(_written, member, entries)
                    self._note(entries)
                    if sink.size > _ENOUGH:
                        yield sink.taken()
            async for name, data in self._members():
                bundle.writestr(_member(name), data)
                if sink.size > _ENOUGH:
                    yield sink.taken()
        yield sink.taken()

    async def _entries(self) -> AsyncIterator[Sequence[LogEntry]]:
        """In order, in portions; then the erasures that explain what is missing."""
        if self._selection.intent_id is not None:
            chosen = await _of_intent(self._store, self.published, self._selection.intent_id)
            for at in range(0, len(chosen), _AT_ONCE):
                yield chosen[at : at + _AT_ONCE]
        else:
            async for entries in self._between(self.start, self.end):
                yield entries
        for _ in range(_TRIES):
            if not self._excuses.wanting():
                return
            async for entries in self._later():
                yield entries
        # Nothing says what became of those values. The bundle shows it, and will be refuted for it.

    async def _between(self, start: int, end: int) -> AsyncIterator[Sequence[LogEntry]]:
        while start < end:
            limit = min(_AT_ONCE, end - start)
            entries = await self._store.log_entries(self.published.workspace, start, limit=limit)
            if not entries:
                raise LogBroken(f"place {start} of the log of {self.published.workspace} is empty")
            yield entries
            start = entries[-1].index + 1

    async def _later(self) -> AsyncIterator[Sequence[LogEntry]]:
        """The erasures of what is missing. One that was done while this runs moves the end."""
        workspace = self.published.workspace
        after = self.end if self.last is None else max(self.end, self.last + 1)
        erasures = await self._excuses.found(self._store, workspace, after)
        within = [each for each in erasures if each.index < self.published.size]
        if within:
            yield within
            return
        await asyncio.sleep(_WAIT_SECONDS)
        if not self._selection.cosigned:
            self.published = await newest(self._store, workspace)
        if self._selection.everything:
            start, self.end = self.end, self.published.size
            async for entries in self._between(start, self.end):
                yield entries

    def _note(self, entries: Sequence[LogEntry]) -> None:
        for entry in entries:
            self.first = entry.index if self.first is None else self.first
            self.last = entry.index
            self._leaf_tiles.add(entry.index // WIDTH)
        self._excuses.take(entries)
        self.count += len(entries)

    async def _members(self) -> AsyncIterator[tuple[str, bytes]]:
        """Everything but the entries."""
        published = self.published
        tiles = Tiles(self._store, published.workspace, published.size)
        wanted: list[Tile] = [*tiles.above_leaves(), *((0, each) for each in self._leaf_tiles)]
        if published.size % WIDTH:
            wanted.append((0, published.size // WIDTH))
        for portion in tiles.portions(set(wanted)):
            for tile, hashes in (await tiles.read(portion)).items():
                yield tile_path(*tile, tiles.width(tile)), hashes
        anchors = await self._store.anchors(
            published.workspace, up_to=published.size, limit=_ANCHORS
        )
        for anchored in _last_of_each(anchors):
            name = f"anchors/{anchored.kind}-{anchored.size}-{_word(anchored.id)}"
            yield name, (anchored.evidence or "").encode()
            yield f"{name}.checkpoint", anchored.checkpoint.encode()
        keys = await self._store.log_keys(published.workspace)
        yield (
            "log.vkey",
            "".join(f"{vkey(published.origin, key.public)}\n" for key in keys).encode(),
        )
        yield "checkpoint", published.note.encode()
        yield "manifest.json", self._manifest()

    def _manifest(self) -> bytes:
        return canonical.encode(
            {
                "format": FORMAT,
                "origin": self.published.origin,
                "workspace": self.published.workspace,
                "size": self.published.size,
                "entries": self.count,
                "first": self.first,
                "last": self.last,
                "filter": self._selection.said,
            }
        )


async def _of_intent(store: Store, published: Published, intent_id: IntentId) -> Sequence[LogEntry]:
    """Its entries, and where the passkeys were added that its answers are signed with."""
    found = await store.log_entries_of(published.workspace, intent_id)
    beside = await passkeys_of(store, published.workspace, found)
    both = sorted([*found, *beside], key=attrgetter("index"))
    return [each for each in both if each.index < published.size]


async def export(
    store: Store, workspace: WorkspaceId, selection: Selection, *, enough: Enough = anybody
) -> Export:
    """Begin an export.

    :param enough: which cosignatures a checkpoint should have, where a cosigned one is wanted.

    :raises NotFound: there is no such intent.
    :raises NotLoggedYet: no checkpoint, or no cosigned one, is published; or something was erased
        since the cosigned one.
    """
    if selection.cosigned:
        published = await cosigned(store, workspace, enough=enough)
    else:
        published = await newest(store, workspace)
    if selection.cosigned and await erased_after(store, workspace, published.size):
        raise NotLoggedYet(
            "something was erased since the last checkpoint that a witness has cosigned; take the "
            "log up to the last checkpoint, or wait for the next cosigned one"
        )
    start, end = 0, published.size
    if selection.intent_id is not None:
        if await store.intent(workspace, selection.intent_id) is None:
            raise NotFound(f"there is no intent {selection.intent_id}")
        entries = await _of_intent(store, published, selection.intent_id)
        places = [each.index for each in entries]
        start, end = (places[0], places[-1] + 1) if places else (0, 0)
        chosen = len(places)
    else:
        if not selection.everything:
            start, end = await store.log_span(workspace, selection.since, selection.until)
        start, end = min(start, published.size), min(end, published.size)
        chosen = end - start
    return Export(store, published, selection, start=start, end=end, chosen=chosen)


def _written(member: object, entries: Sequence[LogEntry]) -> None:
    member.write(b"".join(map(line, entries)))  # type: ignore[attr-defined]


def _member(name: str) -> ZipInfo:
    """A member whose date says nothing, so that the same log is the same file."""
    info = ZipInfo(name)
    info.compress_type = ZIP_STORED if name.startswith("tile/") else ZIP_DEFLATED
    return info


def _last_of_each(anchors: Iterable[Anchored]) -> list[Anchored]:
    """The newest that succeeded, of each that is asked. They come newest first."""
    found: dict[tuple[str, str], Anchored] = {}
    for each in anchors:
        if each.evidence is not None:
            found.setdefault((each.kind, each.name), each)
    return list(found.values())


def _word(text: str) -> str:
    return "".join(char if char.isalnum() and char.isascii() else "_" for char in text)
