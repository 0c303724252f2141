"""What people decided, as values of the right type."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pydantic import BaseModel

from signoff.client.documents import TaskDocument
from signoff.client.results import (
    KINDS,
    Approval,
    Assignment,
    Clarification,
    Confirmation,
    Decision,
    Form,
    ManualAction,
    Override,
    Review,
    read_decision,
    rejected,
)
from signoff.errors import Broken, InvalidInput, Rejected
from tests.client.script import decided, task

AT = "2026-11-24T09:30:00.000000Z"
ACTION = {"name": "refund", "arguments": {"amount": "240"}, "schema": None}


class Refund(BaseModel):
    amount: int
    reason: str = ""


def read(document: dict[str, Any], model: type | None = None) -> Any:
    return read_decision(cast(TaskDocument, document), model)


def approval(outcome: str, data: object = None, action: object = ACTION) -> Approval:
    found = read(decided(outcome, data, spec={"action": action, "editable": True}))
    assert isinstance(found, Approval)
    return found


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("approval", "approved", "rejected"),
        ("review", "approved", "changes_requested"),
        ("confirmation", "confirmed", "denied"),
        ("assignment", "assigned", "declined"),
        ("form", "submitted", "declined"),
        ("clarification", "answered", "declined"),
        ("manual_action", "completed", "failed"),
        ("override", "overridden", "refused"),
    ],
)
def test_each_type_has_its_class_and_is_true_for_the_go_ahead(kind: str, yes: str, no: str) -> None:
    assert bool(read(decided(yes, type=kind)))
    assert not read(decided(no, type=kind))
    assert type(read(decided(yes, type=kind))) is KINDS[kind]


def test_a_decision_says_who_when_and_with_what_evidence() -> None:
    found = approval("approved")
    assert found.by == "maria@acme.test"
    assert found.at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert found.evidence[0].value == "https://acme.test/1"
    assert (found.task_id, found.intent_id, found.receipt) == ("task_1", "int_1", None)


def test_a_decision_never_changes() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        approval("rejected").outcome = "approved"  # type: ignore[misc]


def test_an_approval_holds_the_arguments_as_they_were_asked() -> None:
    found = approval("approved")
    assert (found.arguments, found.edited) == ({"amount": "240"}, False)


def test_an_edited_approval_holds_the_edited_arguments() -> None:
    found = approval("approved", {"arguments": {"amount": "100"}, "edited": True})
    assert (found.arguments, found.edited) == ({"amount": "100"}, True)


def test_a_rejection_holds_nothing_that_could_run() -> None:
    assert approval("rejected", {"arguments": {"amount": "1"}}).arguments == {}


def test_an_approval_of_no_action_holds_no_arguments_whatever_was_said() -> None:
    found = approval("approved", {"arguments": {"amount": "1"}, "edited": True}, action=None)
    assert (found.arguments, found.edited) == ({}, False)


def test_a_review_holds_the_draft_that_was_decided_on() -> None:
    found = read(decided("approved", type="review", content="v2", rounds=[{}]))
    assert isinstance(found, Review)
    assert (found.content, found.rounds, found.changes_requested) == ("v2", 1, False)


def test_each_type_has_the_words_of_its_own() -> None:
    assigned = read(decided("assigned", {"assignee": "group:fraud"}, type="assignment"))
    answered = read(decided("answered", {"answer": "EUR"}, type="clarification"))
    done = read(decided("completed", {"done": ["a", "b"]}, type="manual_action"))
    handed = {"action": "hand_over", "to": "ops@acme.test"}
    taken = read(decided("overridden", handed, type="override"))
    assert isinstance(assigned, Assignment)
    assert assigned.assignee == "group:fraud"
    assert isinstance(answered, Clarification)
    assert answered.answer == "EUR"
    assert isinstance(done, ManualAction)
    assert done.done == ("a", "b")
    assert isinstance(taken, Override)
    assert (taken.action, taken.to, taken.result) == ("hand_over", "ops@acme.test", None)
    assert isinstance(read(decided("confirmed", type="confirmation")), Confirmation)


@pytest.mark.parametrize("data", [None, "text", ["list"], {"other": 1}, {"answer": 7}])
def test_strange_data_makes_no_natural_word(data: object) -> None:
    assert read(decided("answered", data, type="clarification")).answer is None
    assert read(decided("declined", {"answer": "x"}, type="clarification")).answer is None


def test_a_form_is_read_as_the_model_it_was_asked_with() -> None:
    found = read(decided("submitted", {"amount": 3}, type="form"), Refund)
    assert isinstance(found, Form)
    assert found.data == Refund(amount=3)
    assert found.values == Refund(amount=3)


def test_a_declined_form_has_no_values() -> None:
    found = read(decided("declined", None, type="form"), Refund)
    assert found.data is None
    with pytest.raises(Rejected):
        _ = found.values


def test_values_that_do_not_fit_the_model_are_refused() -> None:
    with pytest.raises(InvalidInput, match="Refund"):
        read(decided("submitted", {"amount": "many"}, type="form"), Refund)


def test_a_type_of_a_newer_server_is_a_plain_decision() -> None:
    found = read(decided("blessed", type="blessing"))
    assert type(found) is Decision
    assert not found


def test_a_concluded_task_without_a_decision_is_a_broken_server() -> None:
    with pytest.raises(Broken):
        read(task("concluded"))


def test_a_rejection_says_who_said_no_and_why() -> None:
    error = rejected(dataclasses.replace(approval("rejected"), comment="too much"))
    assert "maria@acme.test" in error.message
    assert error.about["comment"] == "too much"


def test_a_decision_of_the_ladder_says_that_time_ran_out() -> None:
    assert not approval("rejected").timed_out
    assert dataclasses.replace(approval("rejected"), by="ladder").timed_out


def test_everybody_who_answered_is_there_in_order() -> None:
    said = [
        {"by": "a@b.test", "for": None, "outcome": "approved", "stage": 0, "at": AT},
        {"by": "c@b.test", "for": "d@b.test", "outcome": "approved", "stage": 1, "at": AT},
    ]
    found = read(decided("approved", answers=said))
    assert [(each.by, each.for_, each.stage) for each in found.answers] == [
        ("a@b.test", None, 0),
        ("c@b.test", "d@b.test", 1),
    ]
    assert found.answers[0].at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_a_server_that_tells_no_answers_is_understood() -> None:
    assert read(decided("approved")).answers == ()
