"""Moments are read and shown where the reader is, or where they say."""

from __future__ import annotations

import pytest
import typer

from signoff.cli.when import Clock

BERLIN = Clock("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-27T17:00", "2026-11-27T16:00:00+00:00"),
        ("2026-07-01 17:00", "2026-07-01T15:00:00+00:00"),
        ("2026-11-27T17:00Z", "2026-11-27T17:00:00+00:00"),
        ("2026-11-27T17:00+05:30", "2026-11-27T11:30:00+00:00"),
    ],
)
def test_a_moment_without_a_zone_is_meant_here(text: str, moment: str) -> None:
    assert BERLIN.read(text, option="--at") == moment
    assert BERLIN.read_loosely(text) == moment


@pytest.mark.parametrize("text", ["2h", "2026-11-27", "tomorrow", "PT2H", ""])
def test_what_is_no_moment_stays_as_it_was_written(text: str) -> None:
    assert BERLIN.read_loosely(text) == text
    with pytest.raises(typer.BadParameter, match="--at must be a time"):
        BERLIN.read(text, option="--at")


def test_a_moment_is_shown_with_its_day_and_the_name_of_its_zone() -> None:
    assert BERLIN.show("2026-11-27T16:00:00.000000Z") == "Fri 2026-11-27 17:00 CET"
    assert BERLIN.show("2026-07-01T15:00:07Z") == "Wed 2026-07-01 17:00:07 CEST"
    assert BERLIN.show(None) == "-"
    assert BERLIN.show("soon\x1b") == "soon\\x1b"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    shown = [BERLIN.show(f"2026-10-25T0{hour}:30:00Z") for hour in (0, 1)]
    assert shown == ["Sun 2026-10-25 02:30 CEST", "Sun 2026-10-25 02:30 CET"]


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_wrong_usage(name: str) -> None:
    with pytest.raises(typer.BadParameter, match="no time zone"):
        Clock(name)


def test_a_sentence_is_retold_with_its_moments_here() -> None:
    told = BERLIN.retell("is away until 2026-12-06T23:00:00.000000Z; 12:00 stays")
    assert told == "is away until Mon 2026-12-07 00:00 CET; 12:00 stays"
