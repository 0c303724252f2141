"""The machine's clock, for a store that has none of its own."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The present moment in UTC, as the machine knows it."""

    def now(self) -> datetime:
        return datetime.now(UTC)
