"""Retention: erases the values of intents whose class has been kept for as long as was set.

Looks once an hour, and erases only so many at a time, so that the requests beside it hardly notice.
What a legal hold covers is passed over, and looked at again the next time. A workspace whose values
cannot be erased does not hold up the others. Two servers that do it at once erase nothing twice.
"""

from __future__ import annotations

import asyncio

from signoff.core.words import WorkspaceId
from signoff.engine.log.forgetting import Forgetting, Wanted
from signoff.engine.log.opening import SIGNOFF
from signoff.engine.ports import Store
from signoff.errors import SignoffError
from signoff.logs import Log

_log = Log("signoff.retention")

EVERY_SECONDS = 3600.0
AT_ONCE = 1000
REASON = "kept for as long as its retention class says"


class Retention:
    """Sweeps all workspaces.

    :param at_once: how many intents of one class are erased at most before the next look.
    """

    def __init__(
        self, store: Store, *, every_seconds: float = EVERY_SECONDS, at_once: int = AT_ONCE
    ) -> None:
        self._store = store
        self._every_seconds = every_seconds
        self._at_once = at_once

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await self.sweep()
            await asyncio.sleep(self._every_seconds)

    async def sweep(self) -> int:
        """Erase what is due now. Returns of how many intents something was erased."""
        erased = 0
        for workspace in await self._store.workspaces():
            settings = await self._store.settings(workspace)
            for retention_class in settings.retention:
                erased += await self._swept(workspace, retention_class)
        return erased

    async def _swept(self, workspace: WorkspaceId, retention_class: str) -> int:
        forgetting = Forgetting(self._store, workspace, SIGNOFF)
        wanted = Wanted(retention_class=retention_class, reason=REASON)
        try:
            done = await forgetting.forget(wanted, most=self._at_once)
        except SignoffError as error:
            _log.warning("retention_failed", workspace=workspace, reason=error.message)
            return 0
        if done.intents:
            _log.info("retention_erased", workspace=workspace, intents=done.intents)
        return done.intents
