"""A breaker for each endpoint: one that does not answer is left alone for a while, and holds up
nobody else.

In the memory of one process: another finds out for itself, which costs it a few attempts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ENOUGH = 3
FIRST_SECONDS = 5.0
LONGEST_SECONDS = 300.0
_MOST = 10_000


@dataclass(slots=True)
class _State:
    failures: int = 0
    closed_at: float = 0.0


class Breaker:
    """``time`` counts seconds from any beginning, and only ever forwards."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._states: dict[str, _State] = {}

    def lets(self, endpoint: str) -> bool:
        """Whether an attempt may be made. After a pause one may, and the next once that is over."""
        state = self._states.get(endpoint)
        if state is None or state.failures < ENOUGH:
            return True
        now = self._time()
        if now < state.closed_at:
            return False
        state.closed_at = now + _pause(state.failures)
        return True

    def closed(self) -> frozenset[str]:
        """The endpoints of which no attempt may be made just now."""
        now = self._time()
        return frozenset(
            name
            for name, state in self._states.items()
            if state.failures >= ENOUGH and now < state.closed_at
        )

    def worked(self, endpoint: str) -> None:
        """It answers: nothing is held against it."""
        self._states.pop(endpoint, None)

    def failed(self, endpoint: str) -> None:
        """It did not answer, or said that it could not."""
        if len(self._states) >= _MOST:
            self._states.clear()
        state = self._states.setdefault(endpoint, _State())
        state.failures += 1
        state.closed_at = self._time() + _pause(state.failures)


def _pause(failures: int) -> float:
    return min(FIRST_SECONDS * 2.0 ** min(failures - ENOUGH, 16), LONGEST_SECONDS)
