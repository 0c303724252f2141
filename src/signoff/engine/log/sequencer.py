"""The sequencer: gives what was committed its place in the log, and has it integrated.

Woken by every commit and looking by itself twice a second, it gathers for a moment, so that many
commits are one checkpoint. A workspace whose log is damaged is reported and left alone; the others
go on, whatever is wrong with it. Several replicas may run it; the store sees to it that they never
give one place twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from signoff.core.words import WorkspaceId
from signoff.engine.log.integrating import integrate
from signoff.engine.log.keys import Seal
from signoff.engine.log.opening import open_log
from signoff.engine.ports import Change, Store
from signoff.errors import Broken, StoreUnavailable
from signoff.logs import Log

_log = Log("signoff.sequencer")

AT_ONCE = 2000
"""No more than one workspace can integrate at once, or it would never be known that more waits."""
_GATHER_SECONDS = 0.25
_LOOK_SECONDS = 0.5
_LOOKS_PER_OPENING = 4


class Sequencer:
    """Works the logs of all workspaces.

    :param origin: what the names of new logs begin with; empty for a random name.
    """

    def __init__(self, store: Store, *, origin: str, seal: Seal) -> None:
        self._store = store
        self._origin = origin
        self._seal = seal
        self._fresh = asyncio.Event()
        self._broken: dict[WorkspaceId, str] = {}
        self._opened: set[WorkspaceId] = set()

    @property
    def broken(self) -> Mapping[WorkspaceId, str]:
        """The workspaces whose log cannot go on, each with the reason."""
        return self._broken

    def committed(self, changes: Sequence[Change]) -> None:
        """Look soon: a batch has left leaves."""
        self._fresh.set()

    def noted(self) -> None:
        """Look soon: somebody waits for what was written just now."""
        self._fresh.set()

    async def run(self) -> None:
        """Work for ever."""
        looks = 0
        while True:
            if looks % _LOOKS_PER_OPENING == 0:
                await self.open_logs()
            looks += 1
            await self.flush()
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._fresh.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_GATHER_SECONDS)

    async def open_logs(self) -> None:
        """Open the log of every workspace that has none."""
        for workspace in await self._store.workspaces():
            if workspace not in self._opened:
                await self.open_log(workspace)

    async def open_log(self, workspace: WorkspaceId) -> None:
        """Open the log of one workspace, and publish its first checkpoint."""
        await open_log(self._store, workspace, origin=self._origin, seal=self._seal)
        self._opened.add(workspace)
        await self.flush()

    async def flush(self) -> None:
        """Sequence and integrate whatever is committed now.

        What is committed meanwhile is left for the next time, where it is one checkpoint with more.

        :raises StoreUnavailable: the store did not answer; whoever it did answer for has gone on.
        """
        self._fresh.clear()
        while behind := await self._store.sequence(limit=AT_ONCE):
            self._recovered(behind)
            if await self._integrated(behind) < AT_ONCE:
                return
        self._recovered(())

    async def _integrated(self, behind: Sequence[WorkspaceId]) -> int:
        """By how many entries they moved in all. One after the other, each a bounded piece."""
        moved, unavailable = 0, None
        for workspace in behind:
            try:
                moved += await self._advanced(workspace)
            except StoreUnavailable as error:
                unavailable = error
        if unavailable is not None:
            raise unavailable
        return moved

    async def _advanced(self, workspace: WorkspaceId) -> int:
        try:
            moved = await integrate(self._store, workspace, self._seal)
        except StoreUnavailable:
            raise  # says nothing about the log; whether it moved is found out by looking again
        except Broken as error:
            self._stands_still(workspace, error.message)
            return 0
        except Exception as error:
            self._stands_still(workspace, f"it cannot be read: {error!r}")
            return 0
        self._broken.pop(workspace, None)
        return moved or 0

    def _stands_still(self, workspace: WorkspaceId, reason: str) -> None:
        if self._broken.get(workspace) != reason:
            _log.error("log_stands_still", workspace=workspace, reason=reason)
        self._broken[workspace] = reason

    def _recovered(self, behind: Sequence[WorkspaceId]) -> None:
        """What is no longer behind goes on: somebody else has moved it, or has mended it."""
        for workspace in [each for each in self._broken if each not in behind]:
            del self._broken[workspace]
