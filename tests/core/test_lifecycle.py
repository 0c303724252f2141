"""The lifecycle, held against literal tables: every status with every event and every command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.decide import ALLOWED
from signoff.core.intent import TERMINAL, TRANSITIONS, Intent, evolve, replay
from signoff.core.words import IntentStatus, TaskId, WaitingReason
from signoff.errors import IllegalMove, IntentClosed, NotFound, SignoffError
from tests.core.story import (
    ADMIN,
    AGENT,
    DEADLINE,
    INTENT,
    JONAS,
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

HOUR = timedelta(hours=1)

BEFORE_WORK = {
    "intent.started": "IN_PROGRESS",
    "intent.waiting": "WAITING",
    "intent.completed": "COMPLETED",
    "intent.failed": "FAILED",
    "intent.canceled": "CANCELED",
    "intent.timed_out": "TIMED_OUT",
}
LIFECYCLE = {
    "CREATED": {"intent.submitted": "SUBMITTED"},
    "SUBMITTED": BEFORE_WORK,
    "DELIVERED": BEFORE_WORK,
    "ACKNOWLEDGED": BEFORE_WORK,
    "IN_PROGRESS": {
        "intent.waiting": "WAITING",
        "intent.completed": "COMPLETED",
        "intent.failed": "FAILED",
        "intent.canceled": "CANCELED",
        "intent.timed_out": "TIMED_OUT",
    },
    "WAITING": {
        "intent.waiting": "WAITING",
        "intent.resumed": "IN_PROGRESS",
        "intent.completed": "COMPLETED",
        "intent.failed": "FAILED",
        "intent.canceled": "CANCELED",
        "intent.timed_out": "TIMED_OUT",
    },
    "COMPLETED": {},
    "FAILED": {},
    "CANCELED": {},
    "TIMED_OUT": {},
}
LIVE = ("SUBMITTED", "DELIVERED", "ACKNOWLEDGED", "IN_PROGRESS", "WAITING")
COMMANDS = {
    "SubmitIntent": ("CREATED",),
    "OpenTask": LIVE,
    "AnswerTask": ("WAITING",),
    "ClaimTask": ("WAITING",),
    "ReleaseTask": ("WAITING",),
    "ReviseTask": ("WAITING",),
    "WithdrawTask": ("WAITING",),
    "DelegateTask": ("WAITING",),
    "ReassignTask": ("WAITING",),
    "WatchTask": ("WAITING",),
    "UnwatchTask": ("WAITING",),
    "CommentTask": ("WAITING",),
    "SnoozeTask": ("WAITING",),
    "ExtendTask": ("WAITING",),
    "PauseTask": ("WAITING",),
    "ResumeTask": ("WAITING",),
    "RecordStep": LIVE,
    "Sleep": LIVE,
    "CompleteIntent": LIVE,
    "FailIntent": LIVE,
    "CancelIntent": LIVE,
    "OverrideIntent": LIVE,
    "FireTimer": LIVE,
}
MOVERS: dict[str, e.Body] = {
    "intent.started": e.IntentStarted(),
    "intent.waiting": e.IntentWaiting(reason=WaitingReason.HUMAN),
    "intent.resumed": e.IntentResumed(),
    "intent.completed": e.IntentCompleted(result=None),
    "intent.failed": e.IntentFailed(reason="no"),
    "intent.canceled": e.IntentCanceled(reason="no"),
    "intent.timed_out": e.IntentTimedOut(reason="no"),
}


def in_status(status: IntentStatus) -> Intent | None:
    """An intent in this status: a waiting one waits for its task, a live one is the agent's."""
    if status is IntentStatus.CREATED:
        return None
    if status is IntentStatus.WAITING:
        return Story().asking(handled=True, watchers=[MARA.email]).intent
    submitted = Story().submit(handled=True).intent
    return replace(submitted, status=status)


def test_the_transitions_are_the_literal_table() -> None:
    drawn = {
        str(status): {body.type: str(after) for body, after in row.items()}
        for status, row in TRANSITIONS.items()
    }
    assert drawn == LIFECYCLE


def test_the_allowed_commands_are_the_literal_table() -> None:
    drawn = {command.__name__: {str(s) for s in row} for command, row in ALLOWED.items()}
    assert drawn == {command: set(row) for command, row in COMMANDS.items()}


def test_every_command_there_is_stands_in_the_table() -> None:
    assert set(ALLOWED) == set(c.Command.__args__)


@pytest.mark.parametrize("mover", MOVERS)
@pytest.mark.parametrize("status", [status for status in IntentStatus if status != "CREATED"])
def test_an_event_moves_an_intent_as_the_table_says_or_not_at_all(
    status: IntentStatus, mover: str
) -> None:
    state = in_status(status)
    assert state is not None
    event = e.Event(seq=state.seq + 1, at=START, actor=AGENT, body=MOVERS[mover])
    wanted = LIFECYCLE[status].get(mover)
    if wanted is None:
        with pytest.raises((IllegalMove, IntentClosed)):
            evolve(state, event, intent_id=INTENT)
    else:
        assert evolve(state, event, intent_id=INTENT).status == wanted


def commands() -> dict[str, c.Command]:
    takeover = TaskId("task_9")
    return {
        "SubmitIntent": submit(),
        "OpenTask": c.OpenTask(actor=AGENT, task=request("task_2")),
        "AnswerTask": answer("approved"),
        "ClaimTask": c.ClaimTask(actor=MARA.actor, task_id=TASK),
        "ReleaseTask": c.ReleaseTask(actor=MARA.actor, task_id=TASK),
        "ReviseTask": c.ReviseTask(actor=AGENT, task_id=TASK, content="new"),
        "WithdrawTask": c.WithdrawTask(actor=AGENT, task_id=TASK, reason="no need"),
        "DelegateTask": c.DelegateTask(actor=MARA.actor, task_id=TASK, to=JONAS.email),
        "ReassignTask": c.ReassignTask(
            actor=MARA.actor, task_id=TASK, to=(JONAS.email,), reason="she knows"
        ),
        "WatchTask": c.WatchTask(actor=JONAS.actor, task_id=TASK),
        "UnwatchTask": c.UnwatchTask(actor=MARA.actor, task_id=TASK, who=MARA.id),
        "CommentTask": c.CommentTask(actor=MARA.actor, task_id=TASK, text="why?"),
        "SnoozeTask": c.SnoozeTask(actor=MARA.actor, task_id=TASK, until=START + HOUR),
        "ExtendTask": c.ExtendTask(actor=ADMIN, task_id=TASK, by=HOUR, reason="holidays"),
        "PauseTask": c.PauseTask(actor=MARA.actor, task_id=TASK, reason="a receipt"),
        "ResumeTask": c.ResumeTask(actor=MARA.actor, task_id=TASK),
        "RecordStep": c.RecordStep(actor=AGENT, name="draft", kind="step", output=1),
        "Sleep": c.Sleep(actor=AGENT, name="rest", until=START),
        "CompleteIntent": c.CompleteIntent(actor=AGENT, result=1),
        "FailIntent": c.FailIntent(actor=AGENT, reason="broken"),
        "CancelIntent": c.CancelIntent(actor=AGENT, reason="no need"),
        "OverrideIntent": c.OverrideIntent(
            actor=JONAS.actor, justification="it runs wild", task_id=takeover
        ),
    }


WHILE_WAITING = {
    "ReleaseTask": "not_claimed",
    "ReviseTask": "illegal_move",
    "CompleteIntent": "illegal_move",
    "PauseTask": "illegal_move",
    "ResumeTask": "illegal_move",
}
"""The task in ``in_status`` is unclaimed and still open, has asked for no changes, and has a clock
that nobody may stop."""


@pytest.mark.parametrize("status", list(IntentStatus))
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "FireTimer"])
def test_a_command_is_taken_in_the_statuses_of_the_table_and_refused_in_every_other(
    name: str, status: IntentStatus
) -> None:
    story = Story(state=in_status(status))
    command = commands()[name]
    if status not in COMMANDS[name]:
        with pytest.raises(SignoffError):
            story.do(command)
        assert story.history == []
    elif status is IntentStatus.WAITING and name in WHILE_WAITING:
        with pytest.raises(SignoffError) as refused:
            story.do(command)
        assert refused.value.code == WHILE_WAITING[name]
    else:
        assert story.do(command)


@pytest.mark.parametrize("timer", [rung(), DEADLINE, SLEEP], ids=["rung", "deadline", "sleep"])
@pytest.mark.parametrize("status", [*TERMINAL, IntentStatus.CREATED])
def test_a_timer_does_nothing_to_an_intent_that_is_closed_or_was_never_there(
    status: IntentStatus, timer: c.FireTimer
) -> None:
    assert Story(state=in_status(status)).wait(days=30).do(timer) == ()


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("body", [*MOVERS.values(), e.IntentAwoke(name="rest")], ids=repr)
def test_a_terminal_intent_never_changes(status: IntentStatus, body: e.Body) -> None:
    state = in_status(status)
    assert state is not None
    event = e.Event(seq=state.seq + 1, at=START, actor=AGENT, body=body)
    with pytest.raises(IntentClosed):
        evolve(state, event, intent_id=INTENT)


ENDINGS: dict[str, Callable[[Story], object]] = {
    "COMPLETED": lambda story: story.answered("approved"),
    "CANCELED": lambda story: story.do(c.CancelIntent(actor=AGENT, reason="no")),
    "FAILED": lambda story: story.do(c.FailIntent(actor=AGENT, reason="no")),
    "TIMED_OUT": lambda story: story.wait(hours=5).do(DEADLINE),
}


@pytest.mark.parametrize("status", ENDINGS)
def test_no_task_of_a_closed_intent_is_live(status: str) -> None:
    story = Story().asking(intent={"deadline": START.replace(hour=14)})
    ENDINGS[status](story)
    assert story.intent.status == status
    assert story.intent.live_tasks == ()
    assert story.armed == {}


def test_an_intent_submitted_with_a_task_completes_with_its_decision_whatever_it_is() -> None:
    story = Story().asking()
    story.answered("rejected", comment="too much")
    assert story.status == "COMPLETED"
    assert story.intent.result == {"task_id": TASK, "outcome": "rejected", "data": None}


def test_an_intent_nobody_handles_waits_for_the_last_of_its_decisions() -> None:
    story = Story().asking().opened("task_2")
    story.answered("approved")
    assert story.status == "WAITING"
    story.answered("approved", task="task_2")
    assert story.status == "COMPLETED"


def test_a_handled_intent_goes_on_after_the_decision_and_completes_with_its_own_result() -> None:
    story = Story().asking(handled=True)
    story.answered("approved")
    assert story.status == "IN_PROGRESS"
    story.do(c.CompleteIntent(actor=AGENT, result={"refunded": 240}))
    assert story.status == "COMPLETED"
    assert story.intent.result == {"refunded": 240}


def test_an_intent_nobody_handles_takes_no_result_from_its_agent() -> None:
    Story().submit().refuses(c.CompleteIntent(actor=AGENT, result=1), IllegalMove)


def test_withdrawing_the_last_task_cancels_an_intent_nobody_handles() -> None:
    story = Story().asking()
    story.do(c.WithdrawTask(actor=AGENT, task_id=TASK, reason="customer gave up"))
    assert story.status == "CANCELED"
    assert story.intent.ended_because == "customer gave up"


def test_what_an_intent_waits_for_follows_its_tasks_and_sleeps() -> None:
    story = Story().submit(handled=True)
    reasons = [story.intent.waiting_reason]
    story.do(c.Sleep(actor=AGENT, name="rest", until=story.now.replace(hour=10)))
    reasons.append(story.intent.waiting_reason)
    story.opened(TASK, type="review", content="v1", revisions=1)
    reasons.append(story.intent.waiting_reason)
    story.answered("changes_requested", comment="shorter")
    reasons.append(story.intent.waiting_reason)
    story.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    reasons.append(story.intent.waiting_reason)
    story.answered("approved")
    reasons.append(story.intent.waiting_reason)
    story.wait(hours=1).do(SLEEP)
    reasons.append(story.intent.waiting_reason)
    assert [str(reason) for reason in reasons] == [
        "None",
        "WAITING_FOR_TIME",
        "WAITING_FOR_HUMAN",
        "WAITING_FOR_AGENT",
        "WAITING_FOR_HUMAN",
        "WAITING_FOR_TIME",
        "None",
    ]


def test_replaying_the_events_gives_the_state() -> None:
    story = Story().asking(handled=True, type="review", content="v1", revisions=2)
    story.answered("changes_requested", comment="shorter")
    story.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    story.answered("approved")
    assert replay(story.history, intent_id=INTENT) == story.intent
    assert [event.seq for event in story.history] == list(range(1, len(story.history) + 1))


@pytest.mark.parametrize("missing", [0, 1])
def test_a_history_with_a_gap_is_refused(missing: int) -> None:
    history = Story().asking(handled=True).history
    with pytest.raises(IllegalMove):
        replay(history[:missing] + history[missing + 1 :], intent_id=INTENT)


@pytest.mark.parametrize(
    "body",
    [
        e.TaskClaimed(task_id=TASK),
        e.TaskExpired(task_id=TASK, due_at=START),
        e.TaskConcluded(
            task_id=TASK, outcome="approved", data=None, comment=None, evidence=(), reason="again"
        ),
        e.TaskReleased(task_id=TaskId("task_404"), reason="of nobody"),
    ],
    ids=lambda body: body.type,
)
def test_no_event_changes_a_task_that_has_closed_or_was_never_opened(body: e.TaskBody) -> None:
    story = Story().asking(handled=True)
    story.answered("rejected")
    event = e.Event(seq=story.intent.seq + 1, at=START, actor=AGENT, body=body)
    with pytest.raises(IllegalMove):
        evolve(story.intent, event, intent_id=INTENT)


def test_submitting_an_intent_twice_is_refused() -> None:
    Story().submit(handled=True).refuses(submit(), IllegalMove)


def test_a_task_id_opens_one_task_only() -> None:
    story = Story().asking(handled=True)
    story.refuses(c.OpenTask(actor=AGENT, task=request(TASK)), IllegalMove)


def test_a_command_for_a_task_nobody_opened_is_not_found() -> None:
    story = Story().asking(handled=True)
    story.refuses(answer("approved", task="task_404"), NotFound)


def test_an_intent_waits_on_a_hundred_tasks_at_most() -> None:
    story = Story().submit(handled=True)
    for number in range(100):
        story.opened(f"task_{number}")
    error = c.OpenTask(actor=AGENT, task=request("task_100"))
    with pytest.raises(SignoffError, match="at most 100"):
        story.do(error)


# Sleeps


def test_a_sleep_ends_at_its_time_and_not_before() -> None:
    story = Story().submit(handled=True)
    story.do(c.Sleep(actor=AGENT, name="rest", until=START.replace(hour=10)))
    assert story.armed == {(c.TimerKind.SLEEP, None): START.replace(hour=10)}
    assert story.wait(minutes=59, seconds=59).do(SLEEP) == ()
    assert [event.body.type for event in story.wait(seconds=1).do(SLEEP)] == [
        "intent.awoke",
        "intent.resumed",
    ]
    assert story.armed == {}


def test_a_sleep_until_the_past_ends_now() -> None:
    story = Story().submit(handled=True)
    story.do(c.Sleep(actor=AGENT, name="rest", until=START.replace(year=2020)))
    assert story.intent.sleeps == {"rest": START}


def test_the_journal_says_when_a_sleep_ends() -> None:
    story = Story().submit(handled=True)
    story.do(c.Sleep(actor=AGENT, name="rest", until=START.replace(hour=10)))
    steps = [event.body for event in story.history if isinstance(event.body, e.StepRecorded)]
    assert [step.output for step in steps] == ["2026-03-01T10:00:00.000000Z"]


def test_of_several_sleeps_the_earliest_is_armed() -> None:
    story = Story().submit(handled=True)
    for name, hour in (("late", 15), ("early", 11)):
        story.do(c.Sleep(actor=AGENT, name=name, until=START.replace(hour=hour)))
    assert story.armed == {(c.TimerKind.SLEEP, None): START.replace(hour=11)}
    story.wait(hours=2).do(SLEEP)
    assert story.armed == {(c.TimerKind.SLEEP, None): START.replace(hour=15)}
    assert story.status == "WAITING"
