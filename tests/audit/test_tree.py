"""Trees, proofs and tiles are those of RFC 6962, and proofs of something else do not hold."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.audit import tiles, tree
from signoff.audit.errors import Malformed

# The test vectors of Certificate Transparency's reference implementation.
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], B, D]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [A, B, C]),
    (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", E, ROOTS[3]]),
    (2, 5, [B, D]),
]
LEAVES = [tree.leaf_hash(bytes.fromhex(each)) for each in INPUTS]
SIZES = st.integers(0, 700)


def hash_of(level: int, number: int, leaves: list[bytes] = LEAVES) -> bytes:
    return naive(leaves[number << level : (number + 1) << level])


def naive(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, to the letter."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\1" + naive(hashes[:half]) + naive(hashes[half:])).digest()


def many(count: int) -> list[bytes]:
    return [tree.leaf_hash(b"%d" % number) for number in range(count)]


MANY = many(700)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree.root([]) == tree.EMPTY_ROOT == hashlib.sha256().digest()
    assert tree.root_of(0, hash_of) == tree.EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert tree.root(LEAVES[:size]).hex() == ROOTS[size - 1]
    assert tree.root_of(size, hash_of).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_certificate_transparency(
    index: int, size: int, proof: list[str]
) -> None:
    found = tree.inclusion_proof(index, size, hash_of)
    root = bytes.fromhex(ROOTS[size - 1])
    assert [each.hex() for each in found] == proof
    assert tree.root_from(index, size, LEAVES[index], found) == root
    for bad in (found[:-1], [*found, root], [root, *found], [*found, b""], [b"", *found]):
        assert tree.root_from(index, size, LEAVES[index], bad) != root or bad == found
    for other in (index - 1, index + 1, index ^ 2):
        assert tree.root_from(other, size, LEAVES[index], found) != root
    if size > 1:
        for wrong in (size * 2, size // 2):
            assert tree.root_from(index, wrong, LEAVES[index], found) != root
        assert tree.root_from(index, size, b"another leaf", found) != root


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(
    old: int, new: int, proof: list[str]
) -> None:
    found = tree.consistency_proof(old, new, hash_of)
    one, two = bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1])
    assert [each.hex() for each in found] == proof
    assert tree.consistent(old, one, new, two, found)
    if old == new:
        return
    for bad in (found[:-1], [*found, one], [one, *found], [*found, b""], [found[0], *found], []):
        assert not tree.consistent(old, one, new, two, bad)
    for before, after in ((old - 1, new), (old + 1, new), (old ^ 2, new), (old, new * 2)):
        assert not tree.consistent(before, one, after, two, found)
    assert not tree.consistent(old, two, new, one, found)
    assert not tree.consistent(old, b"another", new, two, found)


def test_a_tree_does_not_become_smaller_nor_another() -> None:
    one, two = bytes.fromhex(ROOTS[0]), bytes.fromhex(ROOTS[1])
    assert not tree.consistent(2, two, 1, one, [])
    assert not tree.consistent(1, one, 1, two, [])
    assert not tree.consistent(1, one, 1, one, [two])
    assert not tree.consistent(1, one, 2, two, [])
    assert not tree.consistent(0, one, 1, one, [])
    assert not tree.consistent(0, tree.EMPTY_ROOT, 1, one, [one])
    assert not tree.consistent(0, tree.EMPTY_ROOT, 0, one, [])
    assert tree.consistent(0, tree.EMPTY_ROOT, 1, one, [])
    assert tree.consistent(0, tree.EMPTY_ROOT, 0, tree.EMPTY_ROOT, [])
    assert tree.root_from(0, 0, one, []) is None
    assert tree.root_from(-1, 1, one, []) is None


@given(st.data())
def test_every_proof_of_a_tree_holds_and_of_no_other_place(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    root = naive(MANY[:size])
    proof = tree.inclusion_proof(index, size, lambda level, n: hash_of(level, n, MANY))
    assert tree.root_from(index, size, MANY[index], proof) == root
    other = data.draw(st.integers(-1, size + 3).filter(lambda each: each != index))
    assert tree.root_from(other, size, MANY[index], proof) != root
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert (
            tree.root_from(index, size, MANY[index], [*proof[:at], root, *proof[at + 1 :]]) != root
        )


@given(SIZES, SIZES)
def test_every_tree_is_the_beginning_of_those_that_follow(one: int, two: int) -> None:
    old, new = sorted((one, two))
    proof = tree.consistency_proof(old, new, lambda level, n: hash_of(level, n, MANY))
    before, after = naive(MANY[:old]), naive(MANY[:new])
    assert tree.consistent(old, before, new, after, proof)
    if 0 < old < new:
        assert not tree.consistent(old, naive(MANY[: old - 1]), new, after, proof)
        assert not tree.consistent(old, before, new, naive(MANY[: new - 1]), proof)


@given(st.lists(st.integers(0, 300), max_size=8))
def test_tiles_grow_as_the_tree_does(steps: list[int]) -> None:
    kept: dict[tuple[int, int], bytes] = {}
    size = 0

    def partial(level: int, number: int) -> bytes:
        assert len(kept[level, number]) < 256 * 32
        return kept[level, number]

    for step in steps:
        leaves = [tree.leaf_hash(b"%d" % number) for number in range(size, size + step)]
        kept |= tiles.extended(size, leaves, partial)
        size += step
        assert kept == tiles.extended(0, many(size), partial)
    hash_at = tiles.reading(lambda level, number: kept[level, number])
    assert tree.root_of(size, hash_at) == naive(many(size))
    for (level, number), found in kept.items():
        assert tiles.width(level, number, size) == len(found) // 32


def test_proofs_are_read_from_tiles() -> None:
    leaves = many(70_000)
    kept = tiles.extended(0, leaves, lambda level, n: b"")
    assert sorted(level for level, _ in kept) == [0] * 274 + [1] * 2 + [2]
    hash_at = tiles.reading(lambda level, n: kept[level, n])
    root = tree.root(leaves)
    assert tree.root_of(70_000, hash_at) == root
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = tree.inclusion_proof(index, 70_000, hash_at)
        assert tree.root_from(index, 70_000, leaves[index], proof) == root
    for old in (1, 255, 256, 257, 65_536, 65_537, 69_999):
        proof = tree.consistency_proof(old, 70_000, hash_at)
        assert tree.consistent(old, tree.root(leaves[:old]), 70_000, root, proof)


def test_a_tile_that_is_too_short_is_an_error() -> None:
    with pytest.raises(Malformed):
        tree.root_of(3, tiles.reading(lambda level, n: bytes(64)))


@given(st.integers(0, 7), st.integers(0, 10**12), st.integers(1, 256))
def test_the_path_of_a_tile_is_read_again(level: int, number: int, width: int) -> None:
    assert tiles.parse_path(tiles.tile_path(level, number, width)) == (level, number, width)


def test_paths_are_those_of_the_standard() -> None:
    assert tiles.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.tile_path(1, 0, 5) == "tile/1/000.p/5"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/0/x000/001",
        "tile/0/1234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/001/002",
        "tile/0/../000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/64/000",
        "tile/0/٠٠٠",
        "tile/0/000\n",
    ],
)
def test_what_is_no_path_of_a_tile_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        tiles.parse_path(path)
