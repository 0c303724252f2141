"""Exports: the log, or a part of it, as a zip that proves itself; streamed, however long it is.

The members are those that ``signoff.audit.bundle`` reads. Where a value was erased, the entry that
says so is in the bundle too, even where it lies outside of what was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec

from signoff.audit import canonical
from signoff.audit.bundle import FORMAT
from signoff.audit.note import vkey
from signoff.audit.tiles import WIDTH, tile_path
from signoff.core.moments import rfc3339
from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.log.entries import line
from signoff.engine.log.ports import Anchored, LogEntry, Tile
from signoff.engine.log.published import Published, Tiles, cosigned, newest
from signoff.engine.ports import Store

ERASURE = "erasure.done"
_AT_ONCE = 500
_ENOUGH = 256 * 1024
_LEVEL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries: all of them, those of an intent, or those recorded in a time.

    :param cosigned: up to the last checkpoint that a witness has cosigned, not to the last.
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
    """One export under way. After ``chunks`` have all been taken, the counts are final."""

    def __init__(self, store: Store, published: Published, selection: Selection) -> None:
        self._store = store
        self.published = published
        self._selection = selection
        self.first: int | None = None
        self.last: int | None = None
        self.count = 0
        self._leaf_tiles: set[int] = set()
        self._erased: set[str] = set()

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
        workspace, size = self.published.workspace, self.published.size
        if self._selection.intent_id is not None:
            found = await self._store.log_entries_of(workspace, self._selection.intent_id)
            chosen = [each for each in found if each.index < size]
            for at in range(0, len(chosen), _AT_ONCE):
                yield chosen[at : at + _AT_ONCE]
            return
        since, until = self._selection.since, self._selection.until
        start, end = 0, size
        if not self._selection.everything:
            start, end = await self._store.log_span(workspace, since, until)
            end = min(end, size)
        while start < end:
            portion = await self._store.log_entries(
                workspace, start, limit=min(_AT_ONCE, end - start)
            )
            yield portion
            start += len(portion)
        if end < size and (later := await self._erasures(end)):
            yield later

    async def _erasures(self, start: int) -> Sequence[LogEntry]:
        found: dict[int, LogEntry] = {}
        for source in sorted(self._erased):
            entries = await self._store.log_entries_of(self.published.workspace, IntentId(source))
            found |= {each.index: each for each in entries if each.type == ERASURE}
        size = self.published.size
        return [found[index] for index in sorted(found) if start <= index < size]

    def _note(self, entries: Sequence[LogEntry]) -> None:
        for entry in entries:
            self.first = entry.index if self.first is None else self.first
            self.last = entry.index
            self._leaf_tiles.add(entry.index // WIDTH)
            if entry.erased and not self._selection.everything:
                leaf = msgspec.json.decode(entry.leaf)
                self._erased.add(leaf.get("intent", entry.source))
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
        anchors = await self._store.anchors(published.workspace, up_to=published.size)
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


async def export(store: Store, workspace: WorkspaceId, selection: Selection) -> Export:
    """Begin an export.

    :raises NotLoggedYet: no checkpoint, or no cosigned one, is published.
    """
    find = cosigned if selection.cosigned else newest
    return Export(store, await find(store, workspace), selection)


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
