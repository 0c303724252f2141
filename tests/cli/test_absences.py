"""Who is away and who stands in is said from the terminal; so is what else is known of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from signoff.cli.failures import REFUSED, USAGE
from tests.cli.asking import asked
from tests.cli.conftest import Terminal

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Acme//EN
BEGIN:VEVENT
UID:1@acme.test
DTSTART;VALUE=DATE:{start:%Y%m%d}
DTEND;VALUE=DATE:{end:%Y%m%d}
SUMMARY:Holidays
END:VEVENT
BEGIN:VEVENT
UID:2@acme.test
DTSTART;VALUE=DATE:20200101
DTEND;VALUE=DATE:20200102
SUMMARY:Long ago
END:VEVENT
END:VCALENDAR
"""


def absences(signoff: Terminal, person: str) -> Any:
    return signoff("people", "absences", "list", person, "--json").json["absences"]


def test_an_absence_is_added_listed_and_removed(signoff: Terminal) -> None:
    (away, _), (there, _) = signoff.person(), signoff.person()
    line = ("people", "absences", "add", away, "--from", "2028-12-22", "--to", "2028-12-31")

    added = signoff(*line, "--substitute", there, "--note", "Christmas", "--zone", "UTC")
    rows = absences(signoff, away)
    second = signoff("people", "absences", "add", away, "--from", "2028-07-01T12:00",
                     "--to", "2028-07-02T12:00", "--zone", "Europe/Berlin")  # fmt: skip
    removed = signoff("people", "absences", "remove", away, "1")

    assert added.code == 0, added.err
    for fact in ("Fri 2028-12-22 00:00 UTC", "Mon 2029-01-01 00:00 UTC", there, "Christmas"):
        assert fact in added.out
    assert [(row["start"][:10], row["substitute"]) for row in rows] == [("2028-12-22", there)]
    assert second.code == 0, second.err
    assert removed.code == 0, removed.err
    (left,) = absences(signoff, away)
    assert left["start"].startswith("2028-12-22")
    assert signoff("people", "absences", "remove", away, "2").code == USAGE


def test_absences_come_from_a_calendar_file(signoff: Terminal, tmp_path: Path) -> None:
    (away, _), (there, _) = signoff.person(), signoff.person()
    file = tmp_path / "away.ics"
    start = datetime.now(UTC) + timedelta(days=30)
    ics = ICS.format(start=start, end=start + timedelta(days=7))
    file.write_text(ics.replace("\n", "\r\n"))

    taken = signoff("people", "absences", "import", away, str(file), "--substitute", there)

    assert taken.code == 0, taken.err
    (row,) = absences(signoff, away)
    assert row["start"].startswith(f"{start:%Y-%m-%d}")
    assert row["substitute"] == there
    assert f"1 taken from {file}." in taken.out
    assert "Left out: Long ago: " in taken.out


def test_what_is_no_calendar_is_refused_and_changes_nothing(
    signoff: Terminal, tmp_path: Path
) -> None:
    away, _ = signoff.person()
    file = tmp_path / "away.ics"
    file.write_text("hello")

    refused = signoff("people", "absences", "import", away, str(file), "--json")
    missing = signoff("people", "absences", "import", away, str(tmp_path / "none.ics"))
    nowhere = signoff("people", "absences", "import", away, "http://127.0.0.1:9/x.ics")

    assert (refused.code, refused.problem["errors"][0]["field"]) == (REFUSED, "ics")
    assert (missing.code, nowhere.code) == (USAGE, USAGE)
    assert "no answer from http://127.0.0.1:9/x.ics" in nowhere.err
    assert absences(signoff, away) == []


def test_people_who_stand_in_for_one_another_are_refused_by_field(signoff: Terminal) -> None:
    (one, _), (other, _) = signoff.person(), signoff.person()
    when = ("--from", "2028-12-22", "--to", "2028-12-31")
    signoff("people", "absences", "add", one, *when, "--substitute", other)

    circle = signoff("people", "absences", "add", other, *when, "--substitute", one, "--json")
    self_ = signoff("people", "absences", "add", other, *when, "--substitute", other, "--json")

    assert [ran.problem["errors"][0]["field"] for ran in (circle, self_)] == [
        "absences.0.substitute",
        "absences.0.substitute",
    ]
    assert absences(signoff, other) == []


def test_somebody_says_of_themselves_that_they_are_away(signoff: Terminal) -> None:
    (away, key), (other, _) = signoff.person(), signoff.person()
    when = ("--from", "2028-12-22", "--to", "2028-12-31")

    own = signoff("people", "absences", "add", away, *when, key=key)
    theirs = signoff("people", "absences", "add", other, *when, "--json", key=key)

    assert own.code == 0, own.err
    assert "Nobody stands in; name somebody with --substitute." in own.out
    assert theirs.code == REFUSED


def test_whoever_is_away_is_shown_with_who_stands_in(signoff: Terminal) -> None:
    (away, _), (there, there_key) = signoff.person(), signoff.person()
    when = ("--from", "2020-01-01", "--to", "2035-12-31", "--substitute", there)
    signoff("people", "absences", "add", away, *when)

    task = asked(signoff, assignee=away)
    shown = signoff("tasks", "show", task["id"]).out
    done = signoff("tasks", "approve", task["id"], key=there_key)

    assert f"{there} for {away} (absent until 2036-01-01" in shown
    assert done.code == 0, done.err


def test_a_person_has_aliases_attributes_and_a_calendar(signoff: Terminal) -> None:
    signoff("calendars", "set", "desk", "--zone", "UTC", "--hours", "Mon-Fri 09:00-17:00")
    email, _ = signoff.person()
    words = ("--alias", f"other.{email}", "--attribute", "level=2", "--calendar", "desk")

    changed = signoff("people", "update", email, *words, "--region", "EU", "--json").json["person"]
    shown = signoff("people", "show", email).out
    cleared = signoff("people", "update", email, "--calendar", "none", "--json").json["person"]

    assert changed["aliases"] == [f"other.{email}"]
    assert changed["attributes"] == {"level": "2"}
    assert changed["calendar"] == "desk"
    for fact in (f"other.{email}", "level=2", "desk", "EU"):
        assert fact in shown
    assert cleared["calendar"] is None
    assert cleared["attributes"] == {"level": "2"}


def test_a_new_person_has_them_too_and_is_asked_by_them(signoff: Terminal) -> None:
    line = "people add --email lev@acme.test --role judge --attribute level=3 --alias l@acme.test"
    added = signoff(*line.split(), "--json").json["person"]
    task = asked(signoff, assignee="role:judge@level:3")

    assert (added["aliases"], added["attributes"]) == (["l@acme.test"], {"level": "3"})
    found = signoff("tasks", "explain", task["id"], "--json").json
    assert [row["person"] for row in found["may_answer"]] == ["lev@acme.test"]


def test_an_attribute_without_a_value_is_wrong_usage(signoff: Terminal) -> None:
    email, _ = signoff.person()

    refused = signoff("people", "update", email, "--attribute", "level")

    assert refused.code == USAGE
    assert "NAME=VALUE" in refused.err
