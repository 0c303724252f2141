"""When work is done, and what holds for every task, is read and set from the terminal."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from signoff.cli import files
from signoff.cli.failures import REFUSED, USAGE
from tests.cli.conftest import Terminal

_numbers = count(1)
BERLIN = ("--zone", "Europe/Berlin", "--hours", "Mon-Fri 09:00-17:30", "--holidays", "DE-BE")


@pytest.fixture
def name() -> str:
    return f"calendar{next(_numbers)}"


def calendars(signoff: Terminal) -> dict[str, Any]:
    return {row["name"]: row for row in signoff("calendars", "list", "--json").json["calendars"]}


def test_a_calendar_is_made_shown_listed_and_removed(signoff: Terminal, name: str) -> None:
    day = ("--day", "2026-12-24=09:00-12:00", "--day", "2026-12-28=closed")

    made = signoff("calendars", "set", name, *BERLIN, *day)
    shown = signoff("calendars", "show", name)
    listed = signoff("calendars", "list")
    gone = signoff("calendars", "remove", name)

    assert made.code == 0, made.err
    assert made.out == shown.out
    for fact in (name, "Europe/Berlin", "Mon-Fri 09:00-17:30", "DE-BE", "2026-12-24  09:00-12:00"):
        assert fact in shown.out
    assert name in listed.out
    assert gone.out == f"Removed {name}.\n"
    assert name not in calendars(signoff)
    assert signoff("calendars", "show", name, "--json").problem["code"] == "not_found"


def test_what_is_not_said_stays_as_it_was(signoff: Terminal, name: str) -> None:
    signoff("calendars", "set", name, *BERLIN, "--day", "2026-12-24=closed")

    signoff(
        "calendars", "set", name, "--hours", "Mon-Thu 08:00-16:00", "--day", "2026-12-31=closed"
    )
    signoff("calendars", "set", name, "--holidays", "none")

    now = calendars(signoff)[name]
    assert (now["zone"], now["hours"]) == ("Europe/Berlin", "Mon-Thu 08:00-16:00")
    assert now["days"] == {"2026-12-24": "closed", "2026-12-31": "closed"}
    assert now["holidays"] is None


def test_a_file_says_all_of_a_calendar(signoff: Terminal, name: str, tmp_path: Path) -> None:
    signoff("calendars", "set", name, *BERLIN, "--day", "2026-12-24=closed")
    file = tmp_path / "tokyo.yaml"
    file.write_text('zone: Asia/Tokyo\nhours: "Mon-Fri 22:00-06:00"\ndays: {2026-12-30: closed}\n')

    set_ = signoff("calendars", "set", name, "--file", str(file))

    assert set_.code == 0, set_.err
    now = calendars(signoff)[name]
    assert (now["zone"], now["holidays"]) == ("Asia/Tokyo", None)
    assert now["days"] == {"2026-12-30": "closed"}


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--zone", "Mars/Olympus", "--hours", "Mon-Fri 09:00-17:00"), "zone"),
        (("--zone", "UTC", "--hours", "Mon-Fri 17:00-17:00"), "hours"),
        (("--zone", "UTC", "--hours", "Mon-Fri 09:00-17:00", "--holidays", "XX"), "holidays"),
        (("--zone", "UTC", "--hours", "Mon-Fri 09:00-17:00", "--day", "2026-02-30=closed"), "days"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_by_field(
    signoff: Terminal, name: str, words: tuple[str, ...], field: str
) -> None:
    refused = signoff("calendars", "set", name, *words, "--json")

    assert refused.code == REFUSED
    assert field in refused.problem["errors"][0]["field"]
    assert name not in calendars(signoff)


def test_a_day_without_hours_is_wrong_usage(signoff: Terminal, name: str) -> None:
    refused = signoff("calendars", "set", name, "--day", "2026-12-24")

    assert refused.code == USAGE
    assert "DAY=HOURS" in refused.err
    assert signoff("calendars", "set", name).code == USAGE


def test_settings_are_set_one_by_one_and_shown_as_yaml(signoff: Terminal) -> None:
    before = signoff("settings", "show", "--json").json["settings"]
    line = ("zone=Europe/Paris", "outage=strict", "limits.longest=14d", "limits.self_approval=true")

    changed = signoff("settings", "set", *line)
    shown = files.parse(signoff("settings", "show").out, name="shown")

    assert changed.code == 0, changed.err
    assert files.parse(changed.out, name="changed") == shown
    assert shown["version"] > before["version"]
    assert (shown["zone"], shown["outage"]) == ("Europe/Paris", "strict")
    assert shown["limits"]["self_approval"] is True
    assert shown["limits"]["own_ladder"] == before["limits"]["own_ladder"]
    back = signoff("settings", "set", "zone=UTC", "outage=fair", "limits.longest=null",
                   "limits.self_approval=false")  # fmt: skip
    assert files.parse(back.out, name="back") == {**before, "version": shown["version"] + 1}


def test_how_long_a_class_is_kept_is_set_by_its_name_and_dropped_again(signoff: Terminal) -> None:
    signoff("settings", "set", "retention.refunds=30d")
    changed = signoff("settings", "set", "retention.hr=10 years", "--json")
    dropped = signoff("settings", "set", "retention.refunds=null", "--json")
    refused = signoff("settings", "set", "retention.hr=for ever", "--json")
    back = signoff("settings", "set", "retention=null", "--json")

    kept = {"hr": "10 years", "refunds": "PT2592000S"}
    assert changed.json["settings"]["retention"] == kept
    assert dropped.json["settings"]["retention"] == {"hr": "10 years"}
    assert refused.code != 0
    assert back.json["settings"]["retention"] == {}


def test_a_setting_within_another_leaves_the_rest_of_it_alone(signoff: Terminal, name: str) -> None:
    signoff("calendars", "set", name, *BERLIN)

    changed = signoff("settings", "set", f"calendars.{name}.hours=Mon 09:00-10:00")

    assert changed.code == 0, changed.err
    assert calendars(signoff)[name]["zone"] == "Europe/Berlin"
    assert calendars(signoff)[name]["hours"] == "Mon 09:00-10:00"


def test_what_is_shown_can_be_edited_and_taken_back(signoff: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(signoff("settings", "show").out)
    taken = signoff("settings", "edit", "--file", str(file))
    late = signoff("settings", "edit", "--file", str(file), "--json")

    assert taken.code == 0, taken.err
    assert late.code == REFUSED
    assert late.problem["code"] == "changed_meanwhile"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("zone=Mars/Olympus", "zone"),
        ("calendar=nobody-made-this", "calendar"),
        ("outage=kind", "outage"),
        ("limits.longest=-2h", "limits.longest"),
        ("ladders.approval=[{after: 2h, do: shout}]", "ladders."),
        ("colour=blue", "colour"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_changes_nothing(
    signoff: Terminal, change: str, field: str
) -> None:
    before = signoff("settings", "show", "--json").json

    refused = signoff("settings", "set", change, "--json")

    assert refused.code == REFUSED
    assert field in refused.problem["errors"][0]["field"]
    assert signoff("settings", "show", "--json").json == before


def test_what_is_no_setting_is_wrong_usage(signoff: Terminal) -> None:
    for words in (("zone",), ("=UTC",), ("limits.=1",)):
        refused = signoff("settings", "set", *words)
        assert refused.code == USAGE
        assert "KEY=VALUE" in refused.err


def test_settings_are_for_administrators(signoff: Terminal) -> None:
    _, person = signoff.person("manager")

    read = signoff("settings", "show", key=person)
    refused = signoff("settings", "set", "zone=UTC", "--json", key=person)
    calendar = signoff("calendars", "set", "mine", *BERLIN, "--json", key=person)

    assert read.code == 0
    assert refused.problem["code"] == "forbidden"
    assert calendar.problem["code"] == "forbidden"
