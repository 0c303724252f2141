"""Who works on a task is changed from the terminal: chains, delegates, watchers, comments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from signoff.cli.failures import REFUSED, USAGE
from tests.cli.asking import asked
from tests.cli.conftest import Terminal


def test_an_answer_that_is_not_enough_says_who_is_still_needed(signoff: Terminal) -> None:
    (first, first_key), (second, second_key) = signoff.person(), signoff.person()
    task = asked(signoff, chain=[{"who": [first, second], "need": 2}])

    one = signoff("tasks", "approve", task["id"], key=first_key)
    again = signoff("tasks", "approve", task["id"], key=first_key)
    shown = signoff("tasks", "show", task["id"]).out
    both = signoff("tasks", "approve", task["id"], key=second_key)

    assert one.code == 0
    waiting = f"approved by {first}; stage 1 of 1 waits for 1 more of {first}, {second}"
    assert one.out == f"May I?: {waiting}\n"
    assert again.code == REFUSED
    assert "next: `signoff tasks explain TASK` says who is still needed" in again.err
    assert "1 of 2" in shown
    assert f"approved by {first}" in shown
    assert both.out == f"May I?: approved by {second}\n"


def test_a_chain_goes_from_stage_to_stage(signoff: Terminal) -> None:
    (first, first_key), (second, second_key) = signoff.person("boss"), signoff.person("money")
    task = asked(signoff, chain=["role:boss", "role:money"])

    early = signoff("tasks", "approve", task["id"], "--json", key=second_key)
    one = signoff("tasks", "approve", task["id"], key=first_key)
    shown = signoff("tasks", "show", task["id"]).out
    both = signoff("tasks", "approve", task["id"], key=second_key)

    assert early.problem["code"] in ("not_eligible", "not_found")
    assert one.out == f"May I?: approved by {first}; stage 2 of 2 waits for role:money\n"
    for fact in ("2 of 2", "role:boss", "role:money"):
        assert fact in shown
    assert both.out == f"May I?: approved by {second}\n"


def test_a_delegate_answers_in_the_place_of_the_owner(signoff: Terminal) -> None:
    (owner, owner_key), (deputy, deputy_key) = signoff.person(), signoff.person()
    task = asked(signoff, assignee=owner)
    words = ("--to", deputy, "--note", "I am on a train")

    handed = signoff("tasks", "delegate", task["id"], *words, key=owner_key)
    shown = signoff("tasks", "show", task["id"]).out
    done = signoff("tasks", "approve", task["id"], "--json", key=deputy_key).json["task"]

    assert handed.out == f"May I?: {deputy} may answer in your place; you may still\n"
    assert f"{deputy} for {owner} (delegated)" in shown
    assert [(said["by"], said["for"]) for said in done["answers"]] == [(deputy, owner)]
    after = signoff("tasks", "show", task["id"]).out
    assert f"approved by {deputy} for {owner}" in after


def test_nobody_delegates_what_is_not_theirs(signoff: Terminal) -> None:
    (owner, _), (stranger, stranger_key) = signoff.person(), signoff.person()
    task = asked(signoff, assignee=owner)

    refused = signoff("tasks", "delegate", task["id"], "--to", stranger, "--json", key=stranger_key)

    assert (refused.code, refused.out) == (REFUSED, "")
    assert signoff("tasks", "show", task["id"], "--json").json["task"]["stand_ins"] == []


def test_an_administrator_asks_others_instead(signoff: Terminal) -> None:
    (first, first_key), (second, second_key) = signoff.person(), signoff.person()
    task = asked(signoff, assignee=first)

    line = ("tasks", "reassign", task["id"], "--to", second)
    unsaid = signoff(*line)
    passed = signoff(*line, "--reason", "on leave")
    late = signoff("tasks", "approve", task["id"], "--json", key=first_key)
    done = signoff("tasks", "approve", task["id"], key=second_key)

    assert unsaid.code == USAGE
    assert "--reason" in unsaid.err
    assert passed.out == f"May I?: now asks {second}\n"
    assert late.problem["code"] in ("not_eligible", "not_found")
    assert done.code == 0


def test_whoever_watches_is_on_the_task_until_they_do_not(signoff: Terminal) -> None:
    (owner, owner_key), (other, _) = signoff.person(), signoff.person()
    task = asked(signoff, assignee=owner)

    mine = signoff("tasks", "watch", task["id"], key=owner_key)
    theirs = signoff("tasks", "watch", task["id"], "--who", other)
    left = signoff("tasks", "unwatch", task["id"], key=owner_key)
    nobody = signoff("tasks", "unwatch", task["id"], "--who", other)

    assert mine.out == f"May I?: watched by {owner}\n"
    assert {owner, other} <= set(theirs.out.replace(",", "").split())
    assert left.out == f"May I?: watched by {other}\n"
    assert nobody.out == "May I?: watched by nobody\n"


def test_comments_are_read_in_order_by_whoever_sees_the_task(
    signoff: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, owner_key = signoff.person()
    agent = signoff.agent()
    task = asked(signoff, agent=agent, assignee=owner)

    empty = signoff("tasks", "comments", task["id"]).out
    first = signoff("tasks", "comment", task["id"], "Which parcel?", key=owner_key)
    second = signoff("tasks", "comment", task["id"], "The third.\nIt is \x1b[31mred.", key=agent)
    read = signoff("tasks", "comments", task["id"], "--zone", "UTC", key=owner_key).out
    listed = signoff("tasks", "comments", task["id"], "--json").json["comments"]

    assert empty == "Nobody has said anything.\n"
    assert (first.out, second.out) == ("May I?: 1 comment\n", "May I?: 2 comments\n")
    assert [row["text"] for row in listed] == ["Which parcel?", "The third.\nIt is \x1b[31mred."]
    assert read.index("Which parcel?") < read.index("The third.")
    assert read.startswith(f"{owner}  ")
    assert f"{datetime.now(UTC):%Y-}" in read
    assert "\x1b" not in read


def test_a_comment_of_nothing_is_refused_and_changes_nothing(signoff: Terminal) -> None:
    owner, owner_key = signoff.person()
    task = asked(signoff, assignee=owner)

    refused = signoff("tasks", "comment", task["id"], " ", "--json", key=owner_key)

    assert (refused.code, refused.problem["errors"][0]["field"]) == (REFUSED, "text")
    assert signoff("tasks", "comments", task["id"], "--json").json["comments"] == []
