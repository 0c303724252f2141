"""The clock of a task is put off, prolonged, stopped and started from the terminal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from signoff.cli.failures import REFUSED
from tests.cli.asking import asked
from tests.cli.conftest import Terminal


def task_of(signoff: Terminal, task: dict[str, Any]) -> Any:
    return signoff("tasks", "show", task["id"], "--json").json["task"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_snooze_moves_the_reminder_and_not_the_end(signoff: Terminal) -> None:
    owner, key = signoff.person()
    task = asked(signoff, assignee=owner)

    line = ("tasks", "snooze", task["id"], "--until", "30h", "--zone", "UTC")
    snoozed = signoff(*line, key=key)

    now = task_of(signoff, task)
    assert snoozed.out.startswith("May I?: you are reminded ")
    assert f"due {at(task['due_at']):%a %Y-%m-%d %H:%M}" in snoozed.out
    assert now["due_at"] == task["due_at"]
    assert at(now["snoozed_until"]) > at(task["opened_at"]) + timedelta(hours=29)
    assert "snoozed" in signoff("tasks", "show", task["id"]).out


def test_a_snooze_past_the_end_is_refused(signoff: Terminal) -> None:
    owner, key = signoff.person()
    task = asked(signoff, assignee=owner, deadline="2h")

    refused = signoff("tasks", "snooze", task["id"], "--until", "3h", "--json", key=key)

    assert (refused.code, refused.out) == (REFUSED, "")
    assert refused.problem["errors"][0]["field"] == "until"
    assert task_of(signoff, task)["snoozed_until"] is None


def test_an_administrator_gives_more_time(signoff: Terminal) -> None:
    owner, key = signoff.person()
    task = asked(signoff, assignee=owner)
    line = ("tasks", "extend", task["id"], "--by", "24h", "--reason", "public holiday")

    own = signoff(*line, "--json", key=key)
    unchanged = task_of(signoff, task)["due_at"]
    longer = signoff(*line, "--zone", "UTC")

    due = at(task["due_at"]) + timedelta(hours=24)
    assert own.problem["code"] in ("forbidden", "not_eligible")
    assert unchanged == task["due_at"]
    assert longer.out.startswith(f"May I?: due {due:%a %Y-%m-%d %H:%M}")
    assert at(task_of(signoff, task)["due_at"]) == due


def test_a_clock_stands_while_the_task_waits_for_its_agent(signoff: Terminal) -> None:
    owner, key = signoff.person()
    agent = signoff.agent()
    task = asked(signoff, agent=agent, assignee=owner, pause=True)

    stopped = signoff("tasks", "pause", task["id"], "--reason", "which parcel?", key=key)
    standing = signoff("tasks", "show", task["id"]).out
    started = signoff("tasks", "resume", task["id"], key=agent)

    assert stopped.out.startswith("May I?: its clock stands; it goes on by itself ")
    assert "paused" in standing
    assert started.out.startswith("May I?: its clock goes on; due ")
    assert task_of(signoff, task)["paused_at"] is None


def test_a_clock_that_may_not_stand_goes_on(signoff: Terminal) -> None:
    owner, key = signoff.person()
    task = asked(signoff, assignee=owner)

    refused = signoff("tasks", "pause", task["id"], "--reason", "?", "--json", key=key)

    assert (refused.code, refused.out) == (REFUSED, "")
    assert task_of(signoff, task)["paused_at"] is None
