"""Every type of task is opened by an agent and answered by a person from the terminal alone."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from signoff.cli.failures import REFUSED
from tests.cli.asking import asked
from tests.cli.conftest import Terminal

ADDRESS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
REFUND = {"name": "refund", "arguments": {"amount": "240.00"}}
REVISABLE = {"content": "Dear all", "revisions": 1}

ANSWERS: list[tuple[dict[str, Any], list[str], str, Any]] = [
    ({"type": "approval"}, ["approve"], "approved", None),
    ({"type": "approval"}, ["reject", "--comment", "too much"], "rejected", None),
    (
        {"type": "approval", "action": REFUND, "editable": True},
        ["approve", "--data", '{"arguments": {"amount": "99.00"}}'],
        "approved",
        {
            "arguments": {"amount": "99.00"},
            "edited": True,
            "original": {"amount": "240.00"},
        },
    ),
    ({"type": "review", "content": "Dear all"}, ["approve"], "approved", None),
    (
        {"type": "review", "content": "Dear all"},
        ["request-changes", "--comment", "warmer"],
        "changes_requested",
        None,
    ),
    ({"type": "confirmation"}, ["confirm"], "confirmed", None),
    (
        {"type": "confirmation", "risk": "high", "phrase": "it is here"},
        ["confirm", "--phrase", "it is here"],
        "confirmed",
        {"phrase": "it is here"},
    ),
    ({"type": "confirmation"}, ["deny"], "denied", None),
    (
        {"type": "assignment", "candidates": ["group:billing", "group:fraud"]},
        ["assign", "--assignee", "group:fraud"],
        "assigned",
        {"assignee": "group:fraud"},
    ),
    (
        {"type": "form", "schema": ADDRESS},
        ["submit", "--data", '{"city": "Łódź"}'],
        "submitted",
        {"city": "Łódź"},
    ),
    (
        {"type": "clarification", "question": "Which one?"},
        ["reply", "--answer", "the blue one"],
        "answered",
        {"answer": "the blue one"},
    ),
    ({"type": "clarification"}, ["decline"], "declined", None),
    (
        {"type": "manual_action", "checklist": ["called", "filed"], "evidence": "required"},
        ["complete", "--done", "called", "--done", "filed", "--evidence", "D-4711"],
        "completed",
        {"done": ["called", "filed"]},
    ),
    ({"type": "manual_action"}, ["fail"], "failed", None),
    (
        {"type": "override"},
        ["override", "--action", "stop", "--comment", "it loops"],
        "overridden",
        {"action": "stop"},
    ),
    ({"type": "override"}, ["refuse", "--comment", "it is fine"], "refused", None),
    (
        {"type": "approval"},
        ["answer", "--outcome", "approved", "--comment", "fine"],
        "approved",
        None,
    ),
]


@pytest.mark.parametrize(
    ("fields", "words", "outcome", "data"),
    ANSWERS,
    ids=[f"{fields['type']}-{words[0]}-{n}" for n, (fields, words, _, _) in enumerate(ANSWERS)],
)
def test_a_person_answers_any_task_in_one_line(
    signoff: Terminal, fields: dict[str, Any], words: list[str], outcome: str, data: Any
) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, **fields)
    verb, *options = words

    answered = signoff("tasks", verb, task["id"], *options, "--json", key=key).json

    decision = answered["task"]["decision"]
    assert decision["outcome"] == outcome
    assert decision["by"] == email
    assert decision["data"] == data
    shown = signoff("tasks", "show", task["id"], key=key)
    assert f"state: concluded ({outcome} by {email})" in shown.out


def test_the_plain_text_says_what_was_decided_by_whom(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")

    done = signoff("tasks", "approve", task["id"], key=key)

    assert (done.code, done.out, done.err) == (0, f"May I?: approved by {email}\n", "")


def test_a_list_holds_what_waits_for_me_and_nothing_else(signoff: Terminal) -> None:
    (mine, my_key), (theirs, _) = signoff.person(), signoff.person()
    agent = signoff.agent()
    task = asked(signoff, agent=agent, assignee=mine, type="approval", title="Mine?")
    asked(signoff, agent=agent, assignee=theirs, type="approval", title="Theirs?")

    listed = signoff("tasks", "list", "--json", key=my_key).json
    plain = signoff("tasks", "list", "--mine", key=my_key).out

    assert [row["id"] for row in listed["tasks"]] == [task["id"]]
    assert task["id"] in plain
    assert "Mine?" in plain
    assert "Theirs?" not in plain


def test_a_list_can_be_narrowed_to_a_state_and_an_intent(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")
    intent = task["intent_id"]

    before = signoff("tasks", "list", "--intent", intent, "--state", "concluded", "--json").json
    signoff("tasks", "approve", task["id"], key=key)
    after = signoff("tasks", "list", "--intent", intent, "--state", "concluded", "--json").json

    assert before["tasks"] == []
    assert [row["id"] for row in after["tasks"]] == [task["id"]]


def test_show_tells_everything_that_is_asked(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(
        signoff,
        agent=signoff.agent(),
        assignee=email,
        type="approval",
        title="Refund 240.00 EUR?",
        description="Two parcels\nwere lost.",
        action=REFUND,
        editable=True,
        risk="high",
        comment="required",
    )

    card = signoff("tasks", "show", task["id"], key=key).out

    for fact in ("Refund 240.00 EUR?", "were lost.", "240.00", "may be edited", "high", email):
        assert fact in card
    assert task["view_digest"] in card


def test_what_an_agent_writes_cannot_move_the_cursor(signoff: Terminal) -> None:
    email, key = signoff.person()
    title = "Refund\u202e 5.00"
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval", title=title)

    for line in (("tasks", "list"), ("tasks", "show", task["id"])):
        printed = signoff(*line, key=key).out
        assert "\\u202e" in printed
        assert "\u202e" not in printed


def test_a_claim_is_held_and_given_back(signoff: Terminal) -> None:
    (first, first_key), (_, second_key) = signoff.person("desk"), signoff.person("desk")
    task = asked(signoff, agent=signoff.agent(), assignee="role:desk", type="approval")

    claimed = signoff("tasks", "claim", task["id"], key=first_key)
    refused = signoff("tasks", "approve", task["id"], "--json", key=second_key)
    released = signoff("tasks", "release", task["id"], key=first_key)
    approved = signoff("tasks", "approve", task["id"], key=second_key)

    assert claimed.out == f"May I?: claimed by {first}\n"
    assert (refused.code, refused.problem["code"]) == (REFUSED, "already_claimed")
    assert released.out == "May I?: open\n"
    assert approved.code == 0


def test_a_review_goes_round_until_it_is_approved(signoff: Terminal) -> None:
    email, key = signoff.person()
    agent = signoff.agent()
    task = asked(signoff, agent=agent, assignee=email, type="review", **REVISABLE)

    asked_again = signoff("tasks", "request-changes", task["id"], "--comment", "warmer", key=key)
    httpx2.post(
        f"{signoff.server.url}/v1/tasks/{task['id']}/revise",
        json={"content": "Dear friends"},
        headers={"Authorization": f"Bearer {agent}"},
    ).raise_for_status()
    approved = signoff("tasks", "approve", task["id"], key=key)

    assert asked_again.out == "May I?: changes requested; the agent is asked to revise\n"
    assert approved.out == f"May I?: approved by {email}\n"
    shown = signoff("tasks", "show", task["id"], key=key).out
    assert "Dear friends" in shown
    assert f"{email}: warmer" in shown


def test_the_agent_withdraws_what_nobody_needs_to_answer(signoff: Terminal) -> None:
    email, key = signoff.person()
    agent = signoff.agent()
    task = asked(signoff, agent=agent, assignee=email, type="approval")

    gone = signoff("tasks", "withdraw", task["id"], "--reason", "paid already", key=agent)
    late = signoff("tasks", "approve", task["id"], "--json", key=key)

    assert gone.out == "May I?: withdrawn\n"
    assert (late.code, late.problem["code"]) == (REFUSED, "task_withdrawn")


def test_a_stale_view_is_refused_and_says_to_look_again(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")

    stale = signoff("tasks", "approve", task["id"], "--view", f"sha256:{'0' * 64}", key=key)
    fresh = signoff("tasks", "approve", task["id"], "--view", task["view_digest"], key=key)

    assert stale.code == REFUSED
    assert "next: look again with `signoff tasks show TASK`, then decide" in stale.err
    assert fresh.code == 0


def test_the_loser_of_a_race_is_told_who_won(signoff: Terminal) -> None:
    (first, first_key), (_, second_key) = signoff.person("race"), signoff.person("race")
    task = asked(signoff, agent=signoff.agent(), assignee="role:race", type="approval")

    signoff("tasks", "approve", task["id"], key=first_key)
    lost = signoff("tasks", "reject", task["id"], "--json", key=second_key)

    assert lost.code == REFUSED
    assert lost.problem["code"] == "already_concluded"
    assert lost.problem["about"]["by"] == first


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        ({"type": "form", "schema": ADDRESS}, ["submit", "--data", "{}"], "data.city"),
        ({"type": "form", "schema": ADDRESS}, ["submit", "--data", '{"city": 7}'], "data.city"),
        ({"type": "review"}, ["reject"], "comment"),
        ({"type": "confirmation", "phrase": "yes!"}, ["confirm"], "data.phrase"),
        (
            {"type": "assignment", "candidates": ["group:a"]},
            ["assign", "--assignee", "group:b"],
            "data.assignee",
        ),
        ({"type": "clarification"}, ["reply"], "data.answer"),
        ({"type": "manual_action", "checklist": ["filed"]}, ["complete"], "data.done"),
        (
            {"type": "manual_action", "evidence": "required"},
            ["complete"],
            "evidence",
        ),
        ({"type": "override"}, ["override"], "comment"),
        (
            {"type": "override"},
            ["override", "--action", "explode", "--comment", "now"],
            "data.action",
        ),
        ({"type": "approval"}, ["confirm"], "outcome"),
        ({"type": "approval"}, ["approve", "--data", '{"arguments": {}}'], "data.arguments"),
    ],
)
def test_an_answer_that_does_not_fit_names_the_field_and_changes_nothing(
    signoff: Terminal, fields: dict[str, Any], words: list[str], field: str
) -> None:
    email, key = signoff.person()
    if fields["type"] == "approval":
        fields = {**fields, "action": REFUND}
    task = asked(signoff, agent=signoff.agent(), assignee=email, **fields)
    verb, *options = words

    refused = signoff("tasks", verb, task["id"], *options, "--json", key=key)

    assert refused.code == REFUSED
    assert refused.problem["code"] == "invalid_answer"
    assert [wrong["field"] for wrong in refused.problem["errors"]] == [field]
    assert signoff("tasks", "show", task["id"], "--json", key=key).json["task"]["state"] == "open"


def test_only_people_answer(signoff: Terminal) -> None:
    email, _ = signoff.person()
    agent = signoff.agent()
    task = asked(signoff, agent=agent, assignee=email, type="approval")
    _, stranger = signoff.person()

    refusals = {
        key: signoff("tasks", "approve", task["id"], "--json", key=key)
        for key in (agent, signoff.server.admin_key, stranger)
    }

    codes = [refused.problem["code"] for refused in refusals.values()]
    assert codes[:2] == ["agent_may_not_decide", "not_a_person"]
    assert codes[2] in ("not_eligible", "not_found")
    assert {refused.code for refused in refusals.values()} == {REFUSED}


def test_data_may_come_from_a_file(signoff: Terminal, tmp_path: Any) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="form", schema=ADDRESS)
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"city": "Żary"}), encoding="utf-8")

    done = signoff("tasks", "submit", task["id"], "--data", f"@{values}", "--json", key=key).json

    assert done["task"]["decision"]["data"] == {"city": "Żary"}
