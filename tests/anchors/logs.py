"""A log that is written by a test: entries, keys, checkpoints and proofs, all of them real."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from signoff.audit import checkpoint, note, tree
from signoff.core.words import WorkspaceId
from signoff.engine.log.anchoring import Point
from signoff.engine.log.ports import Anchored

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORIGIN = "log.test/default/main"
WORKSPACE = WorkspaceId("default/main")


class WrittenLog:
    """A log with so many entries.

    :param salt: logs of another salt have other entries, and the same keys.
    """

    def __init__(self, size: int, *, origin: str = ORIGIN, salt: str = "") -> None:
        self.origin = origin
        self._salt = salt
        self._hashes: list[bytes] = []
        self.seeds = [hashlib.sha256(origin.encode()).digest()]
        self.last: Anchored | None = None
        self.grow(size)

    def grow(self, by: int) -> None:
        first = len(self._hashes)
        entries = [f"{self._salt}{number}".encode() for number in range(first, first + by)]
        self._hashes += [tree.leaf_hash(entry) for entry in entries]

    def add_key(self) -> None:
        """Sign with one more from now on."""
        self.seeds.append(hashlib.sha256(self.seeds[-1]).digest())

    @property
    def size(self) -> int:
        return len(self._hashes)

    @property
    def vkeys(self) -> list[str]:
        return [signer.vkey for signer in self._signers()]

    @property
    def checkpoint(self) -> str:
        """The signed note of the whole."""
        now = checkpoint.Checkpoint(
            origin=self.origin, size=self.size, root=tree.root(self._hashes)
        )
        return note.sign(now.encode(), self._signers())

    def point(self) -> Point:
        return Point(
            workspace=WORKSPACE,
            origin=self.origin,
            size=self.size,
            checkpoint=self.checkpoint,
            at=NOW,
            last=self.last,
            consistency=self.proof,
        )

    async def proof(self, old: int) -> Sequence[bytes]:
        return await self.consistency(WORKSPACE, old, self.size)

    async def consistency(self, workspace: WorkspaceId, old: int, new: int) -> Sequence[bytes]:
        return tree.consistency_proof(old, new, self._hash_at)

    def succeeded(self, point: Point, *, kind: str, evidence: str) -> None:
        """The next point says that this one was anchored."""
        self.last = Anchored(
            workspace=WORKSPACE,
            id="anc_1",
            kind=kind,
            name="any",
            size=point.size,
            checkpoint=point.checkpoint,
            at=NOW,
            evidence=evidence,
        )

    def _hash_at(self, level: int, number: int) -> bytes:
        return tree.root(self._hashes[number << level : (number + 1) << level])

    def _signers(self) -> list[note.Signer]:
        return [note.Signer(name=self.origin, seed=seed) for seed in self.seeds]
