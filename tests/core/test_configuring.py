"""What an administrator sets: calendars and settings, read, refused with the field, and written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signoff.core.calendar import Shift
from signoff.core.configuring import (
    calendar_document,
    read_calendar,
    read_calendars,
    read_settings_document,
    settings_document,
)
from signoff.core.hours import read_week, write_week
from signoff.core.routing import Directory
from signoff.core.words import OutageRule
from signoff.core.workspace import WorkspaceSettings
from signoff.errors import ChangedMeanwhile, InvalidInput, InvalidTask
from tests.core.calendars import WEEK, calendar
from tests.core.story import MARA, person

NINE = Shift(start=540, end=1050)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Mon-Fri 09:00-17:30", "Mon-Fri 09:00-17:30"),
        ("mon-fri 09:00-17:30, sat 10:00-12:00", "Mon-Fri 09:00-17:30, Sat 10:00-12:00"),
        ("Monday 13:00-17:00 09:00-12:00", "Mon 09:00-12:00 13:00-17:00"),
        ("Fri-Mon 08:00-12:00", "Mon 08:00-12:00, Fri-Sun 08:00-12:00"),
        ("Sun-Thu 22:00-06:00", "Mon-Thu 22:00-06:00, Sun 22:00-06:00"),
        ("Mon-Sun 00:00-24:00", "Mon-Sun 00:00-24:00"),
        ("Mon 09:00-00:00", "Mon 09:00-24:00"),
        ("Mon-Fri 09:00-17:30, Sat closed", "Mon-Fri 09:00-17:30"),
    ],
)
def test_hours_are_read_and_written_back(text: str, written: str) -> None:
    week = read_week(text, field="hours")
    assert write_week(week) == written
    assert read_week(written, field="hours") == week


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "Mon",
            "09:00-17:00",
            "Mon-Fri",
            "Mon 9:00-17:00",
            "Mon 09:00",
            "Mon 09:00-25:00",
        ),
        *(
            "Xyz 09:00-17:00",
            "Mon 09:60-17:00",
            "Mon 09:00-09:00",
            "Mon 24:00-03:00",
            "Mon 00:00-24:30",
        ),
        *(
            "Mon 09:00-17:00,",
            "Mon 09:00-17:00, Mon 18:00-19:00",
            "Mon-Tue 09:00-17:00, Tue closed",
        ),
        *("Mon 09:00-12:00 11:00-13:00", "Mon 20:00-10:00 09:00-19:00", "Mon ٠٩:00-17:00"),
        *("Mon 09:00-17:00 " * 40, "Mon " + " ".join(f"{h:02}:00-{h:02}:30" for h in range(13))),
        *("Mon 09:00-17:00-18:00", "-Mon 09:00-17:00", "Mon- 09:00-17:00", "Mon\n09:00-17:00"),
    ],
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(InvalidTask) as refused:
        read_week(text, field="task.calendar.hours")
    assert [wrong.field for wrong in refused.value.errors] == ["task.calendar.hours"]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"zone": "Europe/Atlantis"}, "zone", "no time zone"),
        ({"zone": ""}, "zone", "needs its zone"),
        ({"zone": "../../etc/passwd"}, "zone", "no time zone"),
        ({"zone": 7}, "zone", "needs its zone"),
        ({"hours": None}, "hours", "needs its hours"),
        ({"hours": "Mon-Fri closed"}, "hours", "never open"),
        ({"holidays": "XX"}, "holidays", "nobody knows the holidays"),
        ({"holidays": "DE-ZZ"}, "holidays", "nobody knows the holidays"),
        ({"holidays": "DE-"}, "holidays", "nobody knows the holidays"),
        ({"holidays": "-BE"}, "holidays", "nobody knows the holidays"),
        ({"holidays": 49}, "holidays", "nobody knows the holidays"),
        ({"days": {"2026-02-30": "closed"}}, "days.2026-02-30", "no day"),
        ({"days": {"20260227": "closed"}}, "days.20260227", "no day"),
        ({"days": {"2026-12-24": "noon"}}, "days.2026-12-24", "no shift"),
        ({"days": {"2026-12-24": None}}, "days.2026-12-24", "write its hours"),
        ({"days": ["2026-12-24"]}, "days", "an object"),
        ({"colour": "red"}, "colour", "there is no 'colour' here"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused_with_the_field(
    change: dict[str, Any], field: str, said: str
) -> None:
    fields = {"zone": "Europe/Berlin", "hours": WEEK, **change}
    with pytest.raises(InvalidTask, match=said) as refused:
        read_calendar("", fields, field="task.calendar")
    assert [wrong.field for wrong in refused.value.errors] == [f"task.calendar.{field}"]


def test_a_calendar_is_read_and_written_back() -> None:
    fields = {
        "zone": "Europe/Berlin",
        "hours": "Mon-Fri 09:00-17:30, Sat 10:00-12:00",
        "holidays": "DE-BE",
        "days": {"2026-12-24": "09:00-12:00", "2026-12-28": "closed"},
    }
    found = read_calendar("berlin", fields, field="berlin")
    assert (found.name, found.zone, found.holidays) == ("berlin", "Europe/Berlin", "DE-BE")
    assert found.hours == ((NINE,),) * 5 + ((Shift(start=600, end=720),), ())
    assert found.days == {"2026-12-24": (Shift(start=540, end=720),), "2026-12-28": ()}
    assert calendar_document(found) == fields


# Which calendars a task counts by

BERLIN, TOKYO = calendar(name="berlin"), calendar("Asia/Tokyo", name="tokyo")
YORK = calendar("America/New_York", name="york")
SETTINGS = WorkspaceSettings(
    calendar="berlin", calendars={each.name: each for each in (BERLIN, TOKYO, YORK)}
)
KEN = person("ken", calendar="tokyo")


def read(value: Any, who: Any = None, settings: WorkspaceSettings = SETTINGS) -> tuple[str, ...]:
    found = read_calendars(value, Directory(settings=settings), who, "task.calendar")
    return tuple(each.name for each in found)


def test_a_task_counts_by_what_it_says_else_by_the_one_persons_else_by_the_workspaces() -> None:
    assert read("tokyo", MARA) == ("tokyo",)
    assert read({"zone": "UTC", "hours": WEEK}, KEN) == ("",)
    assert read(None, KEN) == read("person", KEN) == ("tokyo",)
    assert read(None, MARA) == read("person", MARA) == ("berlin",)
    assert read(None) == ("berlin",)
    assert read(None, KEN, WorkspaceSettings()) == ()
    assert read(["berlin", "york", "berlin"]) == ("berlin", "york")
    assert read(["berlin", "person"], person("una", calendar="york")) == ("berlin", "york")


@pytest.mark.parametrize(
    ("value", "field", "said"),
    [
        ("paris", "task.calendar", "'paris' is no calendar .* berlin, tokyo, york"),
        (["berlin", "paris"], "task.calendar.1", "'paris' is no calendar"),
        ("person", "task.calendar", "no single person"),
        (7, "task.calendar", "7 is no calendar"),
        ([], "task.calendar", "1 to 5 calendars"),
        (["berlin"] * 6, "task.calendar", "1 to 5 calendars"),
        (["berlin", "tokyo", "york"], "task.calendar", "tokyo and york are never open"),
        (
            ["york", {"zone": "Asia/Tokyo", "hours": WEEK}],
            "task.calendar",
            "york and the one in Asia/Tokyo are never open at the same time",
        ),
        ([{"zone": "UTC", "hours": "Mon closed"}], "task.calendar.0.hours", "never open"),
    ],
)
def test_calendars_that_make_no_sense_are_refused_with_the_field(
    value: Any, field: str, said: str
) -> None:
    with pytest.raises(InvalidTask, match=said) as refused:
        read(value)
    assert [wrong.field for wrong in refused.value.errors] == [field]


def test_a_person_without_a_calendar_in_a_workspace_without_one_is_refused() -> None:
    with pytest.raises(InvalidTask, match=r"mara@acme.test has no calendar"):
        read("person", MARA, WorkspaceSettings())


# Settings

DOCUMENT: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "calendar": "berlin",
    "calendars": {"berlin": {"zone": "Europe/Berlin", "hours": WEEK, "holidays": "DE-BE"}},
    "ladders": {
        "approval": [
            {"after": "4 working hours", "do": "remind"},
            {"after": "1 business day", "do": "escalate", "to": ["role:lead", "group:desk"]},
            {"after": "3 business days", "conclude": "rejected"},
        ]
    },
    "outage": "strict",
    "limits": {
        "own_ladder": False,
        "shortest": "1h",
        "longest": "7d",
        "may_conclude": {"review": ["approved"]},
        "self_approval": True,
    },
    "may_extend": ["role:lead", "ada@acme.test"],
    "longest_pause": "2d",
    "retention": {"refunds": "30d", "hr": "10 years", "visitors": "1y"},
}


def test_settings_are_read_and_written_back() -> None:
    settings = read_settings_document(DOCUMENT, WorkspaceSettings())
    assert settings.version == 1
    assert settings.outage is OutageRule.STRICT
    assert settings.limits.longest == timedelta(days=7)
    written = settings_document(settings)
    assert read_settings_document(written, settings).version == 2
    assert {**written, "version": 2} == settings_document(read_settings_document(written, settings))


def test_what_a_change_does_not_name_stays_and_null_makes_it_what_it_was_at_first() -> None:
    settings = read_settings_document(DOCUMENT, WorkspaceSettings())
    changed = read_settings_document(
        {
            "outage": None,
            "calendars": {"paris": {"zone": "Europe/Paris", "hours": WEEK}},
            "limits": {"longest": None},
            "ladders": {"approval": None},
        },
        settings,
    )
    assert changed.outage is OutageRule.FAIR
    assert set(changed.calendars) == {"berlin", "paris"}
    assert changed.limits.longest is None
    assert changed.limits.shortest == timedelta(hours=1)
    assert changed.ladders == {}
    assert changed.may_extend == settings.may_extend


def test_how_long_a_class_is_kept_may_be_said_in_years() -> None:
    settings = read_settings_document(DOCUMENT, WorkspaceSettings())
    assert settings.retention["refunds"] == timedelta(days=30)
    assert settings.retention["hr"] >= timedelta(days=3653)  # ten years, leap days too
    kept = settings_document(settings)["retention"]
    assert kept == {"hr": "10 years", "refunds": "PT2592000S", "visitors": "1 year"}
    less = read_settings_document({"retention": {"hr": None, "new": "1d"}}, settings)
    assert set(less.retention) == {"refunds", "visitors", "new"}
    assert read_settings_document({"retention": None}, settings).retention == {}


def test_a_change_based_on_an_older_version_is_refused() -> None:
    with pytest.raises(ChangedMeanwhile):
        read_settings_document({"version": 3, "zone": "UTC"}, WorkspaceSettings(version=4))
    assert read_settings_document({"version": 4}, WorkspaceSettings(version=4)).version == 5


RUNG = {"after": "24h", "do": "fail"}


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"zone": "Mars/Olympus"}, "zone", "no time zone"),
        ({"calendar": "paris"}, "calendar", "no calendar 'paris'"),
        ({"calendar": 1}, "calendar", "the name of a calendar"),
        ({"calendars": {"a b": {"zone": "UTC", "hours": WEEK}}}, "calendars.a b", "no name"),
        ({"calendars": {"person": {"zone": "UTC", "hours": WEEK}}}, "calendars.person", "no name"),
        ({"calendars": {"x": {"zone": "X", "hours": WEEK}}}, "calendars.x.zone", "no time zone"),
        ({"calendars": {"x": []}}, "calendars.x", "an object"),
        ({"ladders": {"vote": [RUNG]}}, "ladders.vote", "'vote' is none of"),
        ({"ladders": {"form": []}}, "ladders.form", "a list of rungs"),
        ({"ladders": {"form": [RUNG] * 11}}, "ladders.form", "at most 10 rungs"),
        ({"ladders": {"form": ["24h"]}}, "ladders.form.0", "an object"),
        ({"ladders": {"form": [{**RUNG, "when": "x"}]}}, "ladders.form.0.when", "no 'when'"),
        ({"ladders": {"form": [{**RUNG, "after": 24}]}}, "ladders.form.0.after", "24"),
        (
            {"ladders": {"form": [{**RUNG, "after": "0h"}]}},
            "ladders.form.0.after",
            "more than zero",
        ),
        (
            {"ladders": {"form": [{**RUNG, "after": "1 working hour"}]}},
            "ladders.form.0.after",
            "cal",
        ),
        (
            {"ladders": {"form": [{"after": "1h", "do": "notify", "to": "mgr@acme.test"}]}},
            "ladders.form.0.to",
            "no role or group",
        ),
        (
            {"ladders": {"approval": [{"after": "1h", "conclude": "approved"}]}},
            "ladders.approval.0.conclude",
            "never means",
        ),
        (
            {"ladders": {"form": [RUNG, {"after": "25h", "do": "remind"}]}},
            "ladders.form.1.after",
            "never fires",
        ),
        (
            {"ladders": {"form": [RUNG]}, "limits": {"longest": "2h"}},
            "ladders.form.0.after",
            "longer than 2 hours",
        ),
        ({"outage": "soft"}, "outage", "none of fair, strict"),
        ({"limits": {"longest": "1 day"}}, "limits.longest", "no elapsed duration"),
        ({"limits": {"longest": "-1h"}}, "limits.longest", "no duration"),
        ({"limits": {"shortest": "2h", "longest": "1h"}}, "limits.shortest", "longer than"),
        ({"limits": {"own_ladder": "no"}}, "limits.own_ladder", "true or false"),
        (
            {"limits": {"may_conclude": {"form": ["approved"]}}},
            "limits.may_conclude.form",
            "none of",
        ),
        ({"limits": {"budget": 1}}, "limits.budget", "no 'budget'"),
        ({"may_extend": "role:lead"}, "may_extend", "name those"),
        ({"may_extend": ["role:"]}, "may_extend", "no role or group"),
        ({"longest_pause": 7}, "longest_pause", "an elapsed duration"),
        ({"retention": []}, "retention", "an object"),
        ({"retention": {"no word": "1d"}}, "retention", "no word"),
        ({"retention": {"x": 30}}, "retention.x", "an elapsed duration"),
        ({"retention": {"x": "1 month"}}, "retention.x", "no elapsed duration"),
        ({"retention": {"x": "101 years"}}, "retention.x", "at most 100 years"),
        ({"retention": {f"x{n}": "1d" for n in range(101)}}, "retention", "at most 100"),
        ({"theme": "dark"}, "theme", "no 'theme'"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_field(
    change: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        read_settings_document(change, WorkspaceSettings())
    assert type(refused.value) is InvalidInput
    assert [wrong.field for wrong in refused.value.errors] == [field]


def test_a_calendar_that_the_workspace_counts_by_is_not_dropped() -> None:
    settings = read_settings_document({**DOCUMENT, "ladders": None}, WorkspaceSettings())
    with pytest.raises(InvalidInput) as refused:
        read_settings_document({"calendars": {"berlin": None}}, settings)
    assert [wrong.field for wrong in refused.value.errors] == ["calendar"]


def test_time_may_approve_where_an_administrator_has_said_so() -> None:
    ladder = {"approval": [{"after": "1h", "conclude": "approved"}]}
    leave = {"may_conclude": {"approval": ["approved"]}}
    settings = read_settings_document({"ladders": ladder, "limits": leave}, WorkspaceSettings())
    assert settings.ladders["approval"] == ({"after": "1h", "conclude": "approved"},)
