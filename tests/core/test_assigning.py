"""Passing a task on: delegate, reassign, watch, comment; and what none of these can bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.moves.assigning import MAX_DELEGATIONS, MAX_WATCHERS
from signoff.core.moves.comments import MAX_COMMENT, MAX_COMMENTS
from signoff.core.routing import Absence, Actor, Person
from signoff.core.words import StandInReason
from signoff.errors import (
    AgentMayNotDecide,
    AlreadyAnswered,
    Forbidden,
    IllegalMove,
    InvalidInput,
    InvalidTask,
    NotEligible,
    SignoffError,
    TaskExpired,
    UnknownPerson,
)
from tests.core.story import (
    ADA,
    ADMIN,
    AGENT,
    BIRGIT,
    EVERYBODY,
    GONE,
    JONAS,
    MARA,
    REQUESTER,
    START,
    TASK,
    Story,
    answer,
    directory,
    person,
)


def actor_of(by: Person | Actor) -> Actor:
    return by.actor if isinstance(by, Person) else by


def delegate(to: str, by: Person | Actor = MARA, note: str | None = None) -> c.DelegateTask:
    return c.DelegateTask(actor=actor_of(by), task_id=TASK, to=to, note=note)


def reassign(*to: str, by: Person | Actor = ADMIN, reason: str = "on leave") -> c.ReassignTask:
    return c.ReassignTask(actor=actor_of(by), task_id=TASK, to=to, reason=reason)


def watch(by: Person | Actor = JONAS, who: str | None = None) -> c.WatchTask:
    return c.WatchTask(actor=actor_of(by), task_id=TASK, who=who)


def unwatch(by: Person | Actor = JONAS, who: str | None = None) -> c.UnwatchTask:
    return c.UnwatchTask(actor=actor_of(by), task_id=TASK, who=who)


def comment(text: str = "why so much?", by: Person | Actor = JONAS) -> c.CommentTask:
    return c.CommentTask(actor=actor_of(by), task_id=TASK, text=text)


def labels(story: Story) -> list[str]:
    return [selector.label for selector in story.task.asked.who]


# Delegating


def test_whoever_it_is_delegated_to_answers_and_the_owner_stays_on_record() -> None:
    story = Story().asking(handled=True)
    story.do(delegate(BIRGIT.email, note="she knows the case"))
    (given,) = story.task.stand_ins
    assert (given.owner, given.deputy, given.why) == (
        MARA.actor,
        BIRGIT.actor,
        StandInReason.DELEGATED,
    )
    assert given.note == "she knows the case"
    said = story.answered("approved", by=BIRGIT)
    answered = said[0].body
    assert isinstance(answered, e.TaskAnswered)
    assert (said[0].actor, answered.seat) == (BIRGIT.actor, MARA.actor)


def test_whoever_delegates_may_still_answer() -> None:
    story = Story().asking(handled=True)
    story.do(delegate(BIRGIT.email))
    story.answered("approved", by=MARA)
    assert story.task_state == "concluded"


def test_what_was_delegated_may_be_delegated_on_in_the_same_owner_s_place() -> None:
    story = Story().asking(handled=True)
    story.do(delegate(BIRGIT.email))
    story.do(delegate(ADA.email, by=BIRGIT))
    assert [(s.owner, s.deputy) for s in story.task.stand_ins] == [
        (MARA.actor, BIRGIT.actor),
        (MARA.actor, ADA.actor),
    ]


def test_delegating_ends_one_s_own_claim() -> None:
    story = Story().asking(handled=True)
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    story.do(delegate(BIRGIT.email))
    assert story.task.claimed_by is None
    assert story.kinds[-2:] == ["task.released", "task.delegated"]


def test_delegating_twice_to_the_same_is_delegating_once() -> None:
    story = Story().asking(handled=True)
    assert len(story.do(delegate(BIRGIT.email))) == 1
    assert story.do(delegate(BIRGIT.email)) == ()


def test_delegating_to_somebody_away_lets_their_substitute_answer_too() -> None:
    gone = Absence(start=START, end=START + timedelta(days=1), substitute=ADA.id)
    birgit = replace(BIRGIT, absences=(gone,))
    story = Story(people=directory(MARA, birgit, ADA)).asking(handled=True)
    story.do(delegate(BIRGIT.email))
    assert [(s.owner, s.deputy, s.why) for s in story.task.stand_ins] == [
        (MARA.actor, BIRGIT.actor, StandInReason.DELEGATED),
        (MARA.actor, ADA.actor, StandInReason.ABSENT),
    ]
    story.answered("approved", by=ADA)
    assert story.task.votes[0].seat == MARA.id


def test_what_one_has_answered_already_is_not_delegated() -> None:
    story = Story().asking(handled=True, chain=[{"who": "role:manager", "need": 2}])
    story.answered("approved")
    story.refuses(delegate(BIRGIT.email), AlreadyAnswered)


DELEGATIONS: dict[str, tuple[c.DelegateTask, type[SignoffError]]] = {
    "by an agent": (delegate(BIRGIT.email, by=AGENT), AgentMayNotDecide),
    "by somebody not asked": (delegate(BIRGIT.email, by=JONAS), NotEligible),
    "to oneself": (delegate(MARA.email), InvalidInput),
    "to a role": (delegate("role:manager"), InvalidInput),
    "to somebody unknown": (delegate("nobody@acme.test"), UnknownPerson),
    "to somebody disabled": (delegate(GONE.email), UnknownPerson),
    "to somebody excluded": (delegate(JONAS.email), NotEligible),
    "to the requester": (delegate(REQUESTER.email), NotEligible),
}


@pytest.mark.parametrize("how", DELEGATIONS)
def test_a_delegation_that_may_not_be_changes_nothing(how: str) -> None:
    story = Story().asking(
        handled=True, exclude=["group:payments"], intent={"on_behalf_of": REQUESTER.email}
    )
    command, error = DELEGATIONS[how]
    story.refuses(command, error)


def test_so_many_delegations_are_enough() -> None:
    people = [person(f"p{n}") for n in range(MAX_DELEGATIONS + 1)]
    story = Story(people=directory(MARA, *people)).asking(handled=True)
    for each in people[:-1]:
        story.do(delegate(each.email))
    story.refuses(delegate(people[-1].email), InvalidInput)


# Reassigning


@pytest.mark.parametrize("by", [ADMIN, ADA, JONAS], ids=["admin key", "administrator", "operator"])
def test_an_administrator_or_operator_asks_others_instead(by: Person | Actor) -> None:
    story = Story().asking(handled=True)
    said = story.do(reassign(BIRGIT.email, by=by))
    assert labels(story) == [BIRGIT.email]
    body = said[0].body
    assert isinstance(body, e.TaskReassigned)
    assert ([s.label for s in body.to], body.reason) == ([BIRGIT.email], "on leave")
    story.refuses(answer("approved", MARA), NotEligible)
    story.answered("approved", by=BIRGIT)
    assert story.task_state == "concluded"


def test_somebody_asked_by_name_passes_on_their_own_part_alone() -> None:
    story = Story().asking(handled=True, assignees=[MARA.email, ADA.email])
    story.do(reassign(BIRGIT.email, by=MARA))
    assert labels(story) == [ADA.email, BIRGIT.email]


def test_reassigning_takes_the_claim_from_who_is_asked_no_longer() -> None:
    story = Story().asking(handled=True, assignees=[MARA.email, ADA.email])
    story.do(c.ClaimTask(actor=MARA.actor, task_id=TASK))
    story.do(reassign(ADA.email))
    assert story.task.claimed_by is None
    story.do(c.ClaimTask(actor=ADA.actor, task_id=TASK))
    story.do(reassign("role:administrator"))
    assert story.task.claimed_by == ADA.actor


def test_the_answers_of_who_is_asked_no_longer_are_recounted_at_once() -> None:
    story = Story().asking(handled=True, chain=[{"who": "role:manager", "need": 2}])
    story.answered("approved", by=JONAS)
    story.do(reassign(BIRGIT.email, ADA.email))
    assert story.task.votes == ()
    assert story.kinds[-1] == "task.answer_voided"


def test_whoever_comes_and_is_away_is_stood_in_for() -> None:
    gone = Absence(start=START, end=START + timedelta(days=1), substitute=ADA.id)
    story = Story(people=directory(MARA, replace(BIRGIT, absences=(gone,)), ADA))
    story.asking(handled=True)
    story.do(reassign(BIRGIT.email))
    assert [(s.owner, s.deputy) for s in story.task.stand_ins] == [(BIRGIT.actor, ADA.actor)]


REASSIGNMENTS: dict[str, tuple[c.ReassignTask, type[SignoffError]]] = {
    "by an agent": (reassign(BIRGIT.email, by=AGENT), AgentMayNotDecide),
    "by somebody not asked by name": (reassign(BIRGIT.email, by=BIRGIT), Forbidden),
    "by somebody disabled": (reassign(BIRGIT.email, by=GONE), Forbidden),
    "to nobody": (reassign(), InvalidInput),
    "for no reason": (reassign(BIRGIT.email, reason=" "), InvalidInput),
    "to somebody unknown": (reassign("nobody@acme.test"), UnknownPerson),
    "to no role": (reassign("role:"), InvalidTask),
    "to the requester alone": (reassign(REQUESTER.email), InvalidInput),
    "to too many": (reassign(*[f"role:r{n}" for n in range(51)]), InvalidInput),
}


@pytest.mark.parametrize("how", REASSIGNMENTS)
def test_a_reassignment_that_may_not_be_changes_nothing(how: str) -> None:
    story = Story().asking(handled=True, intent={"on_behalf_of": REQUESTER.email})
    command, error = REASSIGNMENTS[how]
    story.refuses(command, error)


def test_reassigning_leaves_enough_people_for_the_quorum() -> None:
    story = Story().asking(handled=True, chain=[{"who": "role:manager", "need": 2}])
    refused = story.refuses(reassign(BIRGIT.email), InvalidInput)
    assert refused.errors[0].field == "to"
    assert "2 have to answer" in refused.message
    assert BIRGIT.email in refused.message


@pytest.mark.parametrize("command", [delegate(BIRGIT.email), reassign(BIRGIT.email)])
def test_nothing_is_passed_on_while_it_is_the_agent_s_turn(command: c.Command) -> None:
    story = Story().asking(handled=True, type="review", content="v1", revisions=1)
    story.answered("changes_requested", comment="shorter")
    story.refuses(command, IllegalMove)


# Watching and talking


def test_anybody_watches_for_themselves_and_leaves_again() -> None:
    story = Story().asking(handled=True)
    story.do(watch())
    assert story.do(watch()) == ()
    assert [selector.value for selector in story.task.watchers] == [JONAS.id]
    story.do(unwatch())
    assert story.task.watchers == ()
    assert story.do(unwatch()) == ()


@pytest.mark.parametrize("by", [ADMIN, AGENT, ADA], ids=["admin key", "agent", "administrator"])
def test_an_administrator_or_the_agent_adds_others_who_watch(by: Person | Actor) -> None:
    story = Story().asking(handled=True)
    story.do(watch(by, BIRGIT.email))
    assert [selector.value for selector in story.task.watchers] == [BIRGIT.id]
    story.do(unwatch(by, BIRGIT.id))
    assert story.task.watchers == ()


def test_watching_gives_no_say() -> None:
    story = Story().asking(handled=True, watchers=[BIRGIT.email, "group:payments"])
    story.refuses(answer("approved", BIRGIT), NotEligible)
    story.refuses(answer("approved", JONAS), NotEligible)


def test_comments_are_counted_and_decide_nothing() -> None:
    story = Story().asking(handled=True)
    for by in (JONAS, ADMIN, AGENT):
        story.do(comment(by=by))
    assert (story.task.comments, story.task_state) == (3, "open")


LOOKING_ON: dict[str, tuple[c.Command, type[SignoffError]]] = {
    "an agent that names nobody": (watch(AGENT), InvalidInput),
    "somebody for another": (watch(JONAS, BIRGIT.email), Forbidden),
    "somebody disabled": (watch(GONE), Forbidden),
    "a role": (watch(ADMIN, "role:manager"), InvalidInput),
    "somebody unknown": (watch(ADMIN, "nobody@acme.test"), UnknownPerson),
    "an empty comment": (comment(" "), InvalidInput),
    "a long comment": (comment("x" * (MAX_COMMENT + 1)), InvalidInput),
    "a disabled person's comment": (comment(by=GONE), Forbidden),
}


@pytest.mark.parametrize("how", LOOKING_ON)
def test_what_may_not_be_watched_or_said_changes_nothing(how: str) -> None:
    command, error = LOOKING_ON[how]
    Story().asking(handled=True).refuses(command, error)


def test_there_is_an_end_to_watchers_and_comments() -> None:
    people = [person(f"p{n}") for n in range(MAX_WATCHERS + 1)]
    story = Story(people=directory(MARA, *people)).asking(handled=True)
    for each in people[:-1]:
        story.do(watch(each))
    story.refuses(watch(people[-1]), InvalidInput)
    for _ in range(MAX_COMMENTS):
        story.do(comment(by=MARA))
    story.refuses(comment(by=MARA), InvalidInput)


@pytest.mark.parametrize(
    "command",
    [delegate(BIRGIT.email), reassign(BIRGIT.email), watch(), unwatch(), comment()],
    ids=lambda command: type(command).__name__,
)
def test_nothing_is_changed_about_a_task_after_its_time(command: c.Command) -> None:
    story = Story().asking(handled=True).wait(days=30)
    story.refuses(command, TaskExpired)


# Deciding one's own request


def test_nobody_decides_their_own_request_unless_the_workspace_and_the_task_say_so() -> None:
    limits = replace(EVERYBODY.settings.limits, self_approval=True)
    allowed = replace(EVERYBODY, settings=replace(EVERYBODY.settings, limits=limits))
    asked: dict[str, Any] = {"assignee": "role:manager", "intent": {"actor": REQUESTER.actor}}
    story = Story(people=allowed).asking(handled=True, self_approval=True, **asked)
    assert story.task.ask.self_approval
    story.answered("approved", by=REQUESTER)
    strict = Story(people=allowed).asking(handled=True, **asked)
    strict.refuses(answer("approved", REQUESTER), NotEligible)


def test_an_exception_the_workspace_does_not_make_is_refused() -> None:
    with pytest.raises(InvalidTask) as refused:
        Story().asking(handled=True, self_approval=True)
    assert refused.value.errors[0].field == "task.self_approval"
