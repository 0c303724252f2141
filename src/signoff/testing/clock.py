"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ManualClock:
    """Implements the ``Clock`` port. Time passes when the test says so, and never backwards.

    :param start: the first moment, aware; a Monday morning unless told otherwise.
    """

    def __init__(self, start: datetime = START) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware moment")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Let time pass, and return what it is then."""
        if by < timedelta(0):
            raise ValueError("time never goes backwards")
        self._now += by
        return self._now
