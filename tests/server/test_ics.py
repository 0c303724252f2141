"""Calendars of the kinds people have are read as they mean them, and no calendar does any harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from signoff.errors import InvalidInput
from signoff.server.ics import MAX_EVENTS, Reading, read_ics

SINCE = datetime(2026, 11, 24, 9, tzinfo=UTC)
UNTIL = datetime(2027, 11, 25, 9, tzinfo=UTC)


def read(*events: str, zone: str = "Europe/Berlin", around: str = "") -> Reading:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{around}{body}END:VCALENDAR\n"
    return read_ics(text, zone=zone, since=SINCE, until=UNTIL)


def spans(found: Reading) -> list[tuple[str, str]]:
    return [(f"{each.start:%m-%dT%H:%M}", f"{each.end:%m-%dT%H:%M}") for each in found.away]


def whys(found: Reading) -> list[str]:
    return [each.why for each in found.unused]


@pytest.mark.parametrize(
    ("event", "span"),
    [
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270102",
            ("12-23T23:00", "01-01T23:00"),
        ),
        ("DTSTART;VALUE=DATE:20261224", ("12-23T23:00", "12-24T23:00")),
        ("DTSTART;VALUE=DATE:20261224\nDURATION:P2D", ("12-23T23:00", "12-25T23:00")),
        (
            (
                "DTSTART;TZID=America/New_York:20261201T090000\n"
                "DTEND;TZID=America/New_York:20261201T170000\nX-MICROSOFT-CDO-BUSYSTATUS:OOF"
            ),
            ("12-01T14:00", "12-01T22:00"),
        ),
        (
            (
                "DTSTART;TZID=W. Europe Standard Time:20261201T090000\n"
                "DTEND;TZID=W. Europe Standard Time:20261201T170000\n"
                "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"
            ),
            ("12-01T08:00", "12-01T16:00"),
        ),
        (
            "DTSTART:20261201T090000\nDTEND:20261201T170000\nX-MICROSOFT-CDO-BUSYSTATUS:OOF",
            ("12-01T08:00", "12-01T16:00"),
        ),
        (
            "DTSTART:20261201T000000Z\nDTEND:20261203T000000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            ("12-01T00:00", "12-03T00:00"),
        ),
        # It has begun already, and folded lines are one line.
        (
            "DTSTART;VALUE=DATE:20261\n 120\nDTEND;VALUE=DATE:20261130",
            ("11-19T23:00", "11-29T23:00"),
        ),
        # Two nights of which one has 25 hours: whole days are whole days.
        (
            "DTSTART;VALUE=DATE:20270327\nDTEND;VALUE=DATE:20270329",
            ("03-26T23:00", "03-28T22:00"),
        ),
    ],
)
def test_what_keeps_somebody_away_is_read(event: str, span: tuple[str, str]) -> None:
    found = read(event)

    assert spans(found) == [span], whys(found)
    assert (found.events, found.unused) == (1, ())


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED", "is cancelled"),
        ("DTSTART;VALUE=DATE:20261224\nTRANSP:TRANSPARENT", "is marked as free"),
        (
            "DTSTART;VALUE=DATE:20261224\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
            "is marked as tentative",
        ),
        (
            "DTSTART:20261201T090000Z\nDTEND:20261201T100000Z",
            "is neither all day nor marked as out of office or busy",
        ),
        ("DTSTART;VALUE=DATE:20261024", "has passed"),
        ("DTSTART;VALUE=DATE:20281224", "begins more than a year from now"),
        ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261224", "takes no time"),
        ("DTEND;VALUE=DATE:20261224", "does not say when it begins and ends"),
        ("DTSTART:nonsense", "cannot be read"),
        ("DTSTART;VALUE=DATE:20261224\nDTSTART;VALUE=DATE:20261225", "does not say when"),
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND:20261225T100000Z",
            "does not say when it begins and ends",
        ),
        (
            (
                "DTSTART;TZID=Mars/Olympus:20261201T090000\nDTEND;TZID=Mars/Olympus:20261201T100000\n"
                "X-MICROSOFT-CDO-BUSYSTATUS:OOF"
            ),
            "is in a time zone that nobody here knows: Mars/Olympus",
        ),
        ("DTSTART;VALUE=DATE:99991231", "is too far away"),
        ("DTSTART;VALUE=DATE:00010101", "is too far away"),
        ("DTSTART;VALUE=DATE:00020101", "has passed"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=HOURLY", "repeats in a way"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=SECONDLY;COUNT=100", "repeats in a way"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;INTERVAL=0", "repeats more often"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;COUNT=100000", "repeats more often"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=MONTHLY;BYDAY=2MO", "repeats in a way"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=WEEKLY;BYDAY=1MO", "repeats in a way"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "repeats in"),
        ("DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=DATE:20261226", "repeats on single days"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY\nRRULE:FREQ=DAILY", "repeats by several"),
        ("DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=DAILY;UNTIL=20201226", "has passed"),
    ],
)
def test_what_keeps_nobody_away_is_left_out_and_says_why(event: str, why: str) -> None:
    found = read(event, "DTSTART;VALUE=DATE:20261201")

    assert len(found.away) == 1
    [said] = whys(found)
    assert said.startswith(why), said


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;COUNT=3", ["12-23", "12-24", "12-25"]),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;UNTIL=20261225", ["12-23", "12-24"]),
        (
            "DTSTART;VALUE=DATE:20200106\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261215",
            ["11-29", "12-13"],
        ),
        (
            "DTSTART;VALUE=DATE:20261201\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4",
            ["11-30", "12-06", "12-07", "12-13"],
        ),
        (
            "DTSTART;VALUE=DATE:20200131\nRRULE:FREQ=MONTHLY;UNTIL=20270401",
            ["12-30", "01-30", "03-30"],
        ),
        ("DTSTART;VALUE=DATE:19701224\nRRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", ["12-23"]),
        ("DTSTART;VALUE=DATE:00020101\nRRULE:FREQ=DAILY;INTERVAL=300", None),
        (
            "DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261225",
            ["12-23", "12-25"],
        ),
    ],
)
def test_what_repeats_is_read_as_far_as_a_year_ahead(event: str, starts: list[str] | None) -> None:
    found = read(event)

    assert found.events == 1, whys(found)
    if starts is not None:
        assert [f"{each.start:%m-%d}" for each in found.away] == starts
    assert all(each.end > SINCE and each.start < UNTIL for each in found.away)


def test_what_repeats_keeps_its_wall_time_over_the_change_of_clocks() -> None:
    found = read(
        "DTSTART;TZID=Europe/Berlin:20270322T090000\nDTEND;TZID=Europe/Berlin:20270322T120000\n"
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF\nRRULE:FREQ=WEEKLY;COUNT=2"
    )

    assert spans(found) == [("03-22T08:00", "03-22T11:00"), ("03-29T07:00", "03-29T10:00")]


def test_one_time_of_what_repeats_can_be_moved_or_called_off() -> None:
    found = read(
        "UID:a\nDTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;COUNT=3",
        "UID:a\nRECURRENCE-ID;VALUE=DATE:20261225\nDTSTART;VALUE=DATE:20261230",
        "UID:a\nRECURRENCE-ID;VALUE=DATE:20261226\nDTSTART;VALUE=DATE:20261226\nSTATUS:CANCELLED",
    )

    assert [f"{each.start:%m-%d}" for each in found.away] == ["12-23", "12-29"]


def test_a_calendars_own_time_zones_and_alarms_are_not_read() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Evil\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    began = time.monotonic()
    found = read(
        "DTSTART;VALUE=DATE:20261224\nBEGIN:VALARM\nDTSTART:20200101T000000Z\nEND:VALARM",
        "DTSTART;TZID=Evil:20261224T090000\nDTEND;TZID=Evil:20261224T100000\n"
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        around=zone,
    )

    assert len(found.away) == 1
    assert whys(found) == ["is in a time zone that nobody here knows: Evil"]
    assert time.monotonic() - began < 5


def test_a_rule_that_never_comes_true_keeps_nobody_busy() -> None:
    began = time.monotonic()
    found = read(
        *["DTSTART;VALUE=DATE:00020101\nRRULE:FREQ=DAILY"] * 5,
        *["DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;INTERVAL=999"] * 5,
        *["DTSTART;VALUE=DATE:20260131\nRRULE:FREQ=MONTHLY;INTERVAL=1000;COUNT=1000"] * 5,
    )

    assert found.events == 5
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nEND:VEVENT\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\n" * 10_000,
        "END:VCALENDAR\n",
        "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * (MAX_EVENTS + 1) + "END:VCALENDAR",
    ],
)
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_ics(text, zone="UTC", since=SINCE, until=UNTIL)

    assert refused.value.errors[0].field == "ics"


def test_many_events_are_read_in_little_time() -> None:
    began = time.monotonic()
    found = read(*["DTSTART;VALUE=DATE:20261224\nSUMMARY:x\nDESCRIPTION:y"] * MAX_EVENTS)

    assert found.events == MAX_EVENTS
    assert time.monotonic() - began < 5
