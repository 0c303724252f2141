"""What operators look at is counted rightly, at the edges too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from signoff.core.words import TaskState, TaskType
from signoff.engine.figures import ClosedTask, figures

SINCE = datetime(2026, 11, 24, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=24)


def closed(minutes: float, **changed: Any) -> ClosedTask:
    """An approval that somebody gave so many minutes after it was opened."""
    took = timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "type": TaskType.APPROVAL,
        "state": TaskState.CONCLUDED,
        "outcome": "approved",
        "opened_at": SINCE + timedelta(hours=5),
        "closed_at": SINCE + timedelta(hours=5) + took,
        "closed_by": "per_1",
        "seen_at": SINCE + timedelta(hours=5) + took - timedelta(seconds=30),
    }
    return ClosedTask(**{**values, **changed})


def counted(*tasks: ClosedTask, most: int = 100) -> Any:
    return figures(tasks, since=SINCE, until=UNTIL, most=most)


def test_of_nothing_nothing_is_said() -> None:
    found = counted()

    assert (found.decided, found.median, found.p90, found.in_time) == (0, None, None, None)
    assert found.hours == (0,) * 24
    assert found.complete


def test_the_median_and_the_ninetieth_percentile_are_by_nearest_rank() -> None:
    found = counted(*(closed(minutes) for minutes in range(1, 11)))

    assert found.median == timedelta(minutes=5)
    assert found.p90 == timedelta(minutes=9)
    assert counted(closed(7)).p90 == timedelta(minutes=7)


def test_what_the_ladder_closed_was_not_in_time_and_what_was_withdrawn_does_not_count() -> None:
    nobody = {"closed_by": None, "seen_at": None}
    found = counted(
        closed(1),
        closed(2),
        closed(3, state=TaskState.EXPIRED, outcome=None, **nobody),
        closed(3, outcome="rejected", **nobody),
        closed(3, state=TaskState.WITHDRAWN, outcome=None, **nobody),
    )

    assert found.in_time == 0.5
    assert found.decided == 2
    assert found.outcomes == {
        TaskType.APPROVAL: {"approved": 2, "expired": 1, "rejected": 1, "withdrawn": 1}
    }


def test_decisions_are_counted_by_the_hour_they_fell_in() -> None:
    found = counted(closed(0), closed(59), closed(60), closed(60 * 18.99))

    assert found.hours[5:7] == (2, 1)
    assert found.hours[23] == 1
    assert sum(found.hours) == 4


def test_whoever_waves_everything_through_is_shown() -> None:
    seen = SINCE + timedelta(hours=5, minutes=1) - timedelta(seconds=2)
    waved = [closed(1, closed_by="per_2", seen_at=seen) for _ in range(10)]
    careful = [closed(1) for _ in range(12)]

    first, second = counted(*waved, *careful).deciders

    assert (first.person_id, first.signal, first.dwell) == ("per_1", False, timedelta(seconds=30))
    assert (second.person_id, second.signal, second.quick) == ("per_2", True, 1.0)
    assert not counted(*waved[:9]).deciders[0].signal
    against = closed(1, closed_by="per_2", seen_at=seen, outcome="rejected")
    assert not counted(*waved, against).deciders[0].signal


def test_it_says_where_these_are_not_all() -> None:
    assert not counted(closed(1), closed(2), most=2).complete
