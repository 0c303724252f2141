"""Loops that run beside the requests: kept going through failures, ended with the process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from signoff.errors import Broken
from signoff.logs import Log

_log = Log("signoff.background")

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0


class Background:
    """Runs each loop for ever. One that fails is started again after a growing pause."""

    def __init__(self, loops: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        self._loops = dict(loops)
        self._failing: set[str] = set()

    def failing(self) -> frozenset[str]:
        """The loops that have failed and not recovered yet."""
        return frozenset(self._failing)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run all loops while the block runs."""
        tasks = [
            asyncio.create_task(self._keep_going(name, loop), name=f"signoff-{name}")
            for name, loop in self._loops.items()
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_going(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        pause = _FIRST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            try:
                recovered = asyncio.get_running_loop().call_later(
                    2 * _FIRST_PAUSE, self._failing.discard, name
                )
                await loop()
            except Exception as error:
                recovered.cancel()
                self._failing.add(name)
                _report(name, error)
            else:
                self._failing.discard(name)
                return  # a loop that has nothing to do on this store
            if asyncio.get_running_loop().time() - began > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(pause * 2, _LONGEST_PAUSE)


def _report(name: str, error: Exception) -> None:
    if isinstance(error, Broken):
        _log.warning("loop_failed", loop=name, reason=error.message)
    else:
        _log.exception("loop_failed", loop=name)
