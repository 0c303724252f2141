"""Absences over the wire: said by whom, in whose days, never twice at a time, never in a circle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from signoff.core.routing import Absence
from signoff.server.api.finding import Owners
from signoff.server.api.operation import Call, NoQuery, Nothing, Surroundings
from signoff.server.api.people import rewritten
from signoff.server.auth import KeyRing
from tests.server.test_openapi import wrong
from tests.server.world import COLLEAGUE, HERE, MANAGER, OPERATOR, OUTSIDER, START, World

PATH = f"/v1/people/{MANAGER}/absences"


async def put(world: World, who: str, path: str, *absences: dict[str, Any]) -> Any:
    return await world.send(who, "PUT", path, {"absences": list(absences)})


async def test_days_are_days_where_somebody_lives_and_the_last_one_counts(world: World) -> None:
    await world.send("admin", "PATCH", f"/v1/people/{MANAGER}", {"time_zone": "Europe/Berlin"})
    days = {"start": "2026-12-24", "end": "2027-01-01", "substitute": COLLEAGUE, "note": "skiing"}

    said = await put(world, "manager", PATH, days)

    assert said.status_code == 200, said.text
    assert list(wrong("Absences", said.json())) == []
    assert said.json()["absences"] == [
        {
            "start": "2026-12-23T23:00:00.000000Z",
            "end": "2027-01-01T23:00:00.000000Z",
            "substitute": COLLEAGUE,
            "note": "skiing",
        }
    ]
    for who in ("manager", "admin", "auditor", "operator"):
        assert (await world.get(who, PATH)).json() == said.json()


async def test_without_a_zone_of_ones_own_days_are_those_of_the_workspace(world: World) -> None:
    await world.send("admin", "PATCH", "/v1/settings", {"zone": "Asia/Tokyo"})

    said = await put(world, "admin", PATH, {"start": "2026-12-24", "end": "2026-12-24"})

    assert [(each["start"], each["end"]) for each in said.json()["absences"]] == [
        ("2026-12-23T15:00:00.000000Z", "2026-12-24T15:00:00.000000Z")
    ]


async def test_moments_are_taken_as_they_are_and_shown_in_order(world: World) -> None:
    later = {"start": "2026-12-02T12:00:00+01:00", "end": "2026-12-02T18:00:00+01:00"}
    sooner = {"start": "2026-12-01T09:00:00Z", "end": "2026-12-02T11:00:00Z"}
    passed = {"start": "2026-11-01", "end": "2026-11-02"}

    said = (await put(world, "manager", PATH, later, passed, sooner)).json()["absences"]
    again = await put(world, "manager", PATH, *said)

    assert [each["start"][:13] for each in said] == ["2026-12-01T09", "2026-12-02T11"]
    assert again.json()["absences"] == said
    assert (await put(world, "manager", PATH)).json()["absences"] == []


@pytest.mark.parametrize(
    ("absences", "field"),
    [
        ([{"start": "2026-12-24"}], "absences.0.end"),
        ([{"start": "2026-12-24", "end": "2026-12-23"}], "absences.0.end"),
        ([{"start": "2026-12-24T09:00:00Z", "end": "2026-12-24T09:00:00Z"}], "absences.0.end"),
        ([{"start": "24.12.2026", "end": "2026-12-25"}], "absences.0.start"),
        ([{"start": "2026-02-30", "end": "2026-12-25"}], "absences.0.start"),
        ([{"start": "2026-12-24T09:00", "end": "2026-12-25"}], "absences.0.start"),
        ([{"start": "2026-12-24", "end": "9999-12-31"}], "absences.0.end"),
        ([{"start": "2026-12-24", "end": "2066-12-31"}], "absences.0.end"),
        (
            [
                {"start": "2026-12-24", "end": "2026-12-26"},
                {"start": "2026-12-26", "end": "2026-12-28"},
            ],
            "absences.1.start",
        ),
        (
            [
                {"start": "2026-12-26", "end": "2026-12-28"},
                {"start": "2026-12-24", "end": "2026-12-30"},
            ],
            "absences.0.start",
        ),
        (
            [{"start": "2026-12-24", "end": "2026-12-26", "substitute": MANAGER}],
            "absences.0.substitute",
        ),
        (
            [{"start": "2026-12-24", "end": "2026-12-26", "substitute": "nobody@acme.test"}],
            "absences.0.substitute",
        ),
        (
            [{"start": "2026-12-24", "end": "2026-12-26", "substitute": "role:finance"}],
            "absences.0.substitute",
        ),
        ([{"start": "2026-12-24", "end": "2026-12-26", "why": "x"}], "absences.0.why"),
        ([{"start": "2026-12-24", "end": "2026-12-26", "note": "x" * 501}], "absences.0.note"),
    ],
)
async def test_an_absence_that_makes_no_sense_is_refused_by_its_place(
    world: World, absences: list[dict[str, Any]], field: str
) -> None:
    before = world.stored()

    response = await put(world, "manager", PATH, *absences)

    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"] == field
    assert world.stored() == before


async def test_somebody_disabled_stands_in_for_nobody(world: World) -> None:
    await world.send("admin", "PATCH", f"/v1/people/{COLLEAGUE}", {"disabled": True})
    before = world.stored()

    away = {"start": "2026-12-24", "end": "2026-12-26", "substitute": COLLEAGUE}
    response = await put(world, "manager", PATH, away)

    assert (response.status_code, response.json()["code"]) == (422, "unknown_person")
    assert world.stored() == before


async def test_nobody_stands_in_for_themselves_by_way_of_others(world: World) -> None:
    def away(start: str, end: str, substitute: str) -> dict[str, Any]:
        return {"start": start, "end": end, "substitute": substitute}

    await put(
        world,
        "admin",
        f"/v1/people/{COLLEAGUE}/absences",
        away("2026-12-20", "2026-12-28", OUTSIDER),
    )
    path = f"/v1/people/{OUTSIDER}/absences"
    await put(world, "admin", path, away("2026-12-27", "2026-12-31", MANAGER))
    before = world.stored()

    circle = await put(
        world,
        "manager",
        PATH,
        away("2026-12-01", "2026-12-02", OPERATOR),
        away("2026-12-28", "2027-01-05", COLLEAGUE),
    )
    assert (circle.status_code, circle.json()["errors"][0]["field"]) == (
        422,
        "absences.1.substitute",
    )
    assert f"{COLLEAGUE} -> {OUTSIDER} -> {MANAGER}" in circle.json()["detail"]
    assert world.stored() == before

    # They are never all away at the same time, so nothing comes back to anybody.
    straight = await put(world, "manager", PATH, away("2026-12-20", "2026-12-26", COLLEAGUE))
    assert straight.status_code == 200, straight.text


@pytest.mark.parametrize("who", ["colleague", "operator", "auditor", "agent"])
async def test_when_somebody_is_away_is_said_by_themselves_or_an_administrator(
    world: World, who: str
) -> None:
    before = world.stored()
    ics = {"ics": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"}

    said = await put(world, who, PATH, {"start": "2026-12-24", "end": "2026-12-26"})
    imported = await world.post(who, f"{PATH}/import", ics)

    assert said.status_code == imported.status_code == 403
    assert world.stored() == before


async def test_when_somebody_is_away_is_not_for_everybody_to_read(world: World) -> None:
    assert (await world.get("colleague", PATH)).status_code == 403
    assert (await world.get("agent", PATH)).status_code == 403
    unknown = await world.get("admin", "/v1/people/nobody@acme.test/absences")
    assert unknown.status_code == 404


async def test_saying_when_one_is_away_undoes_no_other_change(world: World) -> None:
    await put(world, "manager", PATH, {"start": "2026-12-24", "end": "2026-12-26"})
    await world.send("admin", "PATCH", f"/v1/people/{MANAGER}", {"roles": ["finance"]})

    await put(world, "manager", PATH, {"start": "2026-12-25", "end": "2026-12-26"})
    await world.send("admin", "PATCH", f"/v1/people/{MANAGER}", {"name": "Mia"})

    person = (await world.get("admin", f"/v1/people/{MANAGER}")).json()["person"]
    assert (person["roles"], person["name"]) == (["finance"], "Mia")
    assert len((await world.get("manager", PATH)).json()["absences"]) == 1


async def test_a_calendar_is_imported_and_once_more_changes_nothing(world: World) -> None:
    ics = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Oncologist\r\n"
        "DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261226\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Lunch\r\n"
        "DTSTART:20261201T110000Z\r\nDTEND:20261201T120000Z\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )
    first = await world.post("manager", f"{PATH}/import", {"ics": ics})
    stored = world.stored()["person"]
    again = await world.post("manager", f"{PATH}/import", {"ics": ics})

    assert first.status_code == 200, first.text
    assert list(wrong("ImportedAbsences", first.json())) == []
    assert first.json() == {
        "absences": [
            {
                "start": "2026-12-24T00:00:00.000000Z",
                "end": "2026-12-26T00:00:00.000000Z",
                "substitute": None,
                "note": None,
            }
        ],
        "imported": 1,
        "left_out": [
            {"summary": "Lunch", "why": "is neither all day nor marked as out of office or busy"}
        ],
    }
    assert again.json() == first.json()
    assert world.stored()["person"] == stored
    assert "Oncologist" not in str(stored)


async def test_an_import_names_who_stands_in_and_keeps_summaries_if_asked(world: World) -> None:
    await put(world, "manager", PATH, {"start": "2026-12-25", "end": "2026-12-25"})
    ics = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Skiing\nDTSTART;VALUE=DATE:20261224\n"
        "DTEND;VALUE=DATE:20261227\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    body = {"ics": ics, "substitute": COLLEAGUE, "summaries": True}

    imported = (await world.post("admin", f"{PATH}/import", body)).json()["absences"]

    assert [(each["start"][8:10], each["end"][8:10], each["note"]) for each in imported] == [
        ("24", "25", "Skiing"),
        ("25", "26", None),
        ("26", "27", "Skiing"),
    ]
    assert {each["substitute"] for each in imported} == {COLLEAGUE}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ics": "hello"}, "ics"),
        ({"ics": ""}, "ics"),
        ({"ics": "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n"}, "ics"),
        ({"ics": "BEGIN:VCALENDAR\n"}, "ics"),
        ({}, "ics"),
        ({"ics": "BEGIN:VCALENDAR\nEND:VCALENDAR", "substitute": MANAGER}, "substitute"),
        ({"ics": "BEGIN:VCALENDAR\nEND:VCALENDAR", "substitute": "x@y.z"}, "substitute"),
        ({"ics": "BEGIN:VCALENDAR\nEND:VCALENDAR", "url": "http://x"}, "url"),
    ],
)
async def test_what_is_no_calendar_is_refused(
    world: World, body: dict[str, Any], field: str
) -> None:
    before = world.stored()

    response = await world.post("manager", f"{PATH}/import", body)

    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"] == field
    assert world.stored() == before


async def test_an_import_that_comes_back_to_the_same_person_is_refused(world: World) -> None:
    away = {"start": "2026-12-24", "end": "2026-12-26", "substitute": MANAGER}
    await put(world, "admin", f"/v1/people/{COLLEAGUE}/absences", away)
    before = world.stored()
    ics = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n"

    response = await world.post("manager", f"{PATH}/import", {"ics": ics, "substitute": COLLEAGUE})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "substitute")
    assert world.stored() == before


async def test_who_was_disabled_meanwhile_is_not_enabled_by_saying_when_they_are_away(
    world: World,
) -> None:
    store = world.services.store
    row = await store.person(HERE, MANAGER)
    assert row is not None
    call: Call[Nothing, NoQuery] = Call(
        around=Surroundings(services=world.services, keys=KeyRing(store), owners=Owners()),
        caller=await KeyRing(store).caller(f"Bearer {world.keys['manager']}".encode()),
        path={},
        headers={},
        query=NoQuery(),
        body=Nothing(),
        raw={},
        scope={},
        receive=nothing,
    )
    await world.send("admin", "PATCH", f"/v1/people/{MANAGER}", {"disabled": True})

    away = Absence(start=START, end=START + timedelta(days=1))
    await rewritten(
        call, row, lambda was: replace(was, person=replace(was.person, absences=(away,)))
    )

    after = await store.person(HERE, MANAGER)
    assert after is not None
    assert (after.person.disabled, after.person.absences) == (True, (away,))


async def nothing() -> dict[str, Any]:
    return {}
