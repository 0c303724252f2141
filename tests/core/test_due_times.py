"""Late is late: at and after a due time only the clock moves anything, timer or no timer."""

from __future__ import annotations

import pytest

from signoff.core import commands as c
from signoff.core.routing import Actor
from signoff.core.words import ActorKind, TaskId, TaskState
from signoff.errors import (
    AlreadyConcluded,
    Forbidden,
    IntentClosed,
    InvalidInput,
    InvalidTask,
    TaskExpired,
    TaskWithdrawn,
)
from tests.core.story import (
    ADMIN,
    AGENT,
    BIRGIT,
    DEADLINE,
    MARA,
    SLEEP,
    START,
    TASK,
    Story,
    answer,
    request,
    rung,
    submit,
)

NOON = START.replace(hour=12)


def test_an_answer_just_before_the_due_time_counts() -> None:
    story = Story().asking(deadline="3h").wait(hours=3, microseconds=-1)
    story.answered("approved")
    assert story.task_state == "concluded"


@pytest.mark.parametrize("late", [0, 1e-6, 86400 * 365])
def test_an_answer_at_or_after_the_due_time_is_too_late_though_no_timer_ran(late: float) -> None:
    story = Story().asking(deadline="3h").wait(hours=3, seconds=late)
    refused = story.refuses(answer("approved"), TaskExpired)
    assert refused.about == {"task_id": TASK, "due_at": "2026-03-01T12:00:00.000000Z"}


@pytest.mark.parametrize(
    "command",
    [
        c.ClaimTask(actor=MARA.actor, task_id=TASK),
        c.ReleaseTask(actor=MARA.actor, task_id=TASK),
        c.WithdrawTask(actor=AGENT, task_id=TASK, reason="no need"),
        c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_else_happens_to_a_task_that_is_due_either(command: c.Command) -> None:
    story = Story().asking(handled=True, type="review", revisions=1, content="v1", deadline="3h")
    if isinstance(command, c.ReleaseTask):
        story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    if isinstance(command, c.ReviseTask):
        story.answered("changes_requested", comment="shorter")
    story.wait(hours=3).refuses(command, TaskExpired)


def test_a_deadline_may_be_a_moment() -> None:
    story = Story().asking(deadline="2026-03-01T13:00:00+01:00")
    assert story.task.due_at == NOON


@pytest.mark.parametrize(
    ("deadline", "message"),
    [
        ("2026-03-01T09:00:00Z", "has passed already"),
        ("2020-01-01T00:00:00Z", "has passed already"),
        ("2036-03-02T00:00:00Z", "more than ten years"),
        ("2026-03-01T13:00:00", "no duration"),
        ("2026-02-30T13:00:00Z", "no duration"),
        ("tomorrow", "no duration"),
        ("0s", "more than zero"),
        ("4000d", "at most ten years"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_refused(deadline: str, message: str) -> None:
    refused = Story().refuses(submit(task=request(deadline=deadline)), InvalidTask)
    assert message in refused.message
    assert [wrong.field for wrong in refused.errors] == ["task.deadline"]


def test_a_deadline_cuts_off_the_rungs_after_it() -> None:
    story = Story().asking(deadline="30h")
    story.wait(hours=24).tick()
    story.wait(hours=6).tick()
    assert [kind for kind in story.kinds if kind.startswith("task.")] == [
        "task.opened",
        "task.reminded",
        "task.expired",
    ]


# The intent's own deadline


def test_an_intent_past_its_deadline_is_timed_out_and_its_tasks_are_closed() -> None:
    story = Story().asking(handled=True, intent={"deadline": NOON})
    assert story.wait(hours=3, microseconds=-1).do(DEADLINE) == ()
    story.wait(microseconds=1).do(DEADLINE)
    assert story.status == "TIMED_OUT"
    assert story.task_state == "withdrawn"
    story.refuses(answer("approved"), TaskWithdrawn)


def test_no_task_outlives_the_deadline_of_its_intent() -> None:
    story = Story().asking(handled=True, intent={"deadline": NOON})
    assert story.task.due_at == NOON
    story.wait(hours=1).opened("task_2", deadline="30m")
    assert story.intent.tasks[TaskId("task_2")].due_at == START.replace(hour=10, minute=30)


@pytest.mark.parametrize("timer", [rung(), DEADLINE, SLEEP], ids=["rung", "deadline", "sleep"])
def test_whichever_timer_comes_first_the_deadline_of_the_intent_wins(timer: c.FireTimer) -> None:
    story = Story().asking(handled=True, intent={"deadline": NOON}).wait(hours=3)
    story.do(timer)
    assert story.status == "TIMED_OUT"


def test_an_answer_at_the_deadline_of_the_intent_is_too_late() -> None:
    story = Story().asking(handled=True, intent={"deadline": NOON}).wait(hours=3)
    story.refuses(answer("approved"), TaskExpired)


@pytest.mark.parametrize(
    "command",
    [
        c.OpenTask(actor=AGENT, task=request("task_2")),
        c.RecordStep(actor=AGENT, name="draft", kind="step", output=1),
        c.Sleep(actor=AGENT, name="rest", until=START.replace(day=2)),
        c.CompleteIntent(actor=AGENT, result=1),
        c.CancelIntent(actor=AGENT, reason="no need"),
        c.FailIntent(actor=AGENT, reason="broken"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_past_the_deadline_of_an_intent_nothing_but_the_clock_moves_it(command: c.Command) -> None:
    story = Story().submit(handled=True, deadline=NOON).wait(hours=3)
    refused = story.refuses(command, IntentClosed)
    assert "2026-03-01T12:00:00.000000Z" in refused.message


def test_an_intent_whose_deadline_has_passed_is_never_submitted() -> None:
    refused = Story().refuses(submit(deadline=START), InvalidInput)
    assert [wrong.field for wrong in refused.errors] == ["deadline"]


# What a ladder does as time goes by


def test_a_ladder_reminds_escalates_and_fails_at_its_times() -> None:
    story = Story().asking(handled=True)
    fired = []
    for hour in range(80):
        story.now = START.replace(hour=9)
        story.wait(hours=hour)
        fired += [(hour, event.body.type) for event in story.tick()]
    assert fired == [
        (24, "task.reminded"),
        (32, "task.reminded"),
        (40, "task.reminded"),
        (48, "task.escalated"),
        (72, "task.expired"),
        (72, "intent.failed"),
    ]


def test_a_rung_is_the_ladders_doing_and_says_when_it_was_due() -> None:
    story = Story().asking(handled=True).wait(hours=25)
    (reminded,) = story.tick()
    assert (reminded.actor.kind, reminded.actor.label) == (ActorKind.LADDER, "ladder")
    assert reminded.body.due_at == START.replace(day=2)  # type: ignore[union-attr]
    assert reminded.at == START.replace(day=2, hour=10)


def test_no_rung_fires_early_and_none_fires_twice() -> None:
    story = Story().asking(handled=True).wait(hours=24, microseconds=-1)
    assert story.tick() == ()
    assert len(story.wait(microseconds=1).tick()) == 1
    assert story.tick() == ()


def test_after_an_outage_every_tick_fires_one_rung_and_says_which_were_skipped() -> None:
    story = Story().asking(handled=True).wait(hours=50)
    first = story.tick()
    assert [event.body.type for event in first] == ["task.rung_skipped"] * 3 + ["task.escalated"]
    skipped = [event.body.reason for event in first[:3]]  # type: ignore[union-attr]
    assert skipped == ["a later rung was due too"] * 3
    assert story.tick() == ()


def test_reminders_due_together_are_one_reminder() -> None:
    story = Story().asking(handled=True).wait(hours=41)
    assert [event.body.type for event in story.tick()] == [
        "task.rung_skipped",
        "task.rung_skipped",
        "task.reminded",
    ]


def test_two_escalations_due_together_take_two_ticks() -> None:
    ladder = [
        {"after": "1h", "do": "escalate", "to": BIRGIT.email},
        {"after": "2h", "do": "remind"},
        {"after": "3h", "do": "escalate", "to": "role:operator"},
    ]
    story = Story().asking(handled=True, ladder=ladder).wait(hours=4)
    assert [event.body.type for event in story.tick()] == ["task.escalated"]
    assert [event.body.type for event in story.tick()] == ["task.rung_skipped", "task.escalated"]
    assert story.tick() == ()


def test_past_its_end_a_task_closes_at_once_whatever_else_was_due() -> None:
    story = Story().asking(handled=True).wait(days=30)
    kinds = [event.body.type for event in story.tick()]
    assert kinds == ["task.rung_skipped"] * 4 + ["task.expired", "intent.failed"]
    story.refuses(answer("approved"), TaskExpired)


def test_a_failing_task_takes_the_intent_and_its_other_tasks_with_it() -> None:
    story = Story().asking(handled=True, deadline="1h").opened("task_2")
    story.wait(hours=1).tick()
    assert story.status == "FAILED"
    assert {task.state for task in story.intent.tasks.values()} == {
        TaskState.EXPIRED,
        TaskState.WITHDRAWN,
    }


def test_a_concluding_rung_decides_in_the_name_of_the_ladder() -> None:
    story = Story().asking(ladder=[{"after": "1h", "conclude": "rejected"}])
    story.wait(hours=1).tick()
    decision = story.task.decision
    assert decision is not None
    assert (decision.outcome, decision.by.label) == ("rejected", "ladder")
    assert story.status == "COMPLETED"
    refused = story.refuses(answer("approved"), AlreadyConcluded)
    assert refused.message.startswith("ladder decided rejected at 2026-03-01T10:00:00.000000Z")


def test_an_escalation_asks_more_people_and_releases_the_claim() -> None:
    story = Story().asking(handled=True)
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    story.wait(hours=24).tick()
    story.wait(hours=24).tick()
    assert story.task_state == "open"
    assert [selector.label for selector in story.task.asked.who] == [
        MARA.email,
        "role:backup-approver",
    ]
    story.answered("approved", by=BIRGIT)
    assert story.task_state == "concluded"


def test_nobody_is_reminded_while_the_agent_is_revising() -> None:
    story = Story().asking(handled=True, type="review", content="v1", revisions=1)
    story.answered("changes_requested", comment="shorter")
    (skipped,) = story.wait(hours=24).tick()
    assert skipped.body.type == "task.rung_skipped"
    assert skipped.body.reason == "the agent has yet to hand in its revision"  # type: ignore[union-attr]
    assert story.tick() == ()


def test_a_rung_of_a_closed_task_does_nothing() -> None:
    story = Story().asking(handled=True)
    story.answered("approved")
    assert story.wait(days=30).tick() == ()


@pytest.mark.parametrize("actor", [AGENT, ADMIN, MARA.actor], ids=lambda actor: actor.kind)
def test_nobody_but_the_clock_fires_a_timer(actor: Actor) -> None:
    story = Story().asking(ladder=[{"after": "1h", "conclude": "rejected"}]).wait(hours=1)
    timer = c.FireTimer(actor=actor, kind=c.TimerKind.RUNG, task_id=TASK)
    story.refuses(timer, Forbidden)
