"""Explaining: who may answer and why, who may not and why, and how far the task has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from signoff.core import commands as c
from signoff.core.explaining import Explanation, MayAnswer, explain
from signoff.core.routing import Absence
from signoff.errors import SignoffError
from tests.core.story import (
    BIRGIT,
    GONE,
    JONAS,
    MARA,
    REQUESTER,
    START,
    TASK,
    Story,
    directory,
    person,
)

ANN = person("ann", "engineer")
BEN = person("ben", "engineer")
CAT = person("cat", "engineer", "manager")
TEAM = (MARA, JONAS, BIRGIT, REQUESTER, ANN, BEN, CAT)


def explained(story: Story) -> Explanation:
    return explain(story.intent, story.task, story.people, story.now)


def may(found: Explanation) -> dict[str, str]:
    return {each.person.label: each.why for each in found.may_answer}


def may_not(found: Explanation) -> dict[str, str]:
    return {each.person.label: each.why for each in found.may_not}


def asking(*people: object, **asked: object) -> Story:
    known = directory(*(people or TEAM))  # type: ignore[arg-type]
    return Story(people=known).asking(handled=True, **asked)


def test_whoever_may_answer_is_named_with_what_they_are_asked_as() -> None:
    found = explained(asking(assignees=["role:manager", BIRGIT.email]))
    assert may(found) == {
        BIRGIT.email: "asked by name",
        MARA.email: "asked as role:manager",
        JONAS.email: "asked as role:manager",
        REQUESTER.email: "asked as role:manager",
        CAT.email: "asked as role:manager",
    }
    assert (found.task_id, found.state, found.stage, found.at) == (TASK, "open", 0, START)


def test_whoever_may_not_is_named_with_the_reason() -> None:
    story = asking(
        assignees=["role:manager"],
        exclude=[JONAS.email],
        intent={"on_behalf_of": REQUESTER.email},
    )
    found = explained(story)
    assert set(may(found)) == {MARA.email, CAT.email}
    assert may_not(found) == {
        JONAS.email: f"{JONAS.email} is excluded from this task",
        REQUESTER.email: (
            f"{REQUESTER.email} requested this, and nobody decides on their own request"
        ),
    }


def test_somebody_disabled_since_is_named() -> None:
    story = asking(assignee=MARA.email)
    story.people = directory(replace(MARA, disabled=True))
    assert may_not(explained(story)) == {MARA.email: f"{MARA.email} is disabled and cannot answer"}
    assert may(explained(story)) == {}


def test_whoever_stands_in_is_named_with_for_whom_and_until_when() -> None:
    back = START + timedelta(days=3)
    mara = replace(MARA, absences=(Absence(start=START, end=back, substitute=BIRGIT.id),))
    story = asking(mara, BIRGIT, JONAS, assignee=MARA.email)
    story.do(c.DelegateTask(actor=MARA.actor, task_id=TASK, to=JONAS.email))
    found = explained(story)
    assert found.may_answer == (
        MayAnswer(
            person=BIRGIT.actor,
            why=f"stands in for {MARA.email}, who is away",
            instead_of=MARA.actor,
            until=back,
        ),
        MayAnswer(
            person=JONAS.actor, why=f"{MARA.email} delegated it to them", instead_of=MARA.actor
        ),
        MayAnswer(
            person=MARA.actor,
            why="asked by name; is away until 2026-03-04T09:00:00.000000Z",
        ),
    )


def test_the_quorum_is_told_in_words_and_who_counts_for_what() -> None:
    story = asking(chain=[{"need": {"role:engineer": 2, "role:manager": 1}}])
    story.answered("approved", by=ANN)
    found = explained(story)
    assert (found.quorum.need, found.quorum.have) == (3, 1)
    assert found.quorum.missing == ("1 more of role:engineer", "1 more of role:manager")
    assert may(found)[CAT.email] == (
        "asked as role:engineer, counts for role:engineer or role:manager"
    )
    assert may(found)[ANN.email].endswith("has answered approved and may still change it")
    assert "one person counts for one place alone" in found.notes
    assert "anybody's refusal ends it" in found.notes


def test_somebody_for_whom_somebody_else_has_answered_is_told_so() -> None:
    mara = replace(
        MARA,
        absences=(Absence(start=START, end=START + timedelta(days=3), substitute=BIRGIT.id),),
    )
    story = asking(mara, BIRGIT, JONAS, chain=[{"who": "role:manager", "need": 2}])
    story.answered("approved", by=mara)
    assert BIRGIT.email in may_not(explained(story))


def test_a_claim_holds_the_others_off() -> None:
    story = asking(assignee="role:manager")
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    found = explained(story)
    assert set(may(found)) == {MARA.email}
    assert may_not(found)[JONAS.email] == f"{MARA.email} has claimed this task"


def test_the_chain_is_told_with_verdicts_states_and_answers() -> None:
    chain = [
        "role:engineer",
        {"who": "role:lawyer", "when": "risk == 'high'"},
        {"who": "role:manager", "distinct": True},
    ]
    story = asking(chain=chain)
    story.answered("approved", by=CAT)
    found = explained(story)
    assert [(s.stage, s.who, s.when, s.applies, s.state) for s in found.chain] == [
        (0, ("role:engineer",), None, True, "done"),
        (1, ("role:lawyer",), "risk == 'high'", False, "skipped"),
        (2, ("role:manager",), None, True, "asked"),
    ]
    assert [vote.by for vote in found.chain[0].answers] == [CAT.actor]
    assert "earlier stage" in may_not(found)[CAT.email]


def test_after_an_escalation_those_who_came_are_told_apart() -> None:
    ladder = [{"after": "1h", "do": "escalate", "to": BIRGIT.email}, {"after": "9h", "do": "fail"}]
    story = asking(assignee=MARA.email, ladder=ladder)
    story.wait(hours=1).tick()
    assert may(explained(story))[BIRGIT.email] == "asked by name, by escalation"


def test_of_a_closed_task_nobody_may_answer_any_more() -> None:
    story = asking(chain=[MARA.email, JONAS.email])
    story.answered("rejected", by=MARA)
    found = explained(story)
    assert found.may_answer == ()
    assert may_not(found) == {MARA.email: "the task is concluded"}
    assert [stage.state for stage in found.chain] == ["done", "never asked"]


def test_after_the_deadline_nobody_may_answer_though_no_timer_has_come_round() -> None:
    story = asking(assignee=MARA.email)
    story.wait(days=30)
    assert explained(story).may_answer == ()


def test_a_role_with_nobody_left_is_noted() -> None:
    story = asking(assignee="role:manager")
    story.people = directory(ANN, GONE, asked=("role:manager",))
    found = explained(story)
    assert found.may_answer == ()
    assert "role:manager has nobody at present" in found.notes


def test_what_is_said_agrees_with_what_is_decided() -> None:
    story = asking(assignees=["role:manager"], exclude=[JONAS.email])
    for each in story.people.people.values():
        allowed = each.email in may(explained(story))
        try:
            Story(state=story.state, people=story.people, now=story.now).answered(
                "approved", by=each
            )
        except SignoffError:
            assert not allowed
        else:
            assert allowed
