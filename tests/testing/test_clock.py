"""The clock of a test moves when it is told to, and backwards only when that is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from signoff.testing import ManualClock

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_it_stands_still_by_itself() -> None:
    clock = ManualClock(NOON)

    assert clock.now() == clock.now() == NOON


def test_it_jumps_to_a_moment() -> None:
    clock = ManualClock(NOON)

    assert clock.jump_to(NOON + timedelta(days=3)) == clock.now() == NOON + timedelta(days=3)


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(days=400)])
def test_it_does_not_go_back_by_mistake(back: timedelta) -> None:
    clock = ManualClock(NOON)

    with pytest.raises(ValueError, match="set"):
        clock.jump_to(NOON - back)
    with pytest.raises(ValueError, match="set"):
        clock.advance(-back)
    assert clock.now() == NOON


def test_it_is_set_back_where_that_is_said() -> None:
    clock = ManualClock(NOON)

    assert clock.set(NOON - timedelta(hours=1)) == clock.now() == NOON - timedelta(hours=1)


def test_it_shows_utc_whatever_zone_it_is_set_in() -> None:
    tokyo = timezone(timedelta(hours=9))

    assert ManualClock(NOON.astimezone(tokyo)).now().tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    clock = ManualClock(NOON)

    with pytest.raises(ValueError, match="aware"):
        clock.set(NOON.replace(tzinfo=None))
    assert clock.now() == NOON
