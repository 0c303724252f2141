"""The eight types: what each reads of a request, takes for an answer, and holds as a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from signoff.core.asking import judge, read_ask
from signoff.core.task import Ask, Evidence, RawAnswer, same_json
from signoff.core.tasks import KINDS, review
from signoff.core.words import TaskType
from signoff.errors import InvalidAnswer, InvalidTask
from tests.core.story import EVERYBODY, START, request

REFUND = {"name": "refund", "arguments": {"amount": 240, "express": True}}
AMOUNTS = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "maximum": 500}},
    "required": ["amount"],
}


def ask(type: str, **fields: Any) -> Ask:  # noqa: A002
    return read_ask(request(type=type, **fields), EVERYBODY, now=START)


def decided(asked: Ask, outcome: str, **said: Any) -> Any:
    return judge(asked, RawAnswer(outcome=outcome, **said))[1]


def wrong_fields(asked: Ask, outcome: str, **said: Any) -> list[str]:
    with pytest.raises(InvalidAnswer) as refused:
        judge(asked, RawAnswer(outcome=outcome, **said))
    assert all(wrong.message for wrong in refused.value.errors)
    return [wrong.field for wrong in refused.value.errors]


OUTCOMES = {
    "approval": ("approved", "rejected"),
    "review": ("approved", "changes_requested", "rejected"),
    "confirmation": ("confirmed", "denied"),
    "assignment": ("assigned", "declined"),
    "form": ("submitted", "declined"),
    "clarification": ("answered", "declined"),
    "manual_action": ("completed", "failed"),
    "override": ("overridden", "refused"),
}
SAID: Mapping[str, dict[str, Any]] = {
    "assignment": {"data": {"assignee": "group:billing"}},
    "form": {"data": {"iban": "x"}},
    "clarification": {"data": {"answer": "the blue one"}},
    "override": {"comment": "it runs wild"},
}


def test_the_eight_types_have_their_outcomes() -> None:
    assert {str(kind): KINDS[kind].OUTCOMES for kind in TaskType} == OUTCOMES


@pytest.mark.parametrize("type_", OUTCOMES)
def test_every_outcome_of_every_type_can_be_answered(type_: str) -> None:
    for outcome in OUTCOMES[type_]:
        said = {"comment": "because", **SAID.get(type_, {})}
        judge(ask(type_), RawAnswer(outcome=outcome, **said))


@pytest.mark.parametrize("type_", OUTCOMES)
def test_an_outcome_of_no_type_is_refused_and_the_choices_are_named(type_: str) -> None:
    with pytest.raises(InvalidAnswer, match=OUTCOMES[type_][0]):
        judge(ask(type_), RawAnswer(outcome="perhaps"))


@pytest.mark.parametrize("type_", OUTCOMES)
def test_any_type_can_be_narrowed(type_: str) -> None:
    first, *rest = OUTCOMES[type_]
    assert wrong_fields(ask(type_, outcomes=[first]), rest[0], comment="x") == ["outcome"]
    assert wrong_fields(ask(type_, comment="required"), first, data="x") == ["comment"]
    said = {"comment": "because", **SAID.get(type_, {})}
    assert wrong_fields(ask(type_, evidence="required"), first, **said) == ["evidence"]
    assert wrong_fields(ask(type_, schema={"type": "array"}), first, **said) == ["data"]


def test_blank_evidence_is_no_evidence() -> None:
    asked = ask("manual_action", evidence="required")
    blank = (Evidence(kind="link", value=" "),)
    assert wrong_fields(asked, "completed", evidence=blank) == ["evidence"]
    judge(asked, RawAnswer(outcome="completed", evidence=(Evidence(kind="link", value="x"),)))


def test_a_refusal_needs_neither_the_evidence_nor_the_data_of_a_go_ahead() -> None:
    asked = ask("form", evidence="required", schema=AMOUNTS)
    assert decided(asked, "declined") is None


# Approval


def test_an_approval_as_asked_decides_on_the_action_as_asked() -> None:
    asked = ask("approval", action=REFUND)
    assert decided(asked, "approved") is None
    assert decided(asked, "approved", data={"arguments": {"amount": 240.0, "express": True}}) == {
        "arguments": REFUND["arguments"]
    }


def test_edited_arguments_are_kept_beside_the_original_ones() -> None:
    asked = ask("approval", action=REFUND, editable=True)
    assert decided(asked, "approved", data={"arguments": {"amount": 180}, "note": "n"}) == {
        "note": "n",
        "arguments": {"amount": 180},
        "edited": True,
        "original": REFUND["arguments"],
    }


def test_one_is_not_true_when_arguments_are_compared() -> None:
    asked = ask("approval", action=REFUND)
    sly = {"arguments": {"amount": 240, "express": 1}}
    assert wrong_fields(asked, "approved", data=sly) == ["data.arguments"]


@pytest.mark.parametrize(
    ("fields", "data", "wrong"),
    [
        ({"action": REFUND}, {"arguments": {"amount": 1}}, ["data.arguments"]),
        ({}, {"arguments": {"amount": 1}}, ["data.arguments"]),
        ({"action": REFUND, "editable": True}, {"arguments": 7}, ["data.arguments"]),
        ({"action": REFUND, "editable": True}, {"edited": True}, ["data.edited"]),
        ({"action": REFUND}, {"original": {"amount": 1}}, ["data.original"]),
        (
            {"action": {**REFUND, "schema": AMOUNTS}, "editable": True},
            {"arguments": {"amount": 501}},
            ["data.arguments.amount"],
        ),
        (
            {"action": {**REFUND, "schema": AMOUNTS}, "editable": True},
            {"arguments": {}},
            ["data.arguments.amount"],
        ),
    ],
)
def test_arguments_are_edited_only_where_and_how_the_ask_allows(
    fields: dict[str, Any], data: Any, wrong: list[str]
) -> None:
    assert wrong_fields(ask("approval", **fields), "approved", data=data) == wrong


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"editable": True}, "action"),
        ({"action": {**REFUND, "schema": {"type": "x"}}}, "action.schema"),
        ({"action": REFUND, "editable": True, "chain": ["role:a", "role:b"]}, "task.editable"),
    ],
)
def test_an_approval_that_makes_no_sense_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidTask) as refused:
        ask("approval", **fields)
    assert refused.value.errors[0].field == field


# The others


@pytest.mark.parametrize("outcome", ["changes_requested", "rejected"])
def test_a_review_needs_words_unless_it_approves(outcome: str) -> None:
    assert wrong_fields(ask("review"), outcome) == ["comment"]
    assert wrong_fields(ask("review"), outcome, comment="  ") == ["comment"]
    judge(ask("review"), RawAnswer(outcome="approved"))


def test_a_review_asks_again_while_it_has_revisions_left() -> None:
    spec = review.Spec(revisions=2)
    assert [review.asks_again(spec, "changes_requested", rounds=n) for n in range(3)] == [
        True,
        True,
        False,
    ]
    assert not review.asks_again(spec, "rejected", rounds=0)


@pytest.mark.parametrize("phrase", [None, ""])
def test_a_confirmation_of_high_risk_needs_its_phrase_typed(phrase: str | None) -> None:
    asked = ask("confirmation", risk="high", phrase=phrase)
    for typed in (None, {"phrase": "i confirm"}, {"phrase": ""}):
        assert wrong_fields(asked, "confirmed", data=typed) == ["data.phrase"]
    assert decided(asked, "confirmed", data={"phrase": "I confirm"}) == {"phrase": "I confirm"}
    assert decided(asked, "denied") is None


def test_a_confirmation_states_its_title_unless_it_has_a_statement() -> None:
    assert ask("confirmation").spec["statement"] == "Refund 240 EUR?"
    assert ask("confirmation", statement="It left.").spec["statement"] == "It left."


def test_an_assignment_names_one_of_the_candidates() -> None:
    asked = ask("assignment", candidates=["group:billing", "mara@acme.test"])
    for data in (None, {}, {"assignee": " "}, {"assignee": 3}, {"assignee": "group:x"}, "x"):
        assert wrong_fields(asked, "assigned", data=data) == ["data.assignee"]
    for data in ("group:billing", {"assignee": "group:billing"}):
        assert decided(asked, "assigned", data=data) == {"assignee": "group:billing"}
    assert decided(ask("assignment"), "assigned", data="anybody") == {"assignee": "anybody"}


def test_a_form_is_judged_by_its_schema() -> None:
    asked = ask("form", schema=AMOUNTS, initial={"amount": 1})
    assert asked.spec == {"initial": {"amount": 1}}
    assert wrong_fields(asked, "submitted", data={"amount": "x"}) == ["data.amount"]
    assert wrong_fields(asked, "submitted", data={}) == ["data.amount"]
    assert wrong_fields(ask("form"), "submitted") == ["data"]
    assert decided(asked, "submitted", data={"amount": 3}) == {"amount": 3}


@pytest.mark.parametrize(
    "said", [{"data": "blue"}, {"data": {"answer": "blue"}}, {"comment": "blue"}]
)
def test_a_clarification_is_answered_in_words_wherever_they_stand(said: dict[str, Any]) -> None:
    asked = ask("clarification", choices=["blue", "red"])
    assert decided(asked, "answered", **said) == {"answer": "blue"}


def test_a_clarification_takes_no_silence_and_no_other_choice() -> None:
    for data in (None, " ", {"answer": 3}, {"answer": ""}):
        assert wrong_fields(ask("clarification"), "answered", data=data) == ["data.answer"]
    asked = ask("clarification", choices=["blue", "red"])
    assert wrong_fields(asked, "answered", data="green") == ["data.answer"]


def test_a_manual_action_is_completed_when_every_item_is_ticked() -> None:
    asked = ask("manual_action", checklist=["call", "file"])
    for done in (None, [], ["call"], "call file"):
        assert wrong_fields(asked, "completed", data={"done": done}) == ["data.done"]
    assert decided(asked, "completed", data={"done": ["file", "call"]}) is not None
    assert decided(asked, "failed") is None


@pytest.mark.parametrize("outcome", OUTCOMES["override"])
def test_an_override_always_needs_a_justification(outcome: str) -> None:
    assert wrong_fields(ask("override"), outcome) == ["comment"]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"action": "explode"}, "data.action"),
        ({"action": "replace"}, "data.result"),
        ({"action": "hand_over"}, "data.to"),
        ({"action": "hand_over", "to": " "}, "data.to"),
    ],
)
def test_an_override_says_what_becomes_of_the_run(data: dict[str, Any], wrong: str) -> None:
    assert wrong_fields(ask("override"), "overridden", comment="x", data=data) == [wrong]


def test_an_override_holds_what_is_done_with_the_run() -> None:
    asked = ask("override")
    assert decided(asked, "overridden", comment="x") == {"action": "stop"}
    replaced = decided(asked, "overridden", comment="x", data={"action": "replace", "result": [1]})
    assert replaced == {"action": "replace", "result": [1]}
    handed = decided(asked, "overridden", comment="x", data={"action": "hand_over", "to": "role:o"})
    assert handed == {"action": "hand_over", "to": "role:o"}
    assert decided(asked, "refused", comment="x") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": [1, (2,)]}, {"a": (1, [2])}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": None}, {}, False),
        ("1", 1, False),
        ([], {}, False),
    ],
)
def test_json_is_compared_as_json(one: Any, other: Any, same: bool) -> None:
    assert same_json(one, other) is same
