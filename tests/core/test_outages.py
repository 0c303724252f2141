"""What an outage of all servers means for a task that missed rungs meanwhile: fair, or strict."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.routing import LADDER, Directory
from signoff.core.words import TaskId
from signoff.core.workspace import WorkspaceSettings
from signoff.errors import TaskExpired
from tests.core.calendars import at, calendar
from tests.core.story import (
    MARA,
    PEOPLE,
    START,
    TASK,
    Story,
    answer,
    directory,
)

HOUR = timedelta(hours=1)
OVERRIDE = TaskId("task_override")
DOWN = "no server ran from 2026-03-01T10:00:00.000000Z until 2026-03-01T16:00:00.000000Z"


def outage(start: float, end: float) -> c.Outage:
    return c.Outage(start=START + start * HOUR, end=START + end * HOUR)


def waiting(*rungs: dict[str, Any], people: Directory | None = None, **asked: Any) -> Story:
    story = Story(people=people) if people else Story()
    return story.asking(handled=True, ladder=list(rungs), **asked)


def recover(story: Story, start: float, end: float, *, at: float | None = None) -> list[e.Body]:
    """What the recovery of an outage does, at its end or so many hours after the beginning."""
    story.now = START + (end if at is None else at) * HOUR
    command = c.FireTimer(
        actor=LADDER,
        kind=c.TimerKind.RUNG,
        task_id=TASK,
        outage=outage(start, end),
        new_task=OVERRIDE,
    )
    return [event.body for event in story.do(command)]


def kinds(bodies: list[e.Body]) -> list[str]:
    return [body.type.removeprefix("task.") for body in bodies]


def hours(story: Story) -> list[float]:
    return [(firing.at - START) / HOUR for firing in story.task.to_come]


def to(body: e.Body) -> list[str]:
    return [selector.label for selector in body.to]  # type: ignore[union-attr]


REMIND = {"after": "2h", "do": "remind", "every": "2h", "max": 5}
FAIL = {"after": "20h", "do": "fail"}


def escalate(after: str, *who: str, **more: Any) -> dict[str, Any]:
    return {"after": after, "do": "escalate", "to": list(who), **more}


# Fair


def test_missed_reminders_are_skipped_and_everything_to_come_comes_later() -> None:
    story = waiting(REMIND, FAIL)
    bodies = recover(story, 1, 7)
    assert kinds(bodies) == ["recovered", "rung_skipped", "rung_skipped", "rung_skipped"]
    assert [body.reason for body in bodies[1:]] == [DOWN] * 3  # type: ignore[union-attr]
    assert hours(story) == [14, 16, 26]
    assert story.armed[c.TimerKind.RUNG, TASK] == START + 14 * HOUR


def test_of_several_missed_escalations_one_fires_for_everybody_they_would_have_reached() -> None:
    story = waiting(
        REMIND,
        escalate("3h", "role:operator"),
        escalate("4h", "group:payments", "role:operator"),
        escalate("5h", "birgit@acme.test"),
        FAIL,
    )
    bodies = recover(story, 1, 7)
    assert kinds(bodies) == ["recovered", *["rung_skipped"] * 4, "escalated", "rung_skipped"]
    escalated = bodies[5]
    assert isinstance(escalated, e.TaskEscalated)
    assert to(escalated) == ["role:operator", "group:payments", "birgit@acme.test"]
    assert not escalated.replaces
    assert escalated.late == f"2 hours late: {DOWN}"
    assert [s.label for s in story.task.asked.who] == [MARA.email, *to(escalated)]


def test_where_one_of_them_would_have_replaced_people_the_one_that_fires_does() -> None:
    story = waiting(
        escalate("3h", "role:operator", replace=True), escalate("4h", "group:payments"), FAIL
    )
    escalated = recover(story, 1, 7)[-1]
    assert isinstance(escalated, e.TaskEscalated)
    assert escalated.replaces
    assert [s.label for s in story.task.asked.who] == ["role:operator", "group:payments"]


def test_a_missed_reassignment_asks_everybody_the_missed_rungs_would_have_reached() -> None:
    story = waiting(
        escalate("3h", "role:operator"), {"after": "4h", "do": "reassign", "to": "role:x"}, FAIL
    )
    reassigned = recover(story, 1, 7)[-1]
    assert isinstance(reassigned, e.TaskReassigned)
    assert [s.label for s in story.task.asked.who] == ["role:operator", "role:x"]


def test_being_told_gives_nobody_a_say_and_what_does_another_thing_is_put_off() -> None:
    story = waiting(
        escalate("3h", "role:operator"),
        {"after": "4h", "do": "notify", "to": "role:x"},
        {"after": "5h", "do": "override"},
        FAIL,
    )
    assert kinds(recover(story, 1, 7)) == ["recovered", "escalated"]
    assert [s.label for s in story.task.asked.who] == [MARA.email, "role:operator"]
    assert [(f.at - START) / HOUR for f in story.task.to_come] == [10, 11, 26]
    assert [str(f.do) for f in story.task.to_come] == ["notify", "override", "fail"]


def test_several_missed_notices_are_one() -> None:
    story = waiting(
        {"after": "3h", "do": "notify", "to": "role:x"},
        {"after": "4h", "do": "notify", "to": "role:y"},
        FAIL,
    )
    bodies = recover(story, 1, 7)
    assert kinds(bodies) == ["recovered", "rung_skipped", "notified"]
    assert to(bodies[-1]) == ["role:x", "role:y"]


def test_a_missed_override_asks_operators() -> None:
    story = waiting({"after": "3h", "do": "override"}, FAIL)
    bodies = recover(story, 1, 7)
    assert [kind for kind in kinds(bodies) if kind != "opened"] == ["recovered", "override_asked"]
    assert story.intent.tasks[OVERRIDE].due_at == story.task.due_at == START + 26 * HOUR


def test_a_missed_end_comes_later_by_the_length_of_the_outage() -> None:
    story = waiting(FAIL)
    assert kinds(recover(story, 1, 40)) == ["recovered"]
    assert story.task.due_at == START + 59 * HOUR
    story.wait(hours=18).answered("approved")
    assert story.task_state == "concluded"


def test_a_missed_start_deadline_is_given_its_time_back_too() -> None:
    story = waiting({"after": "3h", "unless": "claimed", "do": "fail"}, FAIL)
    assert kinds(recover(story, 1, 7)) == ["recovered"]
    assert hours(story) == [9, 26]


def test_a_start_deadline_that_would_have_done_nothing_is_skipped() -> None:
    story = waiting({"after": "3h", "unless": "claimed", "do": "fail"}, FAIL)
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    assert kinds(recover(story, 1, 7)) == ["recovered", "rung_skipped"]


def test_an_end_that_had_passed_before_the_outage_is_not_given_back() -> None:
    story = waiting(FAIL)
    assert kinds(recover(story, 20, 30))[:1] == ["expired"]


def test_a_task_that_missed_nothing_is_left_as_it_is() -> None:
    story = waiting(REMIND, FAIL)
    assert recover(story, 0.5, 1.5) == []
    assert hours(story)[0] == 2


def test_the_deadline_of_the_intent_is_always_strict() -> None:
    story = waiting(FAIL, intent={"deadline": START + 24 * HOUR})
    assert kinds(recover(story, 1, 22)) == ["recovered"]
    assert story.task.due_at == START + 24 * HOUR
    story = waiting(FAIL, intent={"deadline": START + 24 * HOUR})
    recover(story, 1, 25)
    assert story.status == "TIMED_OUT"


def test_a_deadline_of_the_task_that_later_stages_are_held_to_moves_with_it() -> None:
    story = Story().asking(
        handled=True, chain=["mara@acme.test", "role:operator"], deadline="4h", ladder=[REMIND]
    )
    recover(story, 1, 7)
    assert story.task.due_at == START + 10 * HOUR
    story.answered("approved")
    assert story.task.due_at == START + 10 * HOUR


def test_of_a_working_rung_the_working_time_that_was_left_is_left_after() -> None:
    people = directory(
        *PEOPLE,
        settings=WorkspaceSettings(calendar="b", calendars={"b": calendar(name="b")}),
    )
    story = Story(people=people, now=at("2026-03-05 15:00", "Europe/Berlin"))  # a Thursday
    rungs = [
        {"after": "1 working hour", "do": "remind"},
        {"after": "2 business days", "do": "fail"},
    ]
    story.asking(handled=True, ladder=rungs)
    assert story.task.due_at == at("2026-03-09 15:00", "Europe/Berlin")
    down, up = at("2026-03-05 15:30", "Europe/Berlin"), at("2026-03-07 15:30", "Europe/Berlin")
    story.now = up
    outage = c.Outage(start=down, end=up)
    story.do(c.FireTimer(actor=LADDER, kind=c.TimerKind.RUNG, task_id=TASK, outage=outage))
    # 2, 8.5 and 6 hours of work were left: Monday and Tuesday are 8.5 each.
    assert story.task.due_at == at("2026-03-10 17:00", "Europe/Berlin")


def test_a_pause_that_ended_during_the_outage_ended_when_it_should() -> None:
    people = directory(*PEOPLE, settings=WorkspaceSettings(longest_pause=2 * HOUR))
    story = waiting(REMIND, FAIL, people=people, pause=True).wait(hours=1)
    story.do(c.PauseTask(actor=MARA.actor, task_id=TASK, reason="a receipt"))
    bodies = recover(story, 2, 7)
    assert kinds(bodies) == ["resumed", "recovered", "rung_skipped", "rung_skipped"]
    assert story.task.due_at == START + 26 * HOUR  # of 2 hours of pause one is of the outage too


def test_a_clock_that_stands_all_through_the_outage_is_given_nothing_back() -> None:
    story = waiting(REMIND, FAIL, pause=True).wait(hours=1)
    story.do(c.PauseTask(actor=MARA.actor, task_id=TASK, reason="a receipt"))
    assert recover(story, 2, 7) == []


def test_what_was_due_before_a_pause_is_no_reason_to_give_an_outage_back_in_which_it_stood() -> (
    None
):
    story = waiting(REMIND, FAIL, pause=True).wait(hours=3)
    story.do(c.PauseTask(actor=MARA.actor, task_id=TASK, reason="a receipt"))
    recover(story, 4, 7)
    story.wait(hours=1).do(c.ResumeTask(actor=MARA.actor, task_id=TASK))
    assert kinds(recover(story, 4, 7, at=8.5)) == ["reminded"]
    assert story.task.due_at == START + 25 * HOUR


@pytest.mark.parametrize("again_at", [7, 7.5, 12, 25])
def test_an_outage_is_given_back_once_however_often_its_recovery_runs(again_at: float) -> None:
    story = waiting(REMIND, escalate("3h", "role:operator"), FAIL)
    recover(story, 1, 7)
    before = story.task
    again = recover(story, 1, 7, at=again_at)
    assert "recovered" not in kinds(again)
    assert story.task.due_at == before.due_at
    assert len([kind for kind in story.kinds if kind == "task.escalated"]) == 1


def test_of_an_outage_that_overlaps_an_earlier_one_only_the_rest_is_given_back() -> None:
    story = waiting(REMIND, FAIL)
    recover(story, 1, 7)
    recover(story, 1, 17)
    assert story.task.due_at == START + 36 * HOUR


def test_a_recovery_late_itself_fires_nothing_early() -> None:
    story = waiting(REMIND, FAIL)
    recover(story, 1, 7, at=5)  # the clock went back meanwhile
    assert all(past.firing.at <= past.at for past in story.task.past)
    assert story.task.due_at == START + 24 * HOUR


# Strict


def test_where_it_is_strict_an_outage_changes_nothing_but_the_reason() -> None:
    story = waiting(REMIND, escalate("3h", "role:operator"), FAIL, outage="strict")
    bodies = recover(story, 1, 7)
    assert kinds(bodies) == ["rung_skipped", "escalated"]
    assert bodies[-1].late == f"4 hours late: {DOWN}"  # type: ignore[union-attr]
    assert story.task.due_at == START + 20 * HOUR


def test_where_it_is_strict_a_missed_end_ends_the_task_at_once() -> None:
    story = waiting(REMIND, FAIL, outage="strict")
    assert "expired" in kinds(recover(story, 1, 40))
    assert story.status == "FAILED"


@pytest.mark.parametrize(("rule", "due"), [("fair", 26), ("strict", 20)])
def test_an_administrator_sets_what_holds_where_a_task_does_not_say(rule: Any, due: float) -> None:
    people = directory(*PEOPLE, settings=WorkspaceSettings(outage=rule))
    story = waiting(REMIND, FAIL, people=people)
    recover(story, 1, 7)
    assert story.task.due_at == START + due * HOUR


@pytest.mark.parametrize("rule", ["fair", "strict"])
@pytest.mark.parametrize("late", range(2, 60, 7))
def test_whatever_was_missed_one_rung_is_next_and_no_answer_is_late(rule: str, late: int) -> None:
    story = waiting(
        REMIND,
        escalate("3h", "role:operator"),
        {"after": "6h", "do": "reassign", "to": "role:manager"},
        {"after": "9h", "unless": "claimed", "do": "fail"},
        FAIL,
        outage=rule,
    )
    recover(story, 1, late)
    if not story.task.live:
        return
    assert story.armed == {(c.TimerKind.RUNG, TASK): story.task.next_rung_at}
    due = story.task.due_at
    assert _refused_at(story, due)
    assert not _refused_at(story, due - timedelta(microseconds=1))


def _refused_at(story: Story, moment: datetime) -> bool:
    trial = replace(story, now=moment, history=[], armed=dict(story.armed))
    try:
        trial.do(answer("approved", MARA if _asks_mara(story) else PEOPLE[1]))
    except TaskExpired:
        return True
    return False


def _asks_mara(story: Story) -> bool:
    return any(selector.label == MARA.email for selector in story.task.asked.who)
