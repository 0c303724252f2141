"""What was noted a moment ago, so that nothing is written about it again. Bounded; forgets by age.

A shortcut only: whoever asks again after it was forgotten writes what the store then ignores.
"""

from __future__ import annotations

AT_MOST = 10_000


class Recent:
    """A set of keys that forgets the oldest first."""

    def __init__(self, at_most: int = AT_MOST) -> None:
        self._known: dict[str, None] = {}
        self._at_most = at_most

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def add(self, key: str) -> bool:
        """Note the key; False where it is known already."""
        if key in self._known:
            return False
        if len(self._known) >= self._at_most:
            del self._known[next(iter(self._known))]
        self._known[key] = None
        return True

    def discard(self, key: str) -> None:
        """Forget the key: what was to be written about it was not."""
        self._known.pop(key, None)
