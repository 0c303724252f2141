"""The Merkle tree of RFC 6962, section 2.1: inclusion proofs, consistency proofs, and the hashes.

``hash_at(level, number)`` gives the hash of a perfect subtree: of the ``2**level`` leaves from
``number << level`` on. Whoever has those has every proof. The hashes are in ``merkle``, which a
verifier of bundles and receipts needs alone; its names are here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    HashAt,
    half,
    leaf_hash,
    node_hash,
    root,
    root_from,
    root_of,
    span,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "HashAt",
    "consistency_proof",
    "consistent",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "root_from",
    "root_of",
]


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """The hashes that lead from a leaf to the root, the leaf's sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return list(reversed(list(_path(index, 0, size, hash_at))))


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
    if old == new:
        return old_root == new_root and not proof
    if old == 0:
        return old_root == EMPTY_ROOT and not proof
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


def _path(index: int, start: int, end: int, hash_at: HashAt) -> Iterator[bytes]:
    """From the root downwards."""
    while end - start > 1:
        middle = start + half(end - start)
        if index < middle:
            yield span(middle, end, hash_at)
            end = middle
        else:
            yield span(start, middle, hash_at)
            start = middle


def _subproof(old: int, start: int, end: int, hash_at: HashAt, *, whole: bool) -> Iterator[bytes]:
    """From the root downwards (RFC 6962, section 2.1.2)."""
    while old != end - start:
        split = half(end - start)
        if old <= split:
            yield span(start + split, end, hash_at)
            end = start + split
        else:
            yield span(start, start + split, hash_at)
            start, old, whole = start + split, old - split, False
    if not whole:
        yield span(start, end, hash_at)
