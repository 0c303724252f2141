"""Snooze, extend, pause, resume: what they move, who may, and that an end stays an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signoff.core import commands as c
from signoff.core.routing import Actor, Directory, Person
from signoff.core.words import TaskId
from signoff.core.workspace import Limits, WorkspaceSettings
from signoff.errors import (
    AgentMayNotDecide,
    Forbidden,
    IllegalMove,
    InvalidInput,
    NotEligible,
    TaskExpired,
)
from tests.core.calendars import at, calendar
from tests.core.story import (
    ADA,
    ADMIN,
    AGENT,
    BIRGIT,
    DEADLINE,
    JONAS,
    MARA,
    PEOPLE,
    START,
    TASK,
    Story,
    answer,
    directory,
)

HOUR = timedelta(hours=1)
LADDER = [
    {"after": "2h", "do": "remind", "every": "2h", "max": 3},
    {"after": "8h", "do": "escalate", "to": "role:backup-approver"},
    {"after": "10h", "do": "fail"},
]


def settings(**more: Any) -> Directory:
    return directory(*PEOPLE, settings=WorkspaceSettings(**more))


def waiting(people: Directory | None = None, **asked: Any) -> Story:
    story = Story(people=people) if people else Story()
    return story.asking(handled=True, **{"ladder": LADDER, "pause": True, **asked})


def snooze(hours: float, by: Person | Actor = MARA) -> c.SnoozeTask:
    return c.SnoozeTask(actor=_actor(by), task_id=TASK, until=START + hours * HOUR)


def extend(hours: float, by: Person | Actor = ADMIN, reason: str = "she is ill") -> c.ExtendTask:
    return c.ExtendTask(actor=_actor(by), task_id=TASK, by=hours * HOUR, reason=reason)


def pause(by: Person | Actor = MARA, reason: str = "the receipt is missing") -> c.PauseTask:
    return c.PauseTask(actor=_actor(by), task_id=TASK, reason=reason)


def resume(by: Person | Actor = MARA) -> c.ResumeTask:
    return c.ResumeTask(actor=_actor(by), task_id=TASK)


def _actor(by: Person | Actor) -> Actor:
    return by.actor if isinstance(by, Person) else by


def stands_since(story: Story) -> datetime | None:
    return story.task.paused_at


def hours(story: Story) -> list[float]:
    return [(firing.at - START) / HOUR for firing in story.task.to_come]


def fired(story: Story, until: float) -> list[tuple[float, str]]:
    """What the ladder does up to then, with a tick at every time that something is armed for."""
    found = []
    while (next_at := story.task.next_rung_at) and next_at <= START + until * HOUR:
        story.now = max(story.now, next_at)
        at = (story.now - START) / HOUR
        found += [(at, event.body.type.removeprefix("task.")) for event in story.tick()]
    return found


# Snooze


def test_no_reminder_comes_before_a_snooze_is_over_and_one_comes_then() -> None:
    story = waiting()
    story.do(snooze(5))
    assert fired(story, 9) == [
        (2, "rung_skipped"),
        (4, "rung_skipped"),
        (5, "reminded"),
        (6, "reminded"),
        (8, "escalated"),
    ]
    skipped = [event.body for event in story.history if event.body.type == "task.rung_skipped"]
    assert skipped[0].reason == "snoozed until 2026-03-01T14:00:00.000000Z"  # type: ignore[union-attr]


def test_a_second_snooze_is_instead_of_the_first() -> None:
    story = waiting()
    story.do(snooze(3))
    story.do(snooze(7))
    assert hours(story) == [2, 4, 6, 7, 8, 10]
    story.do(snooze(1))
    assert fired(story, 2.5) == [(1, "reminded"), (2, "reminded")]


def test_a_snooze_holds_up_nothing_but_reminders() -> None:
    story = waiting()
    story.do(snooze(9))
    assert [each for each in fired(story, 10) if each[1] != "rung_skipped"] == [
        (8, "escalated"),
        (9, "reminded"),
        (10, "expired"),
        (10, "intent.failed"),
    ]


@pytest.mark.parametrize("hours", [0, -1, 10, 11])
def test_a_snooze_into_the_past_or_to_the_end_is_refused(hours: float) -> None:
    story = waiting()
    refused = story.refuses(snooze(hours), InvalidInput)
    assert [wrong.field for wrong in refused.errors] == ["until"]


def test_only_whoever_is_asked_snoozes() -> None:
    story = waiting()
    story.refuses(snooze(1, JONAS), NotEligible)
    story.refuses(snooze(1, AGENT), AgentMayNotDecide)


# Extend


def test_an_extension_moves_whatever_is_still_to_come() -> None:
    story = waiting().wait(hours=3)
    story.tick()
    story.do(extend(5))
    assert hours(story) == [9, 11, 13, 15]
    assert story.task.due_at == START + 15 * HOUR
    assert story.armed[c.TimerKind.RUNG, TASK] == START + 9 * HOUR


def test_an_extension_is_on_record_with_its_reason() -> None:
    story = waiting()
    (event,) = story.do(extend(5, ADA, "quarter end"))
    assert event.actor == ADA.actor
    assert event.body.reason == "quarter end"  # type: ignore[union-attr]


def test_an_extension_moves_the_deadline_that_later_stages_are_held_to() -> None:
    story = waiting(chain=["mara@acme.test", "role:operator"], ladder=None, deadline="4h")
    story.do(extend(4))
    story.wait(hours=7).answered("approved")
    assert story.task.due_at == START + 8 * HOUR


def test_a_pause_moves_it_too_also_where_the_next_stage_ends_the_pause() -> None:
    chain = ["mara@acme.test", "role:operator", "role:administrator"]
    story = waiting(chain=chain, ladder=None, deadline="4h")
    story.do(pause())
    story.wait(hours=20).answered("approved")
    assert story.task.due_at == START + 24 * HOUR
    story.wait(hours=3).answered("approved", by=JONAS)
    assert story.task.due_at == START + 24 * HOUR
    story.answered("approved", by=ADA)
    assert story.task_state == "concluded"


def test_a_deadline_moves_though_the_ladder_would_have_ended_before_it() -> None:
    ladder = [{"after": "2h", "do": "fail"}]
    story = waiting(chain=["mara@acme.test", "role:operator"], ladder=ladder, deadline="3h")
    story.do(extend(1))
    story.wait(hours=2.5).answered("approved")
    assert story.task.due_at == START + 4 * HOUR


@pytest.mark.parametrize("by", [ADMIN, ADA, JONAS], ids=lambda by: getattr(by, "id", ""))
def test_administrators_and_operators_extend(by: Person | Actor) -> None:
    assert waiting().do(extend(1, by))


@pytest.mark.parametrize(
    ("by", "error"), [(MARA, Forbidden), (BIRGIT, Forbidden), (AGENT, AgentMayNotDecide)]
)
def test_nobody_else_extends(by: Any, error: Any) -> None:
    waiting().refuses(extend(1, by), error)


def test_an_administrator_sets_who_may_extend() -> None:
    story = waiting(settings(may_extend=("role:backup-approver", "mara@acme.test")))
    assert story.do(extend(1, MARA))
    assert story.do(extend(1, BIRGIT))
    story.refuses(extend(1, ADA), Forbidden)


@pytest.mark.parametrize(
    ("command", "field"),
    [(extend(0), "by"), (extend(-1), "by"), (extend(1, reason=" "), "reason")],
)
def test_an_extension_that_makes_no_sense_is_refused(command: c.ExtendTask, field: str) -> None:
    refused = waiting().refuses(command, InvalidInput)
    assert [wrong.field for wrong in refused.errors] == [field]


def test_no_extension_goes_beyond_the_limit_of_an_administrator() -> None:
    story = waiting(settings(limits=Limits(longest=12 * HOUR)))
    refused = story.refuses(extend(3), InvalidInput)
    assert "can be given 2 hours more" in refused.message
    story.do(extend(2))
    assert "no more time" in story.refuses(extend(0.5), InvalidInput).message


def test_no_extension_goes_beyond_the_deadline_of_the_intent() -> None:
    story = waiting(intent={"deadline": START + 11 * HOUR})
    assert "1 hour more" in story.refuses(extend(2), InvalidInput).message
    assert story.do(extend(1))


# Pause and resume


def test_while_the_clock_stands_no_rung_fires_and_after_it_what_was_left_is_left() -> None:
    story = waiting().wait(hours=3)
    story.tick()
    story.do(pause())
    assert story.wait(hours=20).tick() == ()
    story.do(resume())
    assert hours(story) == [24, 26, 28, 30]
    assert story.task.due_at == START + 30 * HOUR


def test_while_the_clock_stands_people_may_still_answer() -> None:
    story = waiting()
    story.do(pause())
    story.wait(hours=20).answered("approved")
    assert story.task_state == "concluded"


def test_a_task_that_is_decided_while_its_clock_stands_was_decided_in_time() -> None:
    story = waiting().wait(hours=1)
    story.do(pause())
    story.wait(hours=20).answered("approved")
    assert story.task.due_at == START + 30 * HOUR


def test_a_clock_goes_on_by_itself_after_the_longest_pause() -> None:
    story = waiting(settings(longest_pause=5 * HOUR)).wait(hours=1)
    story.do(pause())
    assert story.task.next_rung_at == story.armed[c.TimerKind.RUNG, TASK] == START + 6 * HOUR
    assert story.task.due_at == START + 15 * HOUR
    assert fired(story, 7) == [(6, "resumed"), (7, "reminded")]
    assert story.task.due_at == START + 15 * HOUR


def test_a_pause_that_nobody_came_round_to_ending_ended_when_it_should() -> None:
    story = waiting(settings(longest_pause=5 * HOUR))
    story.do(pause())
    story.wait(hours=7)
    assert [event.body.type for event in story.tick()] == ["task.resumed", "task.reminded"]
    assert hours(story) == [9, 11, 13, 15]
    Story(state=story.state, now=START + 15 * HOUR).refuses(answer("approved"), TaskExpired)


def test_no_answer_counts_after_the_end_though_the_clock_was_never_let_go_on() -> None:
    story = waiting(settings(longest_pause=5 * HOUR))
    story.do(pause())
    story.now = START + 15 * HOUR
    story.refuses(answer("approved"), TaskExpired)
    story.refuses(resume(), TaskExpired)
    story.tick()
    assert story.task_state == "expired"


BERLIN = calendar(name="berlin")
WORKING = [
    {"after": "4 working hours", "do": "remind"},
    {"after": "24h", "do": "notify", "to": "role:operator"},
    {"after": "16 working hours", "do": "fail"},
]


def test_of_a_working_rung_the_working_time_that_was_left_is_left_after() -> None:
    people = settings(calendar="berlin", calendars={"berlin": BERLIN})
    story = Story(people=people, now=at("2026-03-05 15:00", "Europe/Berlin"))  # a Thursday
    story.asking(handled=True, ladder=WORKING, pause=True)
    assert moments(story) == ["Fri 10:30", "Fri 15:00", "Mon 14:00"]
    story.wait(hours=1).do(pause())  # 3 and 15 working hours, or 23 hours, before they fire
    story.now = at("2026-03-07 12:00", "Europe/Berlin")  # Saturday
    story.do(resume())
    assert moments(story) == ["Sun 11:00", "Mon 12:00", "Tue 15:30"]


def moments(story: Story) -> list[str]:
    return sorted(
        (_berlin(f.at) for f in story.task.to_come),
        key=lambda text: ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue").index(text[:3]),
    )


def _berlin(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %H:%M")


def test_a_request_for_changes_stops_the_clock_and_the_revision_starts_it_anew() -> None:
    story = waiting(type="review", content="v1", revisions=1, ladder=LADDER)
    story.wait(hours=1).answered("changes_requested", comment="shorter")
    assert stands_since(story) == story.now
    assert story.wait(hours=50).tick() == ()
    story.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    assert stands_since(story) is None
    assert hours(story) == [53, 55, 57, 59, 61]


def test_a_revision_during_a_pause_is_held_to_the_deadline_as_the_pause_moved_it() -> None:
    story = waiting(type="review", content="v1", revisions=1, ladder=None, deadline="4h")
    story.wait(hours=1).answered("changes_requested", comment="shorter")
    story.wait(hours=50).do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    assert story.task.due_at == START + 54 * HOUR


def test_a_task_whose_clock_may_not_stand_keeps_its_time_while_the_agent_revises() -> None:
    story = waiting(type="review", content="v1", revisions=1, pause=None)
    story.answered("changes_requested", comment="shorter")
    assert story.task.paused_at is None
    assert story.task.due_at == START + 10 * HOUR


@pytest.mark.parametrize("by", [MARA, ADMIN], ids=["asked", "admin"])
def test_whoever_is_asked_and_an_administrator_stop_the_clock(by: Person | Actor) -> None:
    assert waiting().do(pause(by))


@pytest.mark.parametrize("by", [MARA, ADMIN, AGENT], ids=["asked", "admin", "agent"])
def test_whoever_is_asked_an_administrator_and_the_agent_start_it(by: Person | Actor) -> None:
    story = waiting()
    story.do(pause())
    assert story.do(resume(by))


def test_nobody_else_stops_or_starts_it() -> None:
    story = waiting()
    story.refuses(pause(JONAS), NotEligible)
    story.refuses(pause(AGENT), AgentMayNotDecide)
    story.do(pause())
    story.refuses(resume(JONAS), NotEligible)


def test_a_pause_is_refused_where_the_task_allows_none_or_nobody_says_why() -> None:
    waiting(pause=None).refuses(pause(), IllegalMove)
    refused = waiting().refuses(pause(reason=" "), InvalidInput)
    assert [wrong.field for wrong in refused.errors] == ["reason"]


def test_a_clock_that_stands_is_not_stopped_snoozed_or_extended_and_one_that_runs_not_started() -> (
    None
):
    story = waiting()
    story.refuses(resume(), IllegalMove)
    story.do(pause())
    for command in (pause(), snooze(5), extend(5)):
        story.refuses(command, IllegalMove)


def test_no_pause_outlives_the_deadline_of_the_intent() -> None:
    story = waiting(intent={"deadline": START + 20 * HOUR})
    story.do(pause())
    story.wait(hours=15).do(resume())
    assert (hours(story)[-1], str(story.task.to_come[-1].do)) == (20, "fail")
    story.wait(hours=5).do(DEADLINE)
    assert story.status == "TIMED_OUT"


def test_an_advance_to_the_next_stage_starts_the_clock_anew() -> None:
    story = waiting(chain=["mara@acme.test", "role:operator"])
    story.do(pause())
    story.wait(hours=20).answered("approved")
    assert story.task.paused_at is None
    assert story.task.due_at == story.now + 10 * HOUR
    assert story.task.id == TaskId(TASK)
