"""The Merkle tree of RFC 6962, section 2.1: roots, inclusion proofs, consistency proofs.

``hash_at(level, number)`` gives the hash of a perfect subtree: of the ``2**level`` leaves from
``number << level`` on. Whoever has those has every proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HashAt = Callable[[int, int], bytes]

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes, in one pass and with a stack as deep as the tree."""
    stack: list[tuple[int, bytes]] = []
    for each in hashes:
        level, found = 0, each
        while stack and stack[-1][0] == level:
            found = node_hash(stack.pop()[1], found)
            level += 1
        stack.append((level, found))
    if not stack:
        return EMPTY_ROOT
    found = stack.pop()[1]
    while stack:
        found = node_hash(stack.pop()[1], found)
    return found


def root_of(size: int, hash_at: HashAt) -> bytes:
    """The root of a tree of this size."""
    return EMPTY_ROOT if size == 0 else _range(0, size, hash_at)


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """The hashes that lead from a leaf to the root, the leaf's sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return list(reversed(list(_path(index, 0, size, hash_at))))


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


def consistency_proof(old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """The hashes that show that the tree of ``old`` leaves is the beginning of that of ``new``."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in (0, new):
        return []
    return list(reversed(list(_subproof(old, 0, new, hash_at, whole=True))))


def consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the one tree is the beginning of the other.

    As RFC 9162, section 2.1.4.2, verifies it.
    """
    if not 0 <= old <= new:
        return False
    if old == 0:
        return old_root == EMPTY_ROOT and not proof
    if old == new:
        return old_root == new_root and not proof
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(each, first), node_hash(each, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, each)
        at, last = at >> 1, last >> 1
    return first == old_root and second == new_root and last == 0


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _range(start: int, end: int, hash_at: HashAt) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return hash_at(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range(start, middle, hash_at), _range(middle, end, hash_at))


def _path(index: int, start: int, end: int, hash_at: HashAt) -> Iterator[bytes]:
    """From the root downwards."""
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield _range(middle, end, hash_at)
            end = middle
        else:
            yield _range(start, middle, hash_at)
            start = middle


def _subproof(old: int, start: int, end: int, hash_at: HashAt, *, whole: bool) -> Iterator[bytes]:
    """From the root downwards (RFC 6962, section 2.1.2)."""
    while old != end - start:
        split = _split(end - start)
        if old <= split:
            yield _range(start + split, end, hash_at)
            end = start + split
        else:
            yield _range(start, start + split, hash_at)
            start, old, whole = start + split, old - split, False
    if not whole:
        yield _range(start, end, hash_at)
