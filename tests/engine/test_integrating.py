"""Integration: the tree is that of the leaves, and nothing is signed over what is not sound."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.audit import checkpoint, note
from signoff.audit.tiles import WIDTH, extended, reading
from signoff.audit.tree import EMPTY_ROOT, leaf_hash, root, root_of
from signoff.engine.log import integrating
from signoff.engine.log.integrating import edge, integrate
from signoff.engine.log.keys import Seal, new_key, signers
from signoff.engine.log.ports import LogHead, Tile
from signoff.errors import Broken, InvalidInput, LogBroken
from tests.engine.asks import WORKSPACE
from tests.logs import NO_SEAL, Faulty, Logbook, logbook, require_one_history, require_sound

SECRET = base64.b64encode(b"a seal of the tests, of 32 bytes".ljust(32, b".")).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "signoff.db"


@pytest.fixture
async def log(file: Path) -> AsyncIterator[Logbook]:
    """A log with a few entries that are published, and a few that are not."""
    async with logbook(f"sqlite:///{file}") as book:
        await book.sequencer.open_log(WORKSPACE)
        await book.submit(3)
        await book.sequencer.flush()
        await book.submit(2)
        await book.store.sequence(limit=100)
        yield book


async def test_the_tree_is_that_of_the_leaves_and_everybody_signs(log: Logbook) -> None:
    assert await integrate(log.store, WORKSPACE, NO_SEAL)

    head = await _head(log)
    leaves = await log.store.log_leaves(WORKSPACE, 0, limit=1000)
    now = checkpoint.parse(_note(head))
    assert (now.origin, now.size) == (head.origin, len(leaves))
    assert now.root == root([leaf_hash(leaf.encode()) for leaf in leaves])
    assert head.size == head.sequenced
    assert await integrate(log.store, WORKSPACE, NO_SEAL) is None, "there is nothing left to do"


async def test_an_empty_log_has_a_checkpoint(tmp_path: Path) -> None:
    async with logbook(f"sqlite:///{tmp_path / 'signoff.db'}") as book:
        key = new_key(WORKSPACE, 1, await book.store.now(), NO_SEAL)
        begun = LogHead(workspace=WORKSPACE, origin=f"log.test/{WORKSPACE}")
        await book.store.open_log(begun, key, [])

        assert await integrate(book.store, WORKSPACE, NO_SEAL) == 0

        now = checkpoint.parse(_note(await _head(book)))
        assert (now.size, now.root) == (0, EMPTY_ROOT)
        assert await integrate(book.store, WORKSPACE, NO_SEAL) is None


async def test_a_long_tail_is_integrated_piece_by_piece(
    log: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrating, "AT_ONCE", 3)
    await log.submit(5)
    await log.store.sequence(limit=100)
    head = await _head(log)
    notes = [_note(head)]
    while await integrate(log.store, WORKSPACE, NO_SEAL):
        notes.append(_note(await _head(log)))
    sizes = [checkpoint.parse(each).size for each in notes]
    assert max(new - old for old, new in pairwise(sizes)) == 3
    assert sizes[-1] == head.sequenced
    await require_one_history(log.store, notes)


@given(steps=st.lists(st.sampled_from([1, 2, 7, 100, 255, 256, 257, 600]), max_size=8))
def test_however_it_grows_the_tiles_are_those_of_the_whole(steps: list[int]) -> None:
    hashes = [leaf_hash(str(number).encode()) for number in range(sum(steps))]
    tiles: dict[Tile, bytes] = {}
    size = 0
    for step in steps:
        old = {tile: tiles[tile] for tile in edge(size)}
        tiles |= extended(size, hashes[size : size + step], _reader(old))
        size += step
        right = {tile: tiles[tile] for tile in (*edge(size), *old) if tile in tiles}
        assert root_of(size, reading(_reader(right))) == root(hashes[:size])
    assert tiles == extended(0, hashes, lambda level, n: b"")
    assert all(len(hashes) <= WIDTH * 32 for hashes in tiles.values())


def _reader(tiles: dict[Tile, bytes]) -> Callable[[int, int], bytes]:
    return lambda level, number: tiles[level, number]


def _flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


_DAMAGES = {
    "a hash in a tile": (
        "log_tiles",
        lambda tiles: {tile: _flipped(data) for tile, data in tiles.items()},
    ),
    "a tile that is gone": ("log_tiles", lambda tiles: {}),
    "a tile that was cut": (
        "log_tiles",
        lambda tiles: {tile: data[:-32] for tile, data in tiles.items()},
    ),
    "another size": ("log_head", lambda head: replace(head, size=head.size - 1)),
    "another name": ("log_head", lambda head: replace(head, origin="log.test/other")),
    "no checkpoint": ("log_head", lambda head: replace(head, checkpoint=None)),
    "no note": ("log_head", lambda head: replace(head, checkpoint="nothing")),
    "another root": (
        "log_head",
        lambda head: replace(head, checkpoint=_with_root(head.checkpoint)),
    ),
    "another key": (
        "log_keys",
        lambda keys: [new_key(WORKSPACE, 1, keys[0].made_at, NO_SEAL)],
    ),
    "another secret": (
        "log_keys",
        lambda keys: [replace(keys[0], secret=_flipped(keys[0].secret))],
    ),
    "no key that signs": (
        "log_keys",
        lambda keys: [replace(keys[0], retired_at=keys[0].made_at)],
    ),
    "a leaf that is gone": ("log_leaves", lambda leaves: leaves[1:]),
    "an empty leaf": ("log_leaves", lambda leaves: [*leaves[:-1], ""]),
    "leaves that are gone": ("log_leaves", lambda leaves: []),
}


@pytest.mark.parametrize("damage", _DAMAGES)
async def test_over_a_damaged_log_nothing_is_signed(log: Logbook, damage: str) -> None:
    method, changed = _DAMAGES[damage]
    faulty = Faulty(log.store)
    faulty.seen[method] = changed
    before = await _head(log)

    with pytest.raises(LogBroken):
        await integrate(faulty.as_store, WORKSPACE, NO_SEAL)

    assert "publish" not in faulty.calls
    assert await _head(log) == before
    assert await integrate(log.store, WORKSPACE, NO_SEAL), "the same, undamaged"


async def test_a_race_is_lost_without_a_word(log: Logbook) -> None:
    before = _note(await _head(log))
    faulty = Faulty(log.store)

    async def other() -> None:
        assert await integrate(log.store, WORKSPACE, NO_SEAL)

    faulty.before["publish"].append(other)
    assert await integrate(faulty.as_store, WORKSPACE, NO_SEAL) is None
    await require_one_history(log.store, [before])
    await require_sound(log.store)


@pytest.mark.parametrize("between", ["log_keys", "log_tiles", "log_leaves"])
async def test_what_another_publishes_meanwhile_is_not_taken_for_damage(
    log: Logbook, between: str
) -> None:
    faulty = Faulty(log.store)

    async def other() -> None:
        await log.submit(200)
        await log.sequencer.flush()

    faulty.before[between].append(other)
    assert await integrate(faulty.as_store, WORKSPACE, NO_SEAL) is None
    await require_sound(log.store)


async def test_many_at_once_move_it_once(log: Logbook) -> None:
    done = await asyncio.gather(*(integrate(log.store, WORKSPACE, NO_SEAL) for _ in range(8)))
    assert done.count(None) == 7
    await require_sound(log.store)


async def test_a_sealed_key_signs_for_nobody_else(log: Logbook) -> None:
    seal = Seal(SECRET)
    keys = await log.store.log_keys(WORKSPACE)
    sealed = new_key(WORKSPACE, 2, keys[0].made_at, seal)
    assert await log.store.add_log_key(sealed, ())
    assert len(sealed.secret) > 32
    other = Seal(base64.b64encode(bytes(32)).decode())
    for wrong in (NO_SEAL, other):
        with pytest.raises(Broken, match="SIGNOFF_LOG_SEAL"):
            await integrate(log.store, WORKSPACE, wrong)
    assert await integrate(log.store, WORKSPACE, seal)
    vkeys = [note.vkey((await _head(log)).origin, key.public) for key in (keys[0], sealed)]
    assert len(note.opened(_note(await _head(log)), vkeys)) == 2


async def test_a_sealed_key_fits_no_other_place(log: Logbook) -> None:
    seal = Seal(SECRET)
    key = new_key(WORKSPACE, 2, (await log.store.now()), seal)
    assert signers("log.test", [key], seal)[0].public == key.public
    for moved in (replace(key, generation=3), replace(key, secret=key.secret[:20])):
        with pytest.raises(Broken):
            signers("log.test", [moved], seal)


@pytest.mark.parametrize("secret", ["x", "c2hvcnQ=", "ü" * 44])
def test_a_seal_is_long_enough(secret: str) -> None:
    with pytest.raises(InvalidInput):
        Seal(secret)


async def _head(log: Logbook) -> LogHead:
    head = await log.store.log_head(WORKSPACE)
    assert head is not None
    return head


def _note(head: LogHead) -> str:
    assert head.checkpoint is not None
    return head.checkpoint


def _with_root(text: str) -> str:
    """The same checkpoint over another root; its signature is left as it was."""
    lines = text.split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    return "\n".join(lines)
