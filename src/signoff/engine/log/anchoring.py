"""Gives the checkpoints of the logs to others, who then hold the operator to them.

Owns when an anchor is asked: when the log has grown since it last had a checkpoint of it, and not
more often than was set. A checkpoint signed anew over the same entries is nothing new. Every anchor
has a lane of its own, so one that hangs holds up nobody else; what it came to is on record, failed
or not. Two replicas may both ask: it costs an entry more, and is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from uuid6 import uuid7

from signoff.core.words import WorkspaceId
from signoff.engine.log.ports import Anchored, LogHead
from signoff.errors import Broken
from signoff.logs import Log

_log = Log("signoff.anchoring")

LONGEST_SECONDS = 60.0
"""How long an anchor may take over one checkpoint."""
_BEAT_SECONDS = 30.0
_REMEMBERED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A published checkpoint, with what is needed to hold it against an earlier one.

    :param checkpoint: the signed note, exactly as it was published.
    :param last: what the same anchor came to when it last succeeded.
    :param consistency: the RFC 6962 consistency proof from a smaller size to this one.
    """

    workspace: WorkspaceId
    origin: str
    size: int
    checkpoint: str
    at: datetime
    last: Anchored | None
    consistency: Callable[[int], Awaitable[Sequence[bytes]]]


class Anchor(Protocol):
    """Somebody who is given checkpoints.

    ``every_seconds`` is how often at most, where that is more rarely than the others.
    """

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def every_seconds(self) -> float | None: ...

    async def anchor(self, point: Point) -> str:
        """Give it the checkpoint. Returns the evidence.

        :raises Broken: it did not take it, or must not be given it; the message says why and
            holds no secret.
        """
        ...


class Proofs(Protocol):
    """Whoever can prove that one tree is the beginning of another."""

    async def consistency(self, workspace: WorkspaceId, old: int, new: int) -> Sequence[bytes]: ...


class AnchorStore(Protocol):
    """What anchoring needs of a store."""

    async def now(self) -> datetime: ...
    async def workspaces(self) -> Sequence[WorkspaceId]: ...
    async def log_head(self, workspace: WorkspaceId) -> LogHead | None: ...
    async def add_anchor(self, anchored: Anchored) -> None: ...
    async def anchors(
        self, workspace: WorkspaceId, *, up_to: int | None = None, limit: int = 100
    ) -> Sequence[Anchored]: ...


class Anchoring:
    """Asks every anchor about every workspace, in time.

    :param seconds: how often a checkpoint that has moved is given to each.
    """

    def __init__(
        self,
        store: AnchorStore,
        proofs: Proofs,
        anchors: Sequence[Anchor],
        *,
        seconds: float,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        by_kind: dict[str, list[Anchor]] = {}
        for anchor in anchors:
            by_kind.setdefault(anchor.kind, []).append(anchor)
        self._lanes = [
            _Lane(store, proofs, kind, alike, seconds=seconds, longest_seconds=longest_seconds)
            for kind, alike in by_kind.items()
        ]
        self._beat = min(seconds, _BEAT_SECONDS)

    async def run(self) -> None:
        """Anchor for ever; without anchors there is nothing to do."""
        async with asyncio.TaskGroup() as lanes:
            for lane in self._lanes:
                lanes.create_task(lane.run(self._beat))

    async def round(self) -> None:
        """Ask whatever anchor is due, once."""
        await asyncio.gather(*(lane.round() for lane in self._lanes))

    def ages(self, now: datetime) -> Mapping[str, float]:
        """For each kind: how many seconds the longest waiting log has been ahead of its anchor.

        Nought while each anchor holds what is published.
        """
        return {lane.kind: lane.age(now) for lane in self._lanes}


@dataclass(slots=True)
class _Progress:
    """How far an anchor has come with one workspace. ``behind_since``: None while it is level."""

    last: Anchored | None = None
    tried_at: datetime | None = None
    behind_since: datetime | None = None

    @property
    def size(self) -> int:
        return self.last.size if self.last else 0


class _Lane:
    """The anchors of one kind, and how far each has come with each workspace.

    They are asked together about the same checkpoint, so that enough witnesses cosign one and not
    one each of several.
    """

    def __init__(
        self,
        store: AnchorStore,
        proofs: Proofs,
        kind: str,
        anchors: Sequence[Anchor],
        *,
        seconds: float,
        longest_seconds: float,
    ) -> None:
        self.kind = kind
        self._store = store
        self._proofs = proofs
        self._anchors = anchors
        self._seconds = seconds
        self._longest = longest_seconds
        self._progress: dict[tuple[WorkspaceId, str], _Progress] = {}

    def age(self, now: datetime) -> float:
        behind = [each.behind_since for each in self._progress.values() if each.behind_since]
        return max(((now - since).total_seconds() for since in behind), default=0.0)

    async def run(self, beat: float) -> None:
        while True:
            try:
                await self.round()
            except Broken as error:  # the store; the other lanes find that out for themselves
                _log.warning("anchoring_interrupted", kind=self.kind, reason=error.message)
            await asyncio.sleep(beat)

    async def round(self) -> None:
        """Those first that have waited longest. Who takes too long is asked no more this round."""
        slow: set[str] = set()
        for workspace in sorted(await self._store.workspaces(), key=self._tried):
            head = await self._store.log_head(workspace)
            quick = [anchor for anchor in self._anchors if anchor.name not in slow]
            if head is not None and head.checkpoint is not None and quick:
                slow |= await self._serve(head, head.checkpoint, quick)

    def _tried(self, workspace: WorkspaceId) -> float:
        """When the one that was left out longest was asked."""
        tried = [self._of(workspace, anchor).tried_at for anchor in self._anchors]
        return min(each.timestamp() if each else 0.0 for each in tried)

    def _of(self, workspace: WorkspaceId, anchor: Anchor) -> _Progress:
        return self._progress.setdefault((workspace, anchor.name), _Progress())

    async def _serve(
        self, head: LogHead, checkpoint: str, anchors: Sequence[Anchor]
    ) -> frozenset[str]:
        """Ask those that are behind, where one of them is due. Returns who took too long."""
        now = await self._store.now()
        if not self._due(head, anchors, now):
            return frozenset()
        await self._learn(head.workspace)  # from before a restart, or of another replica
        if not self._due(head, anchors, now):
            return frozenset()
        behind = [each for each in anchors if self._of(head.workspace, each).size < head.size]
        for anchor in behind:
            self._of(head.workspace, anchor).tried_at = now
        asking = [
            self._ask(anchor, self._point(head, checkpoint, anchor, now)) for anchor in behind
        ]
        came = await asyncio.gather(*asking)
        for anchor, (anchored, _) in zip(behind, came, strict=True):
            await self._store.add_anchor(anchored)
            if anchored.evidence is not None:
                progress = self._of(head.workspace, anchor)
                progress.last, progress.behind_since = anchored, None
        return frozenset(anchored.name for anchored, in_time in came if not in_time)

    def _due(self, head: LogHead, anchors: Sequence[Anchor], now: datetime) -> bool:
        """Whether one of them is; each is looked at, to know since when it is behind."""
        due = [self._is_due(head, anchor, now) for anchor in anchors]
        return any(due)

    def _is_due(self, head: LogHead, anchor: Anchor, now: datetime) -> bool:
        progress = self._of(head.workspace, anchor)
        if head.size <= progress.size:
            progress.behind_since = None
            return False
        progress.behind_since = progress.behind_since or now
        every = max(self._seconds, anchor.every_seconds or 0.0)
        if progress.last is not None and now - progress.last.at < timedelta(seconds=every):
            return False
        tried = progress.tried_at
        return tried is None or now - tried >= timedelta(seconds=self._seconds)

    async def _learn(self, workspace: WorkspaceId) -> None:
        rows = await self._store.anchors(workspace, limit=_REMEMBERED)
        for anchor in self._anchors:
            progress = self._of(workspace, anchor)
            named = self.kind, anchor.name
            mine = [row for row in rows if (row.kind, row.name) == named]
            if mine:
                progress.tried_at = max(mine[0].at, progress.tried_at or mine[0].at)
            last = next((row for row in mine if row.evidence is not None), None)
            if last is not None and last.size > progress.size:
                progress.last = last

    async def _ask(self, anchor: Anchor, point: Point) -> tuple[Anchored, bool]:
        """What it came to, and whether that was in time."""
        evidence, detail, in_time = None, None, True
        try:
            async with asyncio.timeout(self._longest):
                evidence = await anchor.anchor(point)
        except TimeoutError:
            detail, in_time = f"it took longer than {self._longest:g} seconds", False
        except Broken as error:
            detail = error.message
        except Exception as error:
            # Not its text: that of another library may hold a password.
            detail = f"an unexpected {type(error).__name__}; the server's log has more"
            _log.exception("anchor_broke", **_about(anchor, point))
        _report(anchor, point, detail)
        anchored = Anchored(
            workspace=point.workspace,
            id=f"anc_{uuid7().hex}",
            kind=self.kind,
            name=anchor.name,
            size=point.size,
            checkpoint=point.checkpoint,
            at=point.at,
            evidence=evidence,
            detail=detail,
        )
        return anchored, in_time

    def _point(self, head: LogHead, checkpoint: str, anchor: Anchor, now: datetime) -> Point:
        async def consistency(old: int) -> Sequence[bytes]:
            return await self._proofs.consistency(head.workspace, old, head.size)

        return Point(
            workspace=head.workspace,
            origin=head.origin,
            size=head.size,
            checkpoint=checkpoint,
            at=now,
            last=self._of(head.workspace, anchor).last,
            consistency=consistency,
        )


def _report(anchor: Anchor, point: Point, detail: str | None) -> None:
    if detail is None:
        _log.info("anchored", **_about(anchor, point))
    else:
        _log.warning("anchor_failed", reason=detail, **_about(anchor, point))


def _about(anchor: Anchor, point: Point) -> dict[str, object]:
    """For the server's log, which names no person: a mailbox is somebody's."""
    named = {} if "@" in anchor.name else {"name": anchor.name}
    return {"kind": anchor.kind, "workspace": point.workspace, "size": point.size, **named}
