"""A task is explained in words, before it is asked and while it waits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from signoff.cli import output
from signoff.cli.explanation import show_explanation
from signoff.cli.failures import REFUSED, USAGE
from signoff.cli.when import Clock
from tests.cli.asking import asked
from tests.cli.conftest import Terminal

FRIDAY = """
assignee: %s
ladder:
  - {after: 4 working hours, do: remind}
  - {after: 8 working hours, do: fail}
calendar: {zone: Europe/Berlin, hours: "Mon-Fri 09:00-17:30", holidays: DE-BE}
"""


def test_an_explanation_says_who_may_who_may_not_and_what_happens_when(signoff: Terminal) -> None:
    (first, _), (second, _) = signoff.person("grade"), signoff.person("grade")
    task = asked(signoff, assignee="role:grade", exclude=second)

    told = signoff("tasks", "explain", task["id"], "--zone", "Europe/Berlin")
    found = signoff("tasks", "explain", task["id"], "--json").json

    assert told.code == 0, told.err
    may, may_not = told.out.split("Who may not")
    assert first in may
    assert second not in may.split("Who may answer now")[1]
    assert second in may_not
    for fact in ("May I?", "role:grade", "(Europe/Berlin)", " CE", "remind", "72h"):
        assert fact in told.out or fact == "72h"
    assert found["task_id"] == task["id"]
    assert [row["person"] for row in found["may_answer"]] == [first]
    assert found["ladder"][-1]["at"] == task["due_at"]


def test_a_ladder_is_previewed_with_the_reasons_of_the_calendar(
    signoff: Terminal, tmp_path: Path
) -> None:
    owner, _ = signoff.person()
    file = tmp_path / "refund.yaml"
    file.write_text(FRIDAY % owner, encoding="utf-8")
    line = ("ladder", "preview", str(file), "--at", "2026-11-27T17:00", "--zone", "Europe/Berlin")

    told = signoff(*line)
    found = signoff(*line, "--json").json

    assert told.code == 0, told.err
    assert "not asked yet" in told.out
    assert "as of Fri 2026-11-27 17:00 CET" in told.out
    assert "Mon 2026-11-30 12:30 CET" in told.out
    assert "Mon 2026-11-30 16:30 CET" in told.out
    assert [row["do"] for row in found["ladder"]] == ["remind", "fail"]
    assert all(row["why"] for row in found["ladder"])
    assert signoff("tasks", "list", "--json").json["tasks"] == [] or owner not in told.err


def test_a_file_may_be_json_a_whole_request_or_stdin(
    signoff: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, _ = signoff.person()
    task = {"type": "review", "title": "Letter?", "chain": [{"who": "payload:boss"}]}
    file = tmp_path / "whole.json"
    file.write_text(json.dumps({"task": task, "payload": {"boss": owner}}))

    whole = signoff("ladder", "preview", str(file), "--json").json
    other = signoff("ladder", "preview", str(file), "--payload", '{"boss": 7}', "--json")

    assert [row["person"] for row in whole["may_answer"]] == [owner]
    assert other.code == REFUSED


def test_whom_a_bare_ladder_asks_is_an_option(signoff: Terminal, tmp_path: Path) -> None:
    owner, _ = signoff.person()
    file = tmp_path / "bare.yaml"
    file.write_text("ladder: [{after: 2h, do: fail}]")

    found = signoff("ladder", "preview", str(file), "--assignee", owner, "--json").json

    assert [row["person"] for row in found["may_answer"]] == [owner]
    assert [row["do"] for row in found["ladder"]] == ["fail"]


def test_a_ladder_that_would_be_refused_is_refused_by_field(
    signoff: Terminal, tmp_path: Path
) -> None:
    owner, _ = signoff.person()
    file = tmp_path / "bad.yaml"
    file.write_text("ladder: [{after: 2h, do: fail}, {after: 3h, do: remind}]")

    refused = signoff("ladder", "preview", str(file), "--assignee", owner)

    assert refused.code == REFUSED
    assert "ladder.1.after" in refused.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", "must hold an object"),
        ("a: [", "is no YAML"),
        ("{task: {ladder: []}, tittle: x}", "there may be no tittle"),
        ("ladder: [{after: 2h, do: fail}]", "says nobody who is asked; pass --assignee"),
    ],
)
def test_a_file_that_is_no_task_is_wrong_usage(
    signoff: Terminal, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text)

    refused = signoff("ladder", "preview", str(file))

    assert (refused.code, refused.out) == (USAGE, "")
    assert words in refused.err


def test_a_time_that_is_none_is_wrong_usage(signoff: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "fine.yaml"
    file.write_text("assignee: role:manager")

    refused = signoff("ladder", "preview", str(file), "--at", "teatime")

    assert refused.code == USAGE
    assert "--at must be a time" in refused.err


# What it looks like, for every part an explanation can have

DOCUMENT = {
    "task_id": "task_1",
    "at": "2026-11-27T16:00:00Z",
    "state": "open",
    "stage": 1,
    "chain": [
        {
            "stage": 0,
            "who": ["role:manager"],
            "need": 1,
            "applies": True,
            "when": None,
            "state": "done",
            "answers": [{"by": "m@a.test", "for": None, "outcome": "approved", "stage": 0}],
        },
        {
            "stage": 1,
            "who": ["role:finance", "role:audit"],
            "need": 2,
            "applies": True,
            "when": "payload.amount > 10000",
            "state": "open",
            "answers": [{"by": "d@a.test", "for": "o@a.test", "outcome": "approved", "stage": 1}],
        },
        {
            "stage": 2,
            "who": ["ceo@a.test"],
            "need": 1,
            "applies": False,
            "when": "payload.amount > 1000000",
            "state": "skipped",
            "answers": [],
        },
    ],
    "may_answer": [
        {"person": "f@a.test", "why": "has role:finance"},
        {
            "person": "e@a.test",
            "why": "stands in",
            "for": "g@a.test",
            "until": "2026-12-01T08:00:00Z",
        },
    ],
    "may_not": [{"person": "r@a.test", "why": "away until 2026-12-01T08:00:00Z"}],
    "quorum": {"need": 2, "have": 1, "missing": ["one more of role:finance"]},
    "ladder": [
        {
            "at": "2026-11-27T15:00:00Z",
            "do": "remind",
            "to": [],
            "text": "remind everybody asked",
            "why": [],
            "state": "done",
        },
        {
            "at": "2026-11-30T15:30:00Z",
            "do": "fail",
            "to": [],
            "text": "the task fails",
            "why": ["8 working hours by Europe/Berlin", "Saturday and Sunday are closed"],
            "state": "to come",
        },
    ],
    "notes": ["its clock never stands"],
}


def test_every_part_of_an_explanation_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show_explanation(DOCUMENT, Clock("Europe/Berlin"))

    told = capsys.readouterr().out
    for fact in (
        "task_1: open, stage 2 of 3",
        "as of Fri 2026-11-27 17:00 CET",
        "approved by m@a.test",
        "approved by d@a.test for o@a.test",
        "role:finance, role:audit when payload.amount > 10000",
        "ceo@a.test when payload.amount > 1000000 (it is not so)",
        "still needed: one more of role:finance",
        "stands in, for g@a.test (until Tue 2026-12-01 09:00 CET)",
        "away until Tue 2026-12-01 09:00 CET",
        "Mon 2026-11-30 16:30 CET",
        "2d 23h 30m",
        "8 working hours by Europe/Berlin; Saturday and Sunday are closed",
        "note: its clock never stands",
    ):
        assert fact in told


def test_a_narrow_window_loses_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "console", lambda: Console(width=80, highlight=False, markup=False))

    show_explanation(DOCUMENT, Clock("Europe/Berlin"))

    told = capsys.readouterr().out
    assert max(len(line) for line in told.splitlines()) <= 80
    assert re.search(r"when +in +state +what", told)
    words = set(re.split(r"[\s;()]+", told))
    for word in ("fails", "Saturday", "closed", "r@a.test", "g@a.test", "16:30"):
        assert word in words
