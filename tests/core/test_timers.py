"""What the rungs of a ladder do when they fire, and why one that fires late or not at all does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.routing import LADDER, Absence, Person
from signoff.core.words import TaskId
from tests.core.story import (
    ADA,
    AGENT,
    BIRGIT,
    JONAS,
    MARA,
    PEOPLE,
    REQUESTER,
    START,
    TASK,
    Story,
    answer,
    directory,
    person,
)

OVERRIDE = TaskId("task_override")


def waiting(*rungs: dict[str, Any], **asked: Any) -> Story:
    end = {"after": "9h", "do": "fail"}
    return Story().asking(handled=True, ladder=[*rungs, end], **asked)


def tick(story: Story, **more: Any) -> list[e.Body]:
    command = c.FireTimer(
        actor=LADDER, kind=c.TimerKind.RUNG, task_id=TASK, new_task=OVERRIDE, **more
    )
    return [event.body for event in story.do(command)]


def asked(story: Story) -> list[str]:
    return [selector.label for selector in story.task.asked.who]


def test_a_notice_tells_people_and_asks_nobody() -> None:
    story = waiting({"after": "1h", "do": "notify", "to": "role:operator"})
    (told,) = tick(story.wait(hours=1))
    assert isinstance(told, e.TaskNotified)
    assert [selector.label for selector in told.to] == ["role:operator"]
    assert asked(story) == [MARA.email]


def test_an_escalation_that_replaces_asks_others_instead_and_ends_the_claim() -> None:
    story = waiting({"after": "1h", "do": "escalate", "to": "role:operator", "replace": True})
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    released, escalated = tick(story.wait(hours=1))
    assert isinstance(released, e.TaskReleased)
    assert isinstance(escalated, e.TaskEscalated)
    assert escalated.replaces
    assert asked(story) == ["role:operator"]


def test_a_reassignment_by_the_ladder_asks_others_instead() -> None:
    story = waiting({"after": "1h", "do": "reassign", "to": ["role:operator", BIRGIT.email]})
    (reassigned,) = tick(story.wait(hours=1))
    assert isinstance(reassigned, e.TaskReassigned)
    assert (reassigned.rung, reassigned.due_at) == (0, story.now)
    assert asked(story) == ["role:operator", BIRGIT.email]
    story.answered("approved", by=BIRGIT)
    assert story.task_state == "concluded"


def test_whoever_is_away_when_the_ladder_comes_to_them_has_somebody_stand_in() -> None:
    away = Absence(start=START, end=START + timedelta(days=9), substitute=ADA.id)
    bert = person("bert", "backup-approver", absences=(away,))
    story = Story(people=directory(*PEOPLE, bert))
    rung = {"after": "1h", "do": "escalate", "to": bert.email}
    story.asking(handled=True, ladder=[rung])
    (escalated,) = tick(story.wait(hours=1))
    assert isinstance(escalated, e.TaskEscalated)
    assert [(s.owner.id, s.deputy.id) for s in escalated.stand_ins] == [(bert.id, ADA.id)]
    story.answered("approved", by=ADA)
    assert story.task_state == "concluded"


@pytest.mark.parametrize(
    "rung",
    [
        {"do": "fail"},
        {"conclude": "rejected"},
        {"do": "escalate", "to": "role:operator"},
        {"do": "notify", "to": "role:operator"},
        {"do": "remind", "every": "1h", "max": 2},
    ],
    ids=lambda rung: rung.get("do", "conclude"),
)
def test_a_rung_unless_claimed_does_nothing_once_somebody_has_begun(rung: dict[str, Any]) -> None:
    story = waiting({"after": "1h", "unless": "claimed", **rung})
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    (skipped,) = tick(story.wait(hours=1))
    assert isinstance(skipped, e.RungSkipped)
    assert skipped.reason == "somebody has begun"
    assert story.task.due_at == START + timedelta(hours=9)


def test_a_start_deadline_is_a_deadline_while_nobody_has_begun() -> None:
    story = waiting({"after": "1h", "unless": "claimed", "do": "fail"})
    assert story.task.due_at == START + timedelta(hours=1)
    expired = tick(story.wait(hours=1))[0]
    assert isinstance(expired, e.TaskExpired)


def test_somebody_who_claimed_and_let_go_has_begun() -> None:
    story = waiting({"after": "1h", "unless": "claimed", "do": "fail"})
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    story.do(c.ReleaseTask(actor=MARA.actor, task_id=TASK))
    assert isinstance(tick(story.wait(hours=1))[0], e.RungSkipped)


# Override


def overriding(**more: Any) -> Story:
    story = waiting({"after": "1h", "do": "override"}, **more)
    tick(story.wait(hours=1))
    return story


def test_an_override_rung_asks_operators_in_a_task_of_its_own_while_the_first_stays_open() -> None:
    story = overriding()
    opened, asked = story.history[-2].body, story.history[-1].body
    assert isinstance(opened, e.TaskOpened)
    assert isinstance(asked, e.OverrideAsked)
    override = story.intent.tasks[OVERRIDE]
    assert asked.override_task_id == override.id
    assert [selector.label for selector in override.asked.who] == [
        "role:administrator",
        "role:operator",
    ]
    assert override.due_at == story.task.due_at
    assert story.task.live


def test_an_operator_who_overrides_takes_the_run_over() -> None:
    story = overriding()
    story.do(answer("overridden", JONAS, task=OVERRIDE, comment="it is late"))
    assert (story.status, story.task_state) == ("CANCELED", "overridden")


def test_an_operator_who_refuses_leaves_the_first_task_open() -> None:
    story = overriding()
    story.do(answer("refused", JONAS, task=OVERRIDE, comment="Mara will do it"))
    assert story.task.live
    story.answered("approved")
    assert story.task_state == "concluded"


@pytest.mark.parametrize("handled", [True, False])
def test_once_the_first_task_is_closed_operators_are_asked_no_longer(handled: bool) -> None:
    story = Story().asking(handled=handled, ladder=[{"after": "1h", "do": "override"}])
    tick(story.wait(hours=1))
    story.answered("approved")
    assert story.intent.tasks[OVERRIDE].state == "withdrawn"
    assert story.status == ("IN_PROGRESS" if handled else "COMPLETED")


@pytest.mark.parametrize("first", [TASK, OVERRIDE])
def test_whichever_of_the_two_ends_first_the_ladder_of_the_first_decides(first: TaskId) -> None:
    end = {"after": "9h", "conclude": "rejected"}
    story = Story().asking(ladder=[{"after": "1h", "do": "override"}, end])
    tick(story.wait(hours=1))
    story.wait(hours=8)
    for task_id in (first, TASK, OVERRIDE):
        story.tick(task_id)
    assert story.status == "COMPLETED"
    assert story.intent.result == {"task_id": TASK, "outcome": "rejected", "data": None}


def test_operators_are_asked_once_at_a_time() -> None:
    rungs = [{"after": "1h", "do": "override"}, {"after": "2h", "do": "override"}]
    story = waiting(*rungs)
    tick(story.wait(hours=1))
    (skipped,) = tick(story.wait(hours=1))
    assert isinstance(skipped, e.RungSkipped)
    assert skipped.reason == "operators are asked already"


def test_where_nobody_could_override_the_rung_is_skipped_and_says_so() -> None:
    story = Story(people=directory(MARA, BIRGIT, asked=("role:operator", "role:administrator")))
    story.asking(handled=True, ladder=[{"after": "1h", "do": "override"}])
    (skipped,) = tick(story.wait(hours=1))
    assert isinstance(skipped, e.RungSkipped)
    assert skipped.reason.startswith("operators cannot be asked: ")
    assert len(story.intent.live_tasks) == 1


def test_an_override_rung_works_where_tasks_bring_no_ladder_of_their_own() -> None:
    override = overriding().intent.tasks[OVERRIDE]
    assert [str(rung.do) for rung in override.ladder] == ["conclude"]


# Late, and skipped


@pytest.mark.parametrize("seconds", [0, 60])
def test_hardly_late_is_not_late(seconds: float) -> None:
    (reminded,) = tick(waiting({"after": "1h", "do": "remind"}).wait(hours=1, seconds=seconds))
    assert isinstance(reminded, e.TaskReminded)
    assert reminded.late is None


LATE = [
    {"do": "remind"},
    {"do": "notify", "to": "role:operator"},
    {"do": "escalate", "to": "role:operator"},
    {"do": "reassign", "to": "role:operator"},
    {"do": "override"},
    {"do": "fail"},
]


@pytest.mark.parametrize("rung", LATE, ids=lambda rung: rung["do"])
def test_a_rung_that_fires_noticeably_late_says_why(rung: dict[str, Any]) -> None:
    story = Story().asking(handled=True, ladder=[{"after": "1h", **rung}])
    bodies = tick(story.wait(hours=1, seconds=61))
    (late,) = [why for body in bodies if (why := getattr(body, "late", None))]
    assert late == "1 minute 1 second late: nobody came round to it earlier"


def test_a_conclusion_that_comes_late_says_so_in_its_reason() -> None:
    story = Story().asking(ladder=[{"after": "1h", "conclude": "rejected"}])
    concluded = tick(story.wait(hours=3))[0]
    assert isinstance(concluded, e.TaskConcluded)
    assert "2 hours late" in concluded.reason


def test_every_tick_leaves_one_rung_armed_and_never_fires_two() -> None:
    rungs = [{"after": f"{n}h", "do": "escalate", "to": "role:operator"} for n in range(1, 9)]
    story = waiting(*rungs).wait(hours=8, minutes=30)
    for left in range(8, 0, -1):
        assert [body.type for body in tick(story)] == ["task.escalated"]
        assert story.armed[c.TimerKind.RUNG, TASK] == START + (10 - left) * timedelta(hours=1)
    assert tick(story) == []


def test_the_requester_is_not_brought_in_by_an_escalation() -> None:
    rung = {"after": "1h", "do": "escalate", "to": REQUESTER.email}
    story = Story().asking(handled=True, intent={"on_behalf_of": REQUESTER.email}, ladder=[rung])
    tick(story.wait(hours=1))
    assert [by.email for by in PEOPLE if _may(story, by)] == [MARA.email]


def _may(story: Story, by: Person) -> bool:
    trial = Story(state=story.state, now=story.now)
    try:
        trial.answered("approved", by=by)
    except Exception:
        return False
    return True


def test_a_timer_for_a_task_that_was_never_there_does_nothing() -> None:
    story = Story().submit(handled=True)
    assert story.do(c.FireTimer(actor=LADDER, kind=c.TimerKind.RUNG, task_id=TASK)) == ()
    assert AGENT.id not in {event.actor.id for event in story.history[1:]}
