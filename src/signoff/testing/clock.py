"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ManualClock:
    """Implements the ``Clock`` port. Time passes when the test says so.

    It goes forwards by ``advance`` and ``jump_to``; backwards, as the clock of a machine may, only
    where the test says so with ``set``.

    :param start: the first moment, aware; a Monday morning unless told otherwise.
    """

    def __init__(self, start: datetime = START) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Let time pass, and return what it is then."""
        if by < timedelta(0):
            raise ValueError("time never goes backwards; use set() where that is what you test")
        return self.set(self._now + by)

    def jump_to(self, moment: datetime) -> datetime:
        """Let time pass until this moment, and return it."""
        return self.advance(_aware(moment) - self._now)

    def set(self, moment: datetime) -> datetime:
        """Set the clock to any moment, an earlier one too, and return it."""
        self._now = _aware(moment)
        return self._now


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a clock shows aware moments")
    return moment.astimezone(UTC)
