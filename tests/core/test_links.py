"""What a link lets somebody answer, and what not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signoff.core.credential import Credential, Strength
from signoff.core.links import Link, LinkKind, require_answers, wants_code
from signoff.core.task import RawAnswer, Task
from signoff.core.words import PersonId, Risk, TaskId, WorkspaceId
from signoff.errors import CredentialTooWeak, Forbidden, LinkExpired, LinkSpent, StaleView
from tests.core.story import MARA, START, Story, answer

YES = RawAnswer(outcome="approved")


def _task(risk: str = "medium") -> Task:
    return Story().asking(risk=risk).task


def _link(task: Task) -> Link:
    return Link(
        hash="hash",
        workspace=WorkspaceId("acme/main"),
        kind=LinkKind.PAGE,
        person_id=MARA.id,
        task_id=task.id,
        notice_id="1-maria-email",
        view_digest=task.view_digest,
        outcomes=("approved",),
        expires_at=START + timedelta(hours=1),
        created_at=START,
    )


def test_a_link_answers_what_it_was_sent_for() -> None:
    task = _task()
    require_answers(_link(task), task, MARA.id, YES, now=START)


def test_a_link_answers_once_in_time_for_its_person_task_and_outcomes() -> None:
    task = _task()
    link = _link(task)
    with pytest.raises(LinkSpent):
        require_answers(replace(link, spent_at=START), task, MARA.id, YES, now=START)
    with pytest.raises(LinkExpired):
        require_answers(link, task, MARA.id, YES, now=link.expires_at)
    with pytest.raises(LinkExpired):
        require_answers(None, task, MARA.id, YES, now=START)
    with pytest.raises(Forbidden):
        require_answers(link, task, PersonId("per_jonas"), YES, now=START)
    with pytest.raises(Forbidden):
        require_answers(replace(link, task_id=TaskId("task_x")), task, MARA.id, YES, now=START)
    with pytest.raises(Forbidden):
        require_answers(link, task, MARA.id, RawAnswer(outcome="rejected"), now=START)


def test_a_link_sent_for_another_round_answers_nothing() -> None:
    task = _task()
    with pytest.raises(StaleView):
        require_answers(replace(_link(task), view_digest="x"), task, MARA.id, YES, now=START)


def test_no_link_answers_what_is_of_high_risk() -> None:
    task = _task("high")
    with pytest.raises(CredentialTooWeak):
        require_answers(_link(task), task, MARA.id, YES, now=START)


def test_an_answer_by_link_is_too_weak_for_high_risk_whatever_surface_it_comes_by() -> None:
    link = Credential(strength=Strength.LINK, method="mail_link")
    for risk, taken in (("low", True), ("medium", True), ("high", False)):
        story = Story().asking(risk=risk)
        command = replace(answer("approved"), credential=link)
        if taken:
            story.do(command)
        else:
            story.refuses(command, CredentialTooWeak)
        key = Credential(strength=Strength.KEY, method="api_key")
        if not taken:
            story.do(replace(command, credential=key))


def test_what_no_scanner_may_decide_takes_a_code() -> None:
    assert [risk for risk in Risk if wants_code(risk)] == [Risk.MEDIUM, Risk.HIGH]
