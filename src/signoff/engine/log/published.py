"""What a log has published: its checkpoints, with the cosignatures there are, and its tiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signoff.audit.tiles import WIDTH, widths
from signoff.audit.tree import HASH_SIZE
from signoff.core.words import WorkspaceId
from signoff.engine.log.cosigned import Enough, anybody
from signoff.engine.log.cosigned import cosigned as seen
from signoff.engine.log.ports import LogStore, Tile
from signoff.errors import LogBroken, NotLoggedYet

_TILES_AT_ONCE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint of a log: the note covers ``size`` entries."""

    workspace: WorkspaceId
    origin: str
    size: int
    note: str


async def newest(store: LogStore, workspace: WorkspaceId, *, covering: int = 0) -> Published:
    """The last checkpoint, as the log has signed it.

    :param covering: how many entries it has to cover.
    :raises NotLoggedYet: it does not.
    """
    head = await store.log_head(workspace)
    if head is None or head.checkpoint is None or head.size < covering:
        raise NotLoggedYet("the log does not cover this yet; try again in a second")
    return Published(workspace=workspace, origin=head.origin, size=head.size, note=head.checkpoint)


async def cosigned(
    store: LogStore, workspace: WorkspaceId, *, covering: int = 0, enough: Enough = anybody
) -> Published:
    """The last checkpoint that enough witnesses have cosigned, with every cosignature there is.

    Where none has enough of them, the last that anybody has cosigned.

    :raises NotLoggedYet: none covers so many entries.
    """
    last = await newest(store, workspace, covering=covering)
    found = [each for each in seen(await store.anchors(workspace)) if each[0] >= covering]
    if not found:
        raise NotLoggedYet("no checkpoint that a witness has cosigned covers this yet")
    size, note = next((each for each in found if enough(each[1])), found[0])
    return Published(workspace=workspace, origin=last.origin, size=size, note=note)


async def strongest(
    store: LogStore, workspace: WorkspaceId, *, covering: int, enough: Enough = anybody
) -> Published:
    """What ``cosigned`` finds where it covers so many entries, else the last."""
    try:
        return await cosigned(store, workspace, covering=covering, enough=enough)
    except NotLoggedYet:
        return await newest(store, workspace, covering=covering)


class Tiles:
    """The tiles of a tree of one size, read from the store in portions."""

    def __init__(self, store: LogStore, workspace: WorkspaceId, size: int) -> None:
        self._store = store
        self._workspace = workspace
        self._size = size

    def above_leaves(self) -> list[Tile]:
        """Every tile that holds no leaf hashes."""
        return [
            (level, number)
            for level, width in enumerate(widths(self._size))
            if level > 0
            for number in range(-(-width // WIDTH))
        ]

    def has(self, tile: Tile) -> bool:
        """Whether a tree of this size has such a tile."""
        level, number = tile
        found = widths(self._size)
        return level < len(found) and number * WIDTH < found[level]

    def width(self, tile: Tile) -> int:
        """How many hashes a tile holds in a tree of this size."""
        level, number = tile
        return min(WIDTH, widths(self._size)[level] - number * WIDTH)

    async def read(self, tiles: Sequence[Tile]) -> Mapping[Tile, bytes]:
        """These tiles, cut to what they held when the tree had this size.

        :raises LogBroken: one is missing, or too short.
        """
        found = await self._store.log_tiles(self._workspace, tiles)
        return {tile: self._cut(tile, found.get(tile, b"")) for tile in tiles}

    def portions(self, tiles: Iterable[Tile]) -> list[list[Tile]]:
        """The tiles in portions that are read at once."""
        wanted = sorted(tiles)
        return [wanted[at : at + _TILES_AT_ONCE] for at in range(0, len(wanted), _TILES_AT_ONCE)]

    def _cut(self, tile: Tile, hashes: bytes) -> bytes:
        length = self.width(tile) * HASH_SIZE
        if len(hashes) < length:
            raise LogBroken(f"tile {tile[0]}/{tile[1]} of {self._workspace} is too short")
        return hashes[:length]
