"""Who may decide, what a loser is told, and what claims, rounds, chains and takeovers come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core.decide import why_closed
from signoff.core.routing import Actor, Person
from signoff.core.task import digest_of, shown, shown_digest
from signoff.core.words import JSON, ActorKind, TaskId
from signoff.errors import (
    AgentMayNotDecide,
    AlreadyClaimed,
    AlreadyConcluded,
    Forbidden,
    IllegalMove,
    IntentClosed,
    InvalidInput,
    NotAPerson,
    NotClaimed,
    NotEligible,
    NotFound,
    SignoffError,
    StaleView,
    TaskExpired,
    TaskOverridden,
    TaskWithdrawn,
    UnknownPerson,
)
from tests.core.story import (
    ADA,
    ADMIN,
    AGENT,
    BIRGIT,
    GONE,
    JONAS,
    MARA,
    REQUESTER,
    TASK,
    Story,
    answer,
    directory,
    person,
    request,
)

CLOCK = Actor(kind=ActorKind.CLOCK, id="clock", label="clock")


def claim(by: Person | Actor = MARA) -> c.ClaimTask:
    return c.ClaimTask(actor=by.actor if isinstance(by, Person) else by, task_id=TASK)


def release(by: Person | Actor = MARA) -> c.ReleaseTask:
    return c.ReleaseTask(actor=by.actor if isinstance(by, Person) else by, task_id=TASK)


def revise(content: object = "v2") -> c.ReviseTask:
    return c.ReviseTask(actor=AGENT, task_id=TASK, content=str(content))


def override(by: Person | Actor = JONAS, *, why: str = "it runs wild", **data: str) -> c.Command:
    actor = by.actor if isinstance(by, Person) else by
    return c.OverrideIntent(actor=actor, justification=why, data=data, task_id=TaskId("task_taken"))


# Only people decide

DECIDING: dict[str, Callable[[Actor], c.Command]] = {
    "AnswerTask": lambda actor: answer("approved", actor),
    "ClaimTask": claim,
    "OverrideIntent": override,
    "ReleaseTask": release,
}


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("command", ["AnswerTask", "ClaimTask", "OverrideIntent"])
def test_an_agent_never_decides_by_any_command(command: str, closed: bool) -> None:
    story = Story().asking(handled=True)
    if closed:
        story.answered("approved")
    story.refuses(DECIDING[command](AGENT), AgentMayNotDecide)


def test_an_agent_does_not_release_a_claim_either() -> None:
    story = Story().asking(handled=True)
    story.do(claim())
    story.refuses(release(AGENT), AgentMayNotDecide)


@pytest.mark.parametrize("actor", [ADMIN, CLOCK], ids=lambda actor: actor.kind)
@pytest.mark.parametrize("command", ["AnswerTask", "ClaimTask", "OverrideIntent"])
def test_a_key_that_belongs_to_no_person_never_decides(command: str, actor: Actor) -> None:
    Story().asking(handled=True).refuses(DECIDING[command](actor), NotAPerson)


@pytest.mark.parametrize("command", ["AnswerTask", "ClaimTask", "OverrideIntent"])
def test_a_person_who_is_gone_never_decides(command: str) -> None:
    stranger = person("stranger", "manager")
    Story().asking(handled=True).refuses(DECIDING[command](stranger.actor), NotFound)


def test_only_whoever_is_asked_answers() -> None:
    refused = Story().asking(handled=True).refuses(answer("approved", JONAS), NotEligible)
    assert MARA.email in refused.message


def test_a_disabled_person_does_not_answer() -> None:
    story = Story().asking(handled=True, assignees=["role:manager"])
    story.refuses(answer("approved", GONE), NotEligible)


def test_an_excluded_person_does_not_answer() -> None:
    story = Story().asking(handled=True, assignees=["role:manager"], exclude=[MARA.email])
    story.refuses(answer("approved", MARA), NotEligible)
    story.answered("approved", by=JONAS)


def test_eligibility_is_judged_again_when_the_answer_is_given() -> None:
    story = Story().asking(handled=True, assignees=["role:manager"])
    story.people = directory(person("mara"))
    story.refuses(answer("approved", MARA), NotEligible)


@pytest.mark.parametrize(
    "name", ["rita@acme.test", "RITA@acme.test", "person:per_rita", "per_rita"]
)
@pytest.mark.parametrize("type_", ["approval", "review", "confirmation", "assignment", "override"])
def test_nobody_decides_on_a_request_of_their_own(type_: str, name: str) -> None:
    story = Story().asking(
        handled=True, type=type_, assignees=["role:manager"], intent={"on_behalf_of": name}
    )
    story.refuses(claim(REQUESTER), NotEligible)


def test_nobody_decides_on_what_they_have_submitted_themselves() -> None:
    story = Story().asking(
        handled=True, assignees=["role:manager"], intent={"actor": REQUESTER.actor}
    )
    story.refuses(answer("approved", REQUESTER), NotEligible)


def test_the_requester_may_be_asked_what_only_they_know() -> None:
    story = Story().asking(
        handled=True,
        type="clarification",
        assignees=[REQUESTER.email],
        intent={"on_behalf_of": REQUESTER.email},
    )
    story.answered("answered", by=REQUESTER, data="the blue one")
    assert story.task_state == "concluded"


# One decision

CLOSINGS: dict[str, tuple[Callable[[Story], object], type[SignoffError]]] = {
    "concluded": (lambda story: story.answered("rejected"), AlreadyConcluded),
    "expired": (lambda story: story.wait(days=9).tick(), TaskExpired),
    "withdrawn": (
        lambda story: story.do(c.WithdrawTask(actor=AGENT, task_id=TASK, reason="no need")),
        TaskWithdrawn,
    ),
    "overridden": (lambda story: story.do(override(action="stop")), TaskOverridden),
}


@pytest.mark.parametrize("state", CLOSINGS)
def test_whoever_comes_too_late_is_told_what_became_of_the_task(state: str) -> None:
    story = Story().asking(handled=True)
    close, error = CLOSINGS[state]
    close(story)
    assert story.task_state == state
    for command in (answer("approved"), claim(), release(), revise()):
        refused = story.refuses(command, error)
        assert refused.about["task_id"] == TASK
        assert refused.about["state"] == state
    assert type(why_closed(story.task)) is error


def test_a_loser_is_told_who_won_and_when() -> None:
    story = Story().asking(handled=True, assignees=["role:manager"])
    story.answered("rejected", by=JONAS)
    refused = story.wait(minutes=5).refuses(answer("approved"), AlreadyConcluded)
    assert refused.message == f"{JONAS.email} decided rejected at 2026-03-01T09:00:00.000000Z"
    assert refused.about == {
        "task_id": TASK,
        "state": "concluded",
        "outcome": "rejected",
        "by": JONAS.email,
        "at": "2026-03-01T09:00:00.000000Z",
    }


def test_a_decision_holds_all_that_was_said() -> None:
    story = Story().asking(handled=True)
    story.answered("approved", comment="fine", data={"limit": 3}, evidence=["INV-7"])
    decision = story.task.decision
    assert decision is not None
    assert (decision.outcome, decision.by, decision.at) == ("approved", MARA.actor, story.now)
    assert (decision.comment, decision.data) == ("fine", {"limit": 3})
    assert [piece.value for piece in decision.evidence] == ["INV-7"]


def test_an_answer_to_what_is_no_longer_shown_is_stale() -> None:
    story = Story().asking(handled=True, type="review", content="v1", revisions=1)
    shown = story.task.view_digest
    story.answered("changes_requested", comment="shorter", digest=shown)
    story.do(revise())
    refused = story.refuses(answer("approved", digest=shown), StaleView)
    assert refused.about == {"shown": shown, "current": story.task.view_digest}
    story.answered("approved", digest=story.task.view_digest)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Refund 241 EUR?"},
        {"description": "more"},
        {"action": {"name": "refund", "arguments": {"amount": 241}}},
        {"risk": "high"},
        {"outcomes": ["approved"]},
        {"schema": {"type": "object"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_view_digest_changes_with_whatever_is_shown(change: dict[str, Any]) -> None:
    asked: dict[str, Any] = {"action": {"name": "refund", "arguments": {"amount": 240}}}
    one, other = Story().asking(**asked), Story().asking(**{**asked, **change})
    assert one.task.view_digest != other.task.view_digest
    assert one.task.view_digest == Story().asking(**asked).task.view_digest


def test_a_remembered_view_digest_is_that_of_what_is_shown() -> None:
    """Of the same ask in another stage or round, or with other content, it is another one."""
    asks = [Story().asking(title=f"Refund {n}").task.ask for n in range(600)]
    views: list[tuple[int, int, JSON]] = [
        (0, 0, None),
        (1, 0, None),
        (0, 1, None),
        (0, 1, {"a": 1}),
        (0, 1, {"a": 2}),
    ]

    for _ in range(2):
        for ask in asks:
            for stage, rounds, content in views:
                said = shown(ask, stage=stage, rounds=rounds, content=content)
                found = shown_digest(ask, stage=stage, rounds=rounds, content=content)
                assert found == digest_of(said)
                assert found == shown_digest(ask, stage=stage, rounds=rounds, content=content)


# Claims


def test_a_claimed_task_is_answered_by_its_claimer_alone_until_it_is_released() -> None:
    story = Story().asking(handled=True, assignees=["role:manager"])
    story.do(claim())
    assert story.task.claimed_by == MARA.actor
    assert story.refuses(answer("approved", JONAS), AlreadyClaimed).about == {
        "claimed_by": MARA.email
    }
    story.refuses(claim(JONAS), AlreadyClaimed)
    story.do(release())
    story.answered("approved", by=JONAS)


def test_claiming_twice_is_claiming_once() -> None:
    story = Story().asking(handled=True)
    assert len(story.do(claim())) == 1
    assert story.do(claim()) == ()


@pytest.mark.parametrize("by", [MARA, ADA, ADMIN], ids=["claimer", "administrator", "admin key"])
def test_a_claim_is_released_by_its_claimer_or_an_administrator(by: Person | Actor) -> None:
    story = Story().asking(handled=True, assignees=["role:manager"])
    story.do(claim())
    story.do(release(by))
    assert story.task_state == "open"


def test_nobody_else_releases_a_claim() -> None:
    story = Story().asking(handled=True, assignees=["role:manager"])
    story.refuses(release(), NotClaimed)
    story.do(claim())
    story.refuses(release(JONAS), AlreadyClaimed)


# Review rounds


def test_changes_requested_asks_the_agent_and_the_revision_asks_the_people_again() -> None:
    story = Story().asking(handled=True, type="review", content="v1", revisions=1)
    story.do(claim())
    story.answered("changes_requested", comment="shorter")
    assert (story.task_state, story.status) == ("open", "WAITING")
    assert story.task.decision is None
    story.refuses(answer("approved"), IllegalMove)
    story.do(revise("v2"))
    assert story.task.content == "v2"
    assert [(said.comment, said.content) for said in story.task.rounds] == [("shorter", "v1")]
    story.answered("approved")
    assert story.task_state == "concluded"


def test_when_its_revisions_are_used_up_changes_requested_is_the_outcome() -> None:
    story = Story().asking(handled=True, type="review", content="v1", revisions=1)
    story.answered("changes_requested", comment="shorter")
    story.do(revise())
    story.answered("changes_requested", comment="still too long")
    assert story.task.decision is not None
    assert story.task.decision.outcome == "changes_requested"


def test_a_revision_nobody_asked_for_is_refused() -> None:
    Story().asking(handled=True, type="review", revisions=1).refuses(revise(), IllegalMove)


# Chains


def test_a_chain_asks_stage_by_stage_and_the_last_one_concludes() -> None:
    story = Story().asking(handled=True, chain=[MARA.email, {"who": JONAS.email}])
    story.refuses(answer("approved", JONAS), NotEligible)
    story.do(claim())
    story.answered("approved")
    assert (story.task.stage, story.task_state, story.task.decision) == (1, "open", None)
    story.refuses(answer("approved", MARA), NotEligible)
    story.answered("approved", by=JONAS)
    assert story.task_state == "concluded"


def test_a_chain_ends_with_the_first_refusal() -> None:
    story = Story().asking(chain=[MARA.email, JONAS.email])
    story.answered("rejected")
    assert (story.task_state, story.task.stage) == ("concluded", 0)


def test_a_revision_starts_the_chain_anew_and_voids_what_was_answered() -> None:
    story = Story().asking(
        handled=True,
        type="review",
        content="v1",
        revisions=1,
        chain=[MARA.email, JONAS.email],
        ladder=[{"after": "1h", "do": "escalate", "to": BIRGIT.email}],
    )
    story.answered("approved")
    story.wait(hours=1).tick()
    story.answered("changes_requested", by=BIRGIT, comment="shorter")
    story.do(revise())
    assert [selector.label for selector in story.task.asked.who] == [MARA.email]
    story.refuses(answer("approved", BIRGIT), NotEligible)


# Takeovers


def test_a_takeover_stops_the_run() -> None:
    story = Story().asking(handled=True)
    story.do(override(action="stop"))
    assert (story.status, story.task_state) == ("CANCELED", "overridden")
    assert story.kinds[-3:] == ["intent.overridden", "task.overridden", "intent.canceled"]
    assert "it runs wild" in str(story.intent.ended_because)


def test_a_takeover_replaces_the_result() -> None:
    story = Story().submit(handled=True)
    story.do(override(action="replace", result="refunded by hand"))
    assert (story.status, story.intent.result) == ("COMPLETED", "refunded by hand")


def test_a_takeover_hands_the_run_to_a_person_whose_work_ends_it() -> None:
    story = Story().asking(handled=True)
    story.do(override(action="hand_over", to=BIRGIT.email))
    work = story.intent.tasks[TaskId("task_taken")]
    assert (work.ask.type, work.asked.who[0].label) == ("manual_action", BIRGIT.email)
    assert story.status == "WAITING"
    story.answered("completed", by=BIRGIT, task="task_taken")
    assert story.status == "COMPLETED"


@pytest.mark.parametrize(
    "command",
    [
        c.RecordStep(actor=AGENT, name="draft", kind="step", output=1),
        c.OpenTask(actor=AGENT, task=request("task_3")),
        c.WithdrawTask(actor=AGENT, task_id=TaskId("task_taken"), reason="mine"),
        c.CompleteIntent(actor=AGENT, result=1),
        c.FailIntent(actor=AGENT, reason="crashed"),
        c.CancelIntent(actor=AGENT, reason="mine"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_run_handed_over_is_its_agents_no_longer(command: c.Command) -> None:
    story = Story().submit(handled=True)
    story.do(override(action="hand_over", to=BIRGIT.email))
    story.refuses(command, TaskOverridden)


def test_answering_an_override_takes_the_run_over() -> None:
    story = Story().asking(handled=True, type="override").opened("task_2")
    story.answered("overridden", comment="stop it", data={"action": "hand_over", "to": "role:ops"})
    assert story.task_state == "concluded"
    assert story.intent.tasks[TaskId("task_2")].state == "overridden"
    assert story.intent.tasks[TaskId("task_1-handover")].live


def test_refusing_an_override_lets_the_run_go_on() -> None:
    story = Story().asking(handled=True, type="override")
    story.answered("refused", comment="all is well")
    assert story.status == "IN_PROGRESS"


def test_a_takeover_needs_the_role_a_justification_and_somebody_to_hand_it_to() -> None:
    story = Story().asking(handled=True)
    story.refuses(override(MARA), Forbidden)
    assert story.refuses(override(why=" "), InvalidInput).errors[0].field == "justification"
    refused = story.refuses(override(action="hand_over", to="nobody@acme.test"), UnknownPerson)
    assert refused.errors[0].field == "data.to"


def test_a_disabled_operator_takes_nothing_over() -> None:
    story = Story().asking(handled=True)
    story.people = directory(person("jonas", "operator", disabled=True))
    story.refuses(override(), Forbidden)


def test_a_closed_run_is_not_taken_over() -> None:
    story = Story().asking()
    story.answered("approved")
    story.refuses(override(), IntentClosed)
