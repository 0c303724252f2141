"""Appends checkpoints to a file that only grows.

The file holds the signed notes as they were published, each followed by an empty line, of as many
logs as are written to it. Before it is added to, it is held against what is known of it: what was
there when it was last written has to be there still, and the last checkpoint of the log has to be
the beginning of today's. A file that fails is not touched: it is evidence.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from signoff.audit import checkpoint, tree
from signoff.audit.errors import Malformed
from signoff.engine.log.anchoring import Point
from signoff.errors import Broken

_SIGNATURE = "— "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """How long the file was after a checkpoint was added, and the SHA-256 of all of it by then."""

    size: int
    sha256: str

    def encode(self) -> str:
        return json.dumps({"bytes": self.size, "sha256": self.sha256})

    @classmethod
    def decode(cls, evidence: str) -> _Held:
        said = json.loads(evidence)
        return cls(size=int(said["bytes"]), sha256=str(said["sha256"]))


class FileAnchor:
    """An append-only file. Worth as much as the place it is in: another machine's disk, a tape."""

    kind = "file"
    every_seconds: float | None = None

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    async def anchor(self, point: Point) -> str:
        """The evidence is how long the file is now, with the SHA-256 of all of it."""
        before = await asyncio.to_thread(self._read)
        if point.last is not None and point.last.evidence is not None:
            _require_kept(before, point.last.evidence)
        latest = _latest(before, point.origin)
        if latest is not None:
            await _require_beginning(latest, point)
        if f"{point.checkpoint}\n".encode() in before:
            return _held(before).encode()  # written by one that died before it could say so
        added = _entry(before, point.checkpoint)
        await asyncio.to_thread(self._append, before, added)
        return _held(before + added).encode()

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise Broken(f"the file cannot be read: {error.strerror}") from None

    def _append(self, before: bytes, added: bytes) -> None:
        try:
            with _opened(self._path) as file:
                if os.fstat(file).st_size != len(before):
                    raise Broken("somebody else has written to the file meanwhile")
                written = os.write(file, added)
                os.fsync(file)
                if written != len(added):
                    raise Broken("the file took only a part of the checkpoint; is the disk full?")
            if not before:
                _sync_folder(self._path.parent)
        except OSError as error:
            raise Broken(f"the file cannot be written: {error.strerror}") from None


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Opened for appending only, and locked against other replicas on this machine."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Broken("somebody else writes to the file right now") from None
        yield file
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file as durable as what is in it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _held(content: bytes) -> _Held:
    return _Held(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _require_kept(content: bytes, evidence: str) -> None:
    """:raises Broken: what was there when it was last written is not there any more."""
    try:
        held = _Held.decode(evidence)
    except (ValueError, KeyError, TypeError):
        return  # the evidence is of another kind
    if len(content) < held.size:
        raise Broken(f"the file was shortened from {held.size} to {len(content)} bytes")
    if _held(content[: held.size]) != held:
        raise Broken(f"the first {held.size} bytes of the file were changed")


async def _require_beginning(latest: checkpoint.Checkpoint, point: Point) -> None:
    """:raises Broken: the file's last checkpoint is of another history, or of a later one."""
    if latest.size > point.size:
        raise Broken(
            f"the file holds a checkpoint of {latest.size} entries and the log has {point.size}: "
            "it was rolled back"
        )
    now = checkpoint.parse(point.checkpoint)
    proof = await point.consistency(latest.size)
    if not tree.consistent(latest.size, latest.root, now.size, now.root, proof):
        raise Broken(
            f"the file's checkpoint of {latest.size} entries is of another history than the log"
        )


def _latest(content: bytes, origin: str) -> checkpoint.Checkpoint | None:
    """The last checkpoint of a log in the file. What is no note was torn by a crash."""
    blocks = content.decode(errors="replace").split("\n\n")
    for text, signatures in reversed(list(pairwise(blocks))):
        if text.startswith(f"{origin}\n") and signatures.startswith(_SIGNATURE):
            try:
                return checkpoint.parse(f"{text}\n\n{signatures.rstrip()}\n")
            except Malformed:
                continue
    return None


def _entry(before: bytes, note: str) -> bytes:
    """The note and an empty line, after what a crash may have torn."""
    ends = len(before) - len(before.rstrip(b"\n"))
    gap = b"\n" * max(0, 2 - ends) if before else b""
    return gap + note.encode() + b"\n"
