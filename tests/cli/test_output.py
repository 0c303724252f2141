"""Lists stay readable: a row a line where there is room, else a block, and nothing is cut."""

from __future__ import annotations

import pytest
from rich.console import Console

from signoff.cli import output

COLUMNS = ("id", "title", "due")
TITLE = "Refund 240 EUR to 佐藤 美咲, who [bold]waits[/] since Monday?"
ROWS = [("task_01a20f853a4c76c0a13596f2926c1ad0", TITLE, None), ("task_2", "Why?", "now")]


def test_in_a_pipe_every_row_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(COLUMNS, [*ROWS, ("task_3", "x" * 300, "")], empty="Nothing.")

    first, second, third = capsys.readouterr().out.splitlines()[2:]
    assert first.split() == [ROWS[0][0], *TITLE.split(), "-"]
    assert second.split() == ["task_2", "Why?", "now"]
    assert third.split() == ["task_3", "x" * 300, "-"]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_in_a_narrow_window_a_row_is_a_block_and_nothing_is_cut(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        output, "console", lambda: Console(width=width, highlight=False, markup=False)
    )

    output.table(COLUMNS, ROWS, empty="Nothing.")

    printed = capsys.readouterr().out
    words = printed.split()
    for row in ROWS:
        assert row[0] in words
        assert " ".join(str(row[1]).split()) in " ".join(words)
    assert "due: now" in printed


def test_without_rows_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(COLUMNS, [], empty="Nothing to do.")

    assert capsys.readouterr().out == "Nothing to do.\n"


def test_a_card_shows_every_script_and_no_hidden_character(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.card({"to": {"name": "佐藤"}, "why": "pay\u202e \x1b[2Jme", "none": None})

    printed = capsys.readouterr().out
    assert "佐藤" in printed
    assert "pay\\u202e \\x1b[2Jme" in printed
    assert "none" not in printed
