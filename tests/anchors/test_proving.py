"""Proofs made of stored tiles are those made of the leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from signoff.audit.tiles import extended
from signoff.audit.tree import consistent, leaf_hash, root
from signoff.core.words import WorkspaceId
from signoff.engine.log.ports import Tile
from signoff.engine.log.proving import Proving
from signoff.errors import LogBroken

HERE = WorkspaceId("default/main")
SIZE = 70_000
LEAVES = [leaf_hash(str(number).encode()) for number in range(SIZE)]


class Stored:
    """The tiles of one log, and how many were asked for."""

    def __init__(self, tiles: Mapping[Tile, bytes]) -> None:
        self._tiles = tiles
        self.asked = 0

    async def log_tiles(
        self, workspace: WorkspaceId, tiles: Sequence[Tile]
    ) -> Mapping[Tile, bytes]:
        self.asked += len(tiles)
        return {tile: self._tiles[tile] for tile in tiles if tile in self._tiles}


@pytest.fixture(scope="module")
def tiles() -> Mapping[Tile, bytes]:
    return extended(0, LEAVES, lambda level, number: b"")


@pytest.mark.parametrize(
    ("old", "new"),
    [(0, 5), (5, 5), (1, 2), (255, 257), (256, 512), (300, 65_536), (65_537, SIZE), (3, SIZE - 1)],
)
async def test_a_proof_leads_from_the_one_root_to_the_other(
    tiles: Mapping[Tile, bytes], old: int, new: int
) -> None:
    stored = Stored(tiles)
    proof = await Proving(stored).consistency(HERE, old, new)
    assert consistent(old, root(LEAVES[:old]), new, root(LEAVES[:new]), proof)
    assert stored.asked <= 8, "as many as the tree is high, not as it is wide"


async def test_without_its_tiles_there_is_no_proof() -> None:
    with pytest.raises(LogBroken):
        await Proving(Stored({})).consistency(HERE, 3, 5)
