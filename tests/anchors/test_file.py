"""The file only grows, and is left alone where something about it is wrong."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from signoff.anchors.file import FileAnchor
from signoff.engine.log.anchoring import Point
from signoff.errors import Broken
from tests.anchors.logs import WrittenLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


async def anchored(path: Path, log: WrittenLog) -> Point:
    """The point, with what it came to as its last success."""
    point = log.point()
    evidence = await FileAnchor(path).anchor(point)
    log.succeeded(point, kind="file", evidence=evidence)
    return point


async def refused(path: Path, log: WrittenLog) -> str:
    """Why, after making sure that nothing was touched."""
    before = path.read_bytes()
    with pytest.raises(Broken) as raised:
        await FileAnchor(path).anchor(log.point())
    assert path.read_bytes() == before
    return raised.value.message


async def test_every_checkpoint_is_one_entry_as_it_was_signed(path: Path) -> None:
    log, other = WrittenLog(3), WrittenLog(5, origin="log.test/acme/other")
    first = await anchored(path, log)
    second = await anchored(path, other)
    log.grow(4)
    third = await anchored(path, log)
    notes = [point.checkpoint for point in (first, second, third)]
    assert path.read_text() == "".join(f"{each}\n" for each in notes)


async def test_one_that_died_before_it_could_say_so_adds_nothing_again(path: Path) -> None:
    log = WrittenLog(3)
    evidence = await FileAnchor(path).anchor(log.point())
    assert await FileAnchor(path).anchor(log.point()) == evidence
    assert path.read_text() == f"{log.point().checkpoint}\n"


async def test_a_shortened_file_is_refused(path: Path) -> None:
    log = WrittenLog(3)
    await anchored(path, log)
    log.grow(1)
    await anchored(path, log)
    log.grow(1)
    path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 2])
    assert "shortened" in await refused(path, log)


async def test_a_file_that_is_gone_is_refused(path: Path) -> None:
    log = WrittenLog(3)
    await anchored(path, log)
    path.unlink()
    path.touch()
    assert "shortened" in await refused(path, log)


async def test_a_file_changed_anywhere_is_refused(path: Path) -> None:
    log = WrittenLog(3)
    await anchored(path, log)
    log.grow(1)
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    assert "changed" in await refused(path, log)


async def test_a_log_that_was_rolled_back_is_refused(path: Path) -> None:
    """The database was restored from a copy, and with it what it knew of its anchors."""
    await FileAnchor(path).anchor(WrittenLog(5).point())
    assert "rolled back" in await refused(path, WrittenLog(3))


@pytest.mark.parametrize("size", [5, 9])
async def test_another_history_is_refused(path: Path, size: int) -> None:
    await FileAnchor(path).anchor(WrittenLog(5).point())
    forked = WrittenLog(size, salt="another")
    assert "another history" in await refused(path, forked)


@pytest.mark.parametrize("torn", [5, 22, 40, 69, 70, 100, -1, None])
async def test_what_a_crash_has_torn_is_left_behind(path: Path, torn: int | None) -> None:
    log = WrittenLog(3)
    first = await anchored(path, log)
    log.grow(1)
    half = log.point().checkpoint[:torn]
    with path.open("a") as file:
        file.write(half)
    second = await anchored(path, log)
    left = half.rstrip("\n")
    assert path.read_text() == f"{first.checkpoint}\n{left}\n\n{second.checkpoint}\n"
    log.grow(1)
    await anchored(path, log)


async def test_while_somebody_else_writes_it_is_refused(path: Path) -> None:
    log = WrittenLog(3)
    await anchored(path, log)
    log.grow(1)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "right now" in await refused(path, log)
    await anchored(path, log)


async def test_what_somebody_else_wrote_meanwhile_is_not_written_over(path: Path) -> None:
    log, other = WrittenLog(3), WrittenLog(3, origin="log.test/acme/other")
    await anchored(path, log)
    log.grow(1)

    async def meanwhile(old: int) -> Sequence[bytes]:
        await anchored(path, other)
        return await log.proof(old)

    with pytest.raises(Broken, match="meanwhile"):
        await FileAnchor(path).anchor(replace(log.point(), consistency=meanwhile))
    assert log.checkpoint not in path.read_text()
    await anchored(path, log)


async def test_a_place_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="No such file"):
        await FileAnchor(tmp_path / "nowhere" / "checkpoints").anchor(WrittenLog(1).point())
    with pytest.raises(Broken, match="directory"):
        await FileAnchor(tmp_path).anchor(WrittenLog(1).point())
