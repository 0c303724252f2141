"""What agents write cannot move a terminal's cursor, colour it, or hide."""

import pytest

from signoff.cli.text import moment, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("bell\x07", "bell\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("over\rwrite", "over\\rwrite"),
        ("two\nlines", "two\\nlines"),
        ("pay \u202e001\u202c", "pay \\u202e001\\u202c"),
        ("a\u200bb", "a\\u200bb"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_could_mislead_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["Zażółć", "佐藤 美咲", "יעל כהן", "😢 ⭐", "[bold]not markup[/]"])
def test_words_of_every_script_stay_as_they_are(text: str) -> None:
    assert visible(text) == text


def test_line_breaks_stay_where_lines_are_wanted() -> None:
    assert visible("a\n\tb\x1b", lines=True) == "a\n\tb\\x1b"


def test_a_moment_is_shown_in_utc_to_the_second() -> None:
    assert moment("2026-11-24T18:00:00.5+02:00") == "2026-11-24 16:00:00Z"
    assert moment(None) == "-"
    assert moment("soon\x1b") == "soon\\x1b"
