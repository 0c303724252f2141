"""The tree cut into tiles of 256 hashes, as C2SP tlog-tiles stores and names them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .errors import Malformed
from .merkle import HASH_SIZE, HEIGHT, WIDTH, ReadTile, hashes_in, reading, root, tile_path, width

__all__ = [
    "HEIGHT",
    "WIDTH",
    "ReadTile",
    "extended",
    "hashes_in",
    "parse_path",
    "reading",
    "tile_path",
    "width",
    "widths",
]

_PATH = re.compile(r"tile/(\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)


def parse_path(path: str) -> tuple[int, int, int]:
    """The level, number and width that a path names.

    :raises Malformed: it is the path of no tile, or not the one way to write it.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise Malformed(f"{path[:80]!r} is the path of no tile")
    number = 0
    for part in found[2].split("/"):
        number = number * 1000 + int(part[-3:])
    level, filled = int(found[1]), int(found[3]) if found[3] else WIDTH
    if not 0 < filled <= WIDTH or level > 63 // HEIGHT or tile_path(level, number, filled) != path:
        raise Malformed(f"{path[:80]!r} is the path of no tile")
    return level, number, filled


def widths(size: int) -> list[int]:
    """How many hashes each level of a tree of this size has, from the leaves up."""
    found = []
    while size:
        found.append(size)
        size //= WIDTH
    return found


def extended(size: int, hashes: Sequence[bytes], tile: ReadTile) -> Mapping[tuple[int, int], bytes]:
    """The tiles that differ once these leaf hashes follow a tree of this size.

    :param tile: reads those at the right edge of the tree, where they are not full.
    """
    found: dict[tuple[int, int], bytes] = {}
    level, start, new = 0, size, list(hashes)
    while new:
        number, filled = divmod(start, WIDTH)
        whole = (tile(level, number) if filled else b"") + b"".join(new)
        tall = []
        for at in range(0, len(whole), WIDTH * HASH_SIZE):
            part = whole[at : at + WIDTH * HASH_SIZE]
            found[level, number] = part
            number += 1
            if len(part) == WIDTH * HASH_SIZE:
                tall.append(root(hashes_in(part)))
        level, start, new = level + 1, start // WIDTH, tall
    return found
