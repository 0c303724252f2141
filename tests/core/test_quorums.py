"""Quorum, quotas and refusals: how many people it takes, and what those say who say no."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.chain import Place, fill
from signoff.core.routing import Person, Selector, SelectorKind
from signoff.core.tally import progress
from signoff.errors import AlreadyAnswered, AlreadyClaimed, NotEligible
from tests.core.story import AGENT, TASK, Story, answer, directory, person

ANN = person("ann", "engineer")
BEN = person("ben", "engineer")
CAT = person("cat", "engineer", "manager")
DAN = person("dan", "manager")
EVE = person("eve", "lawyer")
TEAM = (ANN, BEN, CAT, DAN, EVE)
BOARD: dict[str, Any] = {"role:engineer": 2, "role:manager": 1}


def asking(stage: dict[str, Any] | list[Any], *people: Person, **asked: Any) -> Story:
    story = Story(people=directory(*(people or TEAM)))
    chain = stage if isinstance(stage, list) else [stage]
    return story.asking(handled=True, chain=chain, **asked)


def outcome(story: Story) -> tuple[str, str | None]:
    decision = story.task.decision
    return story.task_state, decision.outcome if decision else None


# How many


def test_a_stage_is_satisfied_by_as_many_people_as_it_needs() -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.answered("approved", by=ANN)
    assert outcome(story) == ("open", None)
    assert [(vote.by, vote.seat) for vote in story.task.votes] == [(ANN.actor, ANN.id)]
    story.answered("approved", by=BEN)
    assert outcome(story) == ("concluded", "approved")


def test_nobody_counts_twice() -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.answered("approved", by=ANN)
    refused = story.refuses(answer("approved", ANN), AlreadyAnswered)
    assert refused.about == {"task_id": TASK, "outcome": "approved"}


def test_a_mind_may_be_changed_while_the_stage_is_open() -> None:
    story = asking({"who": "role:engineer", "need": 2, "veto": False})
    story.answered("approved", by=ANN)
    story.answered("rejected", by=ANN)
    assert [vote.outcome for vote in story.task.votes] == ["rejected"]
    story.answered("approved", by=ANN)
    story.answered("approved", by=CAT)
    assert outcome(story) == ("concluded", "approved")


def test_an_answer_that_does_not_decide_ends_the_claim() -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.do(c.ClaimTask(actor=ANN.actor, task_id=TASK))
    story.refuses(answer("approved", BEN), AlreadyClaimed)
    story.answered("approved", by=ANN)
    assert (story.task_state, story.task.claimed_by) == ("open", None)
    story.answered("approved", by=BEN)
    assert story.task_state == "concluded"


# Of whom


@pytest.mark.parametrize(
    ("said_by", "satisfied"),
    [
        ([ANN, BEN, DAN], True),
        ([DAN, ANN, BEN], True),
        ([ANN, BEN, CAT], True),
        ([CAT, ANN, BEN], True),
        ([ANN, CAT, DAN], True),
        ([CAT, ANN], False),
        ([CAT, DAN, ANN], True),
        ([CAT, DAN], False),
        ([ANN, BEN], False),
    ],
    ids=lambda value: "+".join(p.name for p in value) if isinstance(value, list) else str(value),
)
def test_one_person_counts_for_one_quota_whichever_makes_the_most_of_all(
    said_by: list[Person], satisfied: bool
) -> None:
    story = asking({"need": BOARD})
    for each in said_by:
        story.answered("approved", by=each)
    assert (story.task_state == "concluded") is satisfied


def test_what_is_missing_is_said_in_words() -> None:
    story = asking({"need": BOARD})
    assert progress(story.task, story.people).missing == (
        "2 more of role:engineer",
        "1 more of role:manager",
    )
    story.answered("approved", by=CAT)
    story.answered("approved", by=DAN)
    found = progress(story.task, story.people)
    assert (found.need, found.have, found.missing) == (3, 2, ("1 more of role:engineer",))
    assert progress(story.task) == found, "what answers may fill is known without a directory"


def test_people_who_came_by_escalation_fill_any_quota() -> None:
    ladder = [{"after": "1h", "do": "escalate", "to": EVE.email}, {"after": "9h", "do": "fail"}]
    story = asking({"need": BOARD}, ladder=ladder)
    story.wait(hours=1).tick()
    story.answered("approved", by=EVE)
    story.answered("approved", by=ANN)
    assert story.task_state == "open"
    story.answered("approved", by=BEN)
    assert story.task_state == "concluded"


def test_seating_people_is_a_matching_and_nobody_seated_loses_their_place() -> None:
    roles = [
        Selector(kind=SelectorKind.ROLE, value=value, label=value)
        for value in ("engineer", "manager")
    ]
    places = [Place(of=role) for role in roles]
    assert fill(places, [CAT]) == {0: CAT}
    assert fill(places, [CAT, ANN]) == {0: ANN, 1: CAT}
    assert fill(places, [CAT, DAN, ANN]) == {0: CAT, 1: DAN}
    assert fill(places, [EVE]) == {}


# Refusals


def test_anybody_s_refusal_ends_it_unless_the_stage_says_otherwise() -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.answered("approved", by=ANN)
    story.answered("rejected", by=BEN, comment="no")
    assert outcome(story) == ("concluded", "rejected")


def test_without_a_veto_a_refusal_ends_it_once_too_few_are_left() -> None:
    story = asking({"who": "role:engineer", "need": 2, "veto": False})
    story.answered("rejected", by=ANN)
    assert outcome(story) == ("open", None)
    said = story.answered("rejected", by=BEN, comment="too dear")
    assert outcome(story) == ("concluded", "rejected")
    concluded = next(event.body for event in said if isinstance(event.body, e.TaskConcluded))
    assert (concluded.comment, concluded.reason) == (
        "too dear",
        "the go-ahead can no longer be reached with those who may still answer",
    )


def test_a_refusal_within_a_quota_ends_it_when_that_quota_can_no_longer_be_filled() -> None:
    story = asking({"need": BOARD, "veto": False})
    story.answered("rejected", by=DAN)
    assert story.task_state == "open", "Cat may still be the manager"
    story.answered("rejected", by=ANN)
    assert outcome(story) == ("concluded", "rejected")


def test_a_veto_is_theirs_alone_who_have_it() -> None:
    stage = {"who": "role:engineer", "need": 2, "veto": ["role:manager"]}
    story = asking(stage)
    story.answered("rejected", by=ANN)
    assert story.task_state == "open"
    story.answered("rejected", by=CAT)
    assert outcome(story) == ("concluded", "rejected")


def test_of_a_role_too_large_to_be_loaded_there_is_no_end() -> None:
    many = [person(f"e{n}", "engineer") for n in range(200)]
    story = asking({"who": "role:engineer", "need": 50, "veto": False}, *many)
    for each in many[:190]:
        story.answered("rejected", by=each)
    assert story.task_state == "open"


@pytest.mark.parametrize("need", [2, {"role:engineer": 2}], ids=["plain", "quota"])
def test_people_who_were_not_loaded_are_not_taken_to_be_gone(need: object) -> None:
    story = asking({"who": [ANN.email, BEN.email, CAT.email], "need": need})
    story.people = directory(ANN)
    story.answered("approved", by=ANN)
    story.refuses(answer("approved", ANN), AlreadyAnswered)


def test_changes_requested_asks_again_at_once_and_voids_the_round() -> None:
    story = asking(
        {"who": "role:engineer", "need": 3, "veto": False},
        type="review",
        content="v1",
        revisions=1,
    )
    story.answered("approved", by=ANN)
    story.answered("changes_requested", by=BEN, comment="shorter")
    assert (story.task.awaiting_revision, story.task.votes) == (True, ())
    story.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    for each in (ANN, BEN, CAT):
        story.answered("approved", by=each)
    assert outcome(story) == ("concluded", "approved")


# Recount


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (person("ann", "engineer", disabled=True), "disabled"),
        (person("ann"), "not asked"),
    ],
    ids=["disabled", "demoted"],
)
def test_the_answer_of_somebody_who_may_no_longer_is_recounted(now: Person, why: str) -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.answered("approved", by=ANN)
    story.people = directory(now, BEN, CAT, DAN)
    said = story.answered("approved", by=BEN)
    assert [event.body.type for event in said] == ["task.answer_voided", "task.answered"]
    voided = said[0].body
    assert isinstance(voided, e.AnswerVoided)
    assert voided.who == ANN.actor
    assert why in voided.reason
    assert outcome(story) == ("open", None)
    story.answered("approved", by=CAT)
    assert outcome(story) == ("concluded", "approved")


def test_somebody_demoted_since_cannot_answer() -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.people = directory(person("ann"), BEN, CAT)
    story.refuses(answer("approved", ANN), NotEligible)


def test_when_those_who_could_go_ahead_are_gone_the_last_refusal_decides() -> None:
    story = asking({"who": "role:engineer", "need": 2, "veto": False})
    story.answered("rejected", by=ANN)
    story.people = directory(ANN, BEN, person("cat", disabled=True))
    story.answered("approved", by=BEN)
    decision = story.task.decision
    assert decision is not None
    assert (decision.outcome, decision.by) == ("rejected", ANN.actor)


def test_a_refused_answer_recounts_nothing() -> None:
    story = asking({"who": "role:engineer", "need": 2})
    story.answered("approved", by=ANN)
    story.people = directory(person("ann"), BEN, CAT, DAN)
    story.refuses(answer("approved", DAN), NotEligible)
    assert len(story.task.votes) == 1


# Chains


def test_a_stage_that_wants_others_takes_nobody_from_an_earlier_one() -> None:
    chain = ["role:engineer", {"who": ["role:engineer", "role:manager"], "distinct": True}]
    story = asking(chain)
    story.answered("approved", by=CAT)
    refused = story.refuses(answer("approved", CAT), NotEligible)
    assert "earlier stage" in refused.message
    story.answered("approved", by=DAN)
    assert story.task_state == "concluded"


def test_a_stage_whose_condition_does_not_hold_is_never_asked() -> None:
    chain = [
        {"who": "role:engineer", "when": "payload.amount > 100"},
        "role:manager",
        {"who": "role:lawyer", "when": "payload.amount > 10000"},
    ]
    story = asking(chain, intent={"payload": {"amount": 50}})
    assert [stage.applies for stage in story.task.ask.stages] == [False, True, False]
    assert story.task.stage == 1
    story.refuses(answer("approved", ANN), NotEligible)
    story.answered("approved", by=DAN)
    assert outcome(story) == ("concluded", "approved")


def test_a_stage_in_the_middle_is_passed_over() -> None:
    chain = ["role:engineer", {"who": "role:lawyer", "when": "risk == 'high'"}, "role:manager"]
    story = asking(chain)
    story.answered("approved", by=ANN)
    assert story.task.stage == 2


def test_a_revision_opens_the_first_stage_that_applies() -> None:
    chain = [{"who": "role:lawyer", "when": "false"}, "role:engineer", "role:manager"]
    story = asking(chain, type="review", content="v1", revisions=1)
    story.answered("approved", by=ANN)
    story.answered("changes_requested", by=DAN, comment="shorter")
    story.do(c.ReviseTask(actor=AGENT, task_id=TASK, content="v2"))
    assert story.task.stage == 1
