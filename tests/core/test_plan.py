"""Duties: armed times follow the state, people are told once, the agent is never forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.plan import Notify, SetTimer, WakeAgent, plan
from signoff.core.routing import Absence, Selector
from signoff.core.words import TaskId
from tests.core.story import (
    AGENT,
    BIRGIT,
    DEADLINE,
    JONAS,
    MARA,
    REQUESTER,
    START,
    TASK,
    Story,
    directory,
)

RUNG = (c.TimerKind.RUNG, TASK)


def told(story: Story) -> list[tuple[str, list[str]]]:
    notices = [duty for duty in story.duties if isinstance(duty, Notify)]
    return [(notice.reason, [to.label for to in notice.to]) for notice in notices]


def woken(story: Story) -> list[str]:
    return [duty.task_id for duty in story.duties if isinstance(duty, WakeAgent)]


def timers(story: Story) -> list[SetTimer]:
    return [duty for duty in story.duties if isinstance(duty, SetTimer)]


def test_opening_a_task_arms_its_first_rung_and_tells_whoever_is_asked() -> None:
    story = Story().asking(handled=True)
    assert timers(story) == [
        SetTimer(kind=c.TimerKind.RUNG, task_id=TASK, at=START + timedelta(hours=24))
    ]
    assert told(story) == [("opened", [MARA.email])]
    assert woken(story) == []


def test_every_rung_arms_the_next_one_and_the_last_one_none() -> None:
    story = Story().asking(handled=True)
    armed = []
    while story.armed:
        armed.append((story.armed[RUNG] - START) / timedelta(hours=1))
        story.now = story.armed[RUNG]
        story.tick()
    assert armed == [24, 32, 40, 48, 72]


def test_the_second_rung_of_one_moment_is_armed_anew() -> None:
    """Whoever fired the first holds a lease on the timer; the second must not wait for its end."""
    ladder = [
        {"after": "48h", "do": "notify", "to": MARA.email},
        {"after": "48h", "do": "escalate", "to": JONAS.email},
        {"after": "72h", "do": "fail"},
    ]
    story = Story().asking(handled=True, ladder=ladder)
    story.now = START + timedelta(hours=48)

    story.tick()

    assert timers(story) == [SetTimer(kind=c.TimerKind.RUNG, task_id=TASK, at=story.now)]


def test_a_decision_disarms_the_ladder_and_wakes_the_agent() -> None:
    story = Story().asking(handled=True)
    story.answered("approved")
    assert timers(story) == [SetTimer(kind=c.TimerKind.RUNG, task_id=TASK, at=None)]
    assert woken(story) == [TASK]
    assert told(story) == []


def test_a_claim_arms_and_tells_nothing() -> None:
    story = Story().asking(handled=True)
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    assert story.duties == []


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (c.WithdrawTask(actor=AGENT, task_id=TASK, reason="r"), "task.withdrawn"),
        (c.CancelIntent(actor=AGENT, reason="r"), "task.withdrawn"),
        (c.FailIntent(actor=AGENT, reason="r"), "task.withdrawn"),
        (
            c.OverrideIntent(actor=JONAS.actor, justification="j", task_id=TaskId("task_2")),
            "task.overridden",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_however_a_task_closes_its_agent_is_woken(command: c.Command, kind: str) -> None:
    story = Story().asking(handled=True)
    story.do(command)
    assert kind in story.kinds
    assert woken(story) == [TASK]
    assert story.armed == {}


def test_an_expiry_wakes_the_agent_for_every_task_it_closes() -> None:
    story = Story().asking(handled=True, deadline="1h").opened("task_2")
    story.wait(hours=1).tick()
    assert woken(story) == [TASK, "task_2"]
    assert story.armed == {}


def test_rounds_and_stages_tell_whoever_has_to_act_next() -> None:
    story = Story().asking(
        handled=True, type="review", content="v1", revisions=1, chain=[MARA.email, JONAS.email]
    )
    story.answered("changes_requested", comment="shorter")
    assert (told(story), woken(story)) == ([], [TASK])
    story.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    assert (told(story), woken(story)) == ([("revised", [MARA.email])], [])
    story.answered("approved")
    assert (told(story), woken(story)) == ([("advanced", [JONAS.email])], [])


def test_reminders_go_to_everybody_asked_and_an_escalation_to_whom_it_adds() -> None:
    ladder = [
        {"after": "1h", "do": "escalate", "to": BIRGIT.email},
        {"after": "2h", "do": "remind"},
    ]
    story = Story().asking(handled=True, ladder=ladder)
    story.wait(hours=1).tick()
    assert told(story) == [("escalated", [BIRGIT.email])]
    story.wait(hours=1).tick()
    assert told(story) == [("reminded", [MARA.email, BIRGIT.email])]


def notices(story: Story) -> list[Notify]:
    return [duty for duty in story.duties if isinstance(duty, Notify)]


def labels(selectors: Iterable[Selector]) -> set[str]:
    return {selector.label for selector in selectors}


def test_whoever_stands_in_is_told_beside_whom_they_stand_in_for() -> None:
    gone = Absence(start=START, end=START + timedelta(days=9), substitute=BIRGIT.id)
    story = Story(people=directory(replace(MARA, absences=(gone,)), BIRGIT, JONAS))
    story.asking(handled=True)
    assert told(story) == [("opened", [MARA.email, BIRGIT.email])]
    story.do(c.DelegateTask(actor=MARA.actor, task_id=TASK, to=JONAS.email))
    assert told(story) == [("delegated", [JONAS.email])]


def test_a_reassignment_tells_who_is_new_alone() -> None:
    story = Story().asking(handled=True, assignees=[MARA.email, JONAS.email])
    story.do(
        c.ReassignTask(
            actor=MARA.actor, task_id=TASK, to=(BIRGIT.email, JONAS.email), reason="on leave"
        )
    )
    assert told(story) == [("reassigned", [BIRGIT.email])]


def test_nobody_excluded_and_no_requester_is_told_that_they_are_asked() -> None:
    story = Story().asking(
        handled=True,
        assignee="role:manager",
        exclude=[JONAS.email],
        intent={"on_behalf_of": REQUESTER.email},
    )
    (notice,) = notices(story)
    assert labels(notice.exclude) == {JONAS.email}
    assert notice.barred == (REQUESTER.email,)


def test_a_reminder_leaves_out_who_has_answered_and_for_whom_somebody_has() -> None:
    gone = Absence(start=START, end=START + timedelta(days=9), substitute=BIRGIT.id)
    people = directory(replace(MARA, absences=(gone,)), BIRGIT, JONAS, REQUESTER)
    story = Story(people=people)
    story.asking(handled=True, chain=[{"who": "role:manager", "need": 3}])
    story.answered("approved", by=BIRGIT)
    story.answered("approved", by=JONAS)
    story.wait(hours=24).tick()
    (notice,) = notices(story)
    assert notice.reason == "reminded"
    assert {selector.value for selector in notice.exclude} == {MARA.id, BIRGIT.id, JONAS.id}


CLOSING = {
    "decided": lambda story: story.answered("approved"),
    "closed": lambda story: story.do(c.WithdrawTask(actor=AGENT, task_id=TASK, reason="r")),
}


@pytest.mark.parametrize("reason", CLOSING)
def test_whoever_watches_is_told_how_it_ended(reason: str) -> None:
    story = Story().asking(handled=True, watchers=[BIRGIT.email, "group:payments"])
    CLOSING[reason](story)
    assert told(story) == [(reason, [BIRGIT.email, "group:payments"])]


def test_a_comment_tells_whoever_is_on_it_or_watches_but_not_who_made_it() -> None:
    story = Story().asking(handled=True, assignees=[MARA.email], watchers=[BIRGIT.email])
    story.do(c.CommentTask(actor=MARA.actor, task_id=TASK, text="why?"))
    (notice,) = notices(story)
    assert (notice.reason, labels(notice.to)) == ("commented", {MARA.email, BIRGIT.email})
    assert labels(notice.exclude) == {MARA.email}


def test_nobody_is_told_of_a_task_that_closed_in_the_same_breath() -> None:
    story = Story().asking(handled=True)
    story.do(c.WithdrawTask(actor=AGENT, task_id=TASK, reason="no need"))
    duties = plan(None, story.intent, story.history)
    assert [type(duty) for duty in duties] == [WakeAgent]


def test_a_deadline_is_armed_from_the_start_and_disarmed_at_the_end() -> None:
    deadline = START + timedelta(hours=3)
    story = Story().submit(handled=True, deadline=deadline)
    assert story.armed == {(c.TimerKind.DEADLINE, None): deadline}
    story.wait(hours=3).do(DEADLINE)
    assert story.armed == {}


def test_what_a_batch_made_of_an_intent_is_planned_as_one() -> None:
    story = Story().asking(handled=True)
    before, seen = story.intent, len(story.history)
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    story.answered("approved")
    duties = plan(before, story.intent, story.history[seen:])
    assert duties == (
        SetTimer(kind=c.TimerKind.RUNG, task_id=TASK, at=None),
        WakeAgent(task_id=TASK),
    )


def test_every_event_has_its_word() -> None:
    assert len(e.BODIES) == len(e.IntentBody.__args__) + len(e.TaskBody.__args__)
