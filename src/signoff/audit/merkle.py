"""The hashes of RFC 6962, section 2.1, and their tiles (C2SP tlog-tiles), as a verifier needs them.

``hash_at(level, number)`` gives the hash of a perfect subtree: of the ``2**level`` leaves from
``number << level`` on. A tile has 256 hashes of one level, each of a full tile below. Who writes
needs ``tree`` and ``tiles``, which have these names too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from .errors import Malformed

HashAt = Callable[[int, int], bytes]
ReadTile = Callable[[int, int], bytes]
"""The hashes of a tile of this level and number, as far as it is filled."""

HASH_SIZE = 32
HEIGHT = 8
WIDTH = 1 << HEIGHT
EMPTY_ROOT = sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes, row by row; the last of an odd row moves up as it is."""
    row = list(hashes) or [EMPTY_ROOT]
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return row[0]


def root_of(size: int, hash_at: HashAt) -> bytes:
    """The root of a tree of this size."""
    return EMPTY_ROOT if size == 0 else span(0, size, hash_at)


def span(start: int, end: int, hash_at: HashAt) -> bytes:
    """The hash over the leaves from start to end, where the tree is cut like that."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return hash_at(level, start >> level)
    middle = start + half(size)
    return node_hash(span(start, middle, hash_at), span(middle, end, hash_at))


def half(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def root_from(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root to which a proof leads from a leaf hash; None where it is no proof for that place.

    As RFC 9162, section 2.1.3.2, verifies it.
    """
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """The path of a tile, e.g. ``tile/0/x001/234.p/5`` for one that holds five hashes so far."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


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
