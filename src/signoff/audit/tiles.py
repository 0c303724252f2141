"""The tree cut into tiles of 256 hashes, as C2SP tlog-tiles stores and names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from .errors import Malformed
from .merkle import HASH_SIZE, HashAt, root

HEIGHT = 8
WIDTH = 1 << HEIGHT

ReadTile = Callable[[int, int], bytes]
"""The hashes of a tile of this level and number, as far as it is filled."""

_PATH = re.compile(r"tile/(\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """The path of a tile, e.g. ``tile/0/x001/234.p/5`` for one that holds five hashes so far."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


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
    level, width = int(found[1]), int(found[3]) if found[3] else WIDTH
    if not 0 < width <= WIDTH or level > 63 // HEIGHT or tile_path(level, number, width) != path:
        raise Malformed(f"{path[:80]!r} is the path of no tile")
    return level, number, width


def widths(size: int) -> list[int]:
    """How many hashes each level of a tree of this size has, from the leaves up."""
    found = []
    while size:
        found.append(size)
        size //= WIDTH
    return found


def width(level: int, number: int, size: int) -> int:
    """How many hashes this tile has in a tree of this size; none or less where it has no such."""
    return min(WIDTH, (size >> HEIGHT * level) - number * WIDTH)


def hashes_in(tile: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]


def reading(tile: ReadTile) -> HashAt:
    """Find the hashes of subtrees in tiles; what a tile holds of another level is worked out."""

    def hash_at(level: int, number: int) -> bytes:
        above, rest = divmod(level, HEIGHT)
        first = number << rest
        found = tile(above, first // WIDTH)
        start = first % WIDTH * HASH_SIZE
        part = found[start : start + (HASH_SIZE << rest)]
        if len(part) != HASH_SIZE << rest:
            raise Malformed(f"tile {above}/{first // WIDTH} is shorter than the tree")
        return part if rest == 0 else root(hashes_in(part))

    return hash_at


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
