"""Proofs about a published tree, made of the tiles that are stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from signoff.audit.errors import Malformed
from signoff.audit.tiles import WIDTH, reading
from signoff.audit.tree import HASH_SIZE, HashAt, consistency_proof
from signoff.core.words import WorkspaceId
from signoff.engine.log.ports import Tile
from signoff.errors import LogBroken

T = TypeVar("T")


class Tiles(Protocol):
    """Whoever has the tiles: a store."""

    async def log_tiles(
        self, workspace: WorkspaceId, tiles: Sequence[Tile]
    ) -> Mapping[Tile, bytes]: ...


class Proving:
    """Makes proofs for the logs of a store."""

    def __init__(self, store: Tiles) -> None:
        self._store = store

    async def consistency(self, workspace: WorkspaceId, old: int, new: int) -> Sequence[bytes]:
        """The RFC 6962 consistency proof from one size to a later, published one.

        :raises LogBroken: tiles are missing, or shorter than the tree.
        """
        return await self.made(workspace, lambda hash_at: consistency_proof(old, new, hash_at))

    async def made(self, workspace: WorkspaceId, prove: Callable[[HashAt], T]) -> T:
        """What a function makes of the hashes of subtrees, with the tiles it takes read for it.

        It is called twice: once to learn which tiles it takes, and then with these.

        :raises LogBroken: tiles are missing, or shorter than the tree.
        """
        wanted: dict[Tile, bytes] = {}

        def blank(level: int, number: int) -> bytes:
            return wanted.setdefault((level, number), bytes(WIDTH * HASH_SIZE))

        prove(reading(blank))
        tiles = await self._store.log_tiles(workspace, list(wanted))
        try:
            return prove(reading(lambda level, number: tiles.get((level, number), b"")))
        except Malformed as error:
            raise LogBroken(f"the log of {workspace} is damaged: {error}") from None
