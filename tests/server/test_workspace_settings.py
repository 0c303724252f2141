"""What holds for a workspace: settings and calendars, changed one field at a time, and guarded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.test_openapi import wrong
from tests.server.world import COLLEAGUE, World, asking

BERLIN: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "hours": "Mon-Fri 09:00-17:30",
    "holidays": "DE-BE",
    "days": {"2026-12-24": "09:00-12:00", "2026-12-28": "closed"},
}
PATH = "/v1/settings"


async def test_nothing_set_is_the_defaults(world: World) -> None:
    for who in ("admin", "auditor", "manager"):
        read = await world.get(who, PATH)
        assert read.status_code == 200
    assert list(wrong("WorkspaceSettings", read.json())) == []
    settings = read.json()["settings"]
    assert (settings["version"], settings["zone"], settings["calendar"]) == (0, "UTC", None)
    assert settings["may_extend"] == ["role:administrator", "role:operator"]
    assert (await world.get("agent", PATH)).status_code == 403


async def test_a_change_leaves_what_it_does_not_name_and_null_resets(world: World) -> None:
    await world.send("admin", "PATCH", PATH, {"zone": "Asia/Tokyo", "outage": "strict"})
    limits = {"limits": {"longest": "14d", "may_conclude": {"approval": ["approved"]}}}
    await world.send("admin", "PATCH", PATH, limits)

    changed = await world.send("admin", "PATCH", PATH, {"zone": None, "longest_pause": "2d"})

    settings = changed.json()["settings"]
    assert (settings["version"], settings["zone"], settings["outage"]) == (3, "UTC", "strict")
    assert settings["limits"]["longest"] == "PT1209600S"
    assert settings["limits"]["may_conclude"] == {"approval": ["approved"]}
    assert settings["longest_pause"] == "PT172800S"
    assert (await world.get("admin", PATH)).json() == changed.json()
    assert (await world.get("foreign admin", PATH)).json()["settings"]["version"] == 0


async def test_what_was_shown_can_be_sent_back(world: World) -> None:
    ladder = [{"after": "8 working hours", "do": "remind"}, {"after": "3d", "do": "fail"}]
    change = {"calendars": {"berlin": BERLIN}, "calendar": "berlin", "ladders": {"review": ladder}}
    shown = (await world.send("admin", "PATCH", PATH, change)).json()["settings"]

    again = await world.send("admin", "PATCH", PATH, shown)

    assert again.status_code == 200, again.text
    assert again.json()["settings"] == {**shown, "version": shown["version"] + 1}


async def test_a_change_of_what_somebody_else_has_changed_is_refused(world: World) -> None:
    await world.send("admin", "PATCH", PATH, {"zone": "Asia/Tokyo", "version": 0})
    before = world.stored()

    late = await world.send("admin", "PATCH", PATH, {"zone": "Europe/Rome", "version": 0})

    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    assert world.stored() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"calendar": "berlin"}, "calendar"),
        ({"calendars": {"x": {"zone": "UTC"}}}, "calendars.x.hours"),
        ({"calendars": {"x": {"zone": "UTC", "hours": "Mon closed"}}}, "calendars.x.hours"),
        ({"calendars": {"x": {"zone": "Nowhere", "hours": "Mon 9-17"}}}, "calendars.x.zone"),
        ({"calendars": {"person": {**BERLIN}}}, "calendars.person"),
        ({"calendars": {"x": {**BERLIN, "colour": "red"}}}, "calendars.*.colour"),
        ({"limits": {"colour": "red"}}, "limits.colour"),
        ({"limits": {"shortest": "0s"}}, "limits.shortest"),
        ({"limits": {"shortest": "2d", "longest": "1d"}}, "limits.shortest"),
        ({"limits": {"may_conclude": {"approval": ["yes"]}}}, "limits.may_conclude.approval"),
        ({"ladders": {"approval": [{"after": "0s", "do": "fail"}]}}, "ladders.approval.0.after"),
        ({"ladders": {"guess": []}}, "ladders"),
        ({"longest_pause": "for ever"}, "longest_pause"),
        ({"outage": "sometimes"}, "outage"),
        ({"may_extend": ["role:"]}, "may_extend"),
        ({"version": -1}, "version"),
    ],
)
async def test_settings_that_make_no_sense_are_refused_by_field(
    world: World, body: dict[str, Any], field: str
) -> None:
    before = world.stored()

    response = await world.send("admin", "PATCH", PATH, body)

    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"] == field, response.text
    assert world.stored() == before


async def test_a_calendar_is_made_read_changed_and_removed(world: World) -> None:
    path = "/v1/calendars/berlin"

    made = await world.send("admin", "PUT", path, BERLIN)
    listed = await world.get("manager", "/v1/calendars")
    changed = await world.send("admin", "PUT", path, {**BERLIN, "holidays": None, "days": None})
    removed = await world.send("admin", "DELETE", path)

    assert list(wrong("OneCalendar", made.json())) == []
    assert made.json()["calendar"] == {"name": "berlin", **BERLIN}
    assert listed.json()["calendars"] == [made.json()["calendar"]]
    assert changed.json()["calendar"] == {
        "name": "berlin",
        **BERLIN,
        "holidays": None,
        "days": {},
    }
    assert removed.json() == changed.json()
    assert (await world.get("manager", path)).status_code == 404
    assert (await world.send("admin", "DELETE", path)).status_code == 404


async def test_the_calendar_a_workspace_counts_by_is_not_removed(world: World) -> None:
    await world.send("admin", "PUT", "/v1/calendars/berlin", BERLIN)
    await world.send("admin", "PATCH", PATH, {"calendar": "berlin"})
    before = world.stored()

    refused = await world.send("admin", "DELETE", "/v1/calendars/berlin")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name")
    assert world.stored() == before


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("person", BERLIN, "name"),
        ("a%20b", BERLIN, "name"),
        ("x", {**BERLIN, "hours": "Mon-Fri 17:00-09:0"}, "hours"),
        ("x", {**BERLIN, "hours": ""}, "hours"),
        ("x", {**BERLIN, "holidays": "XX"}, "holidays"),
        ("x", {**BERLIN, "zone": "Europe/Atlantis"}, "zone"),
        ("x", {**BERLIN, "days": {"24.12.2026": "closed"}}, "days.24.12.2026"),
        ("x", {"zone": "UTC"}, "hours"),
        ("x", {**BERLIN, "colour": "red"}, "colour"),
    ],
)
async def test_a_calendar_that_makes_no_sense_is_refused_by_field(
    world: World, name: str, body: dict[str, Any], field: str
) -> None:
    before = world.stored()

    response = await world.send("admin", "PUT", f"/v1/calendars/{name}", body)

    assert response.status_code == 422, response.text
    assert response.json()["code"] == "invalid_input"
    assert response.json()["errors"][0]["field"] == field, response.text
    assert world.stored() == before


@pytest.mark.parametrize("who", ["manager", "operator", "agent", "auditor"])
async def test_only_an_administrator_changes_what_is_set(world: World, who: str) -> None:
    before = world.stored()

    patched = await world.send(who, "PATCH", PATH, {"limits": {"self_approval": True}})
    put = await world.send(who, "PUT", "/v1/calendars/berlin", BERLIN)
    removed = await world.send(who, "DELETE", "/v1/calendars/berlin")

    assert patched.status_code == put.status_code == removed.status_code == 403
    assert world.stored() == before


async def test_working_time_counts_by_the_calendar_that_is_named(world: World) -> None:
    await world.send("admin", "PUT", "/v1/calendars/berlin", BERLIN)
    ladder = [{"after": "8 working hours", "do": "fail"}]
    world.clock.set(world.clock.now().replace(day=27, hour=16))  # a Friday, 17:00 in Berlin

    named = await world.task(ladder=ladder, calendar="berlin")
    given = await world.task(
        ladder=ladder, calendar={"zone": "UTC", "hours": "Mon-Sun 00:00-24:00"}
    )

    assert named["due_at"] == "2026-11-30T15:30:00.000000Z"
    assert given["due_at"] == "2026-11-28T00:00:00.000000Z"
    explained = await world.get("agent", f"/v1/tasks/{named['id']}/explain")
    assert explained.json()["ladder"][0]["why"]


async def test_people_have_aliases_attributes_and_a_calendar(world: World) -> None:
    await world.send("admin", "PUT", "/v1/calendars/berlin", BERLIN)
    body = {
        "email": "Ada@acme.test",
        "aliases": ["ADA@home.test", "ada@acme.test"],
        "attributes": {"level": "2"},
        "calendar": "berlin",
        "roles": ["approver"],
        "region": "eu",
    }
    added = (await world.post("admin", "/v1/people", body)).json()["person"]
    by_alias = await world.get("manager", "/v1/people/ada@home.test")
    task = await world.task(assignee="role:approver@level:2@region:eu")
    nobody = await world.post(
        "agent", "/v1/intents", {"type": "a", "task": asking(assignee="role:approver@level:3")}
    )
    changed = await world.send(
        "admin",
        "PATCH",
        f"/v1/people/{added['id']}",
        {"calendar": None, "attributes": {}, "aliases": []},
    )

    assert (added["aliases"], added["attributes"]) == (["ada@home.test"], {"level": "2"})
    assert added["calendar"] == "berlin"
    assert by_alias.json()["person"] == added
    assert task["assignees"] == ["role:approver@level:2@region:eu"]
    assert nobody.status_code == 422
    shown = changed.json()["person"]
    assert (shown["aliases"], shown["attributes"], shown["calendar"]) == ([], {}, None)
    assert (await world.get("manager", "/v1/people/ada@home.test")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"calendar": "nowhere"}, 422, "calendar"),
        ({"attributes": {"region": "eu"}}, 422, "attributes.region"),
        ({"attributes": {"a b": "c"}}, 422, "attributes"),
        ({"attributes": {"a": "b c"}}, 422, "attributes.*"),
        ({"attributes": {f"a{n}": "b" for n in range(11)}}, 422, "attributes"),
        ({"aliases": ["nobody"]}, 422, "aliases.0"),
        ({"time_zone": "Europe/Atlantis"}, 422, "time_zone"),
        ({"aliases": [COLLEAGUE.upper()]}, 409, None),
    ],
)
async def test_a_person_who_makes_no_sense_is_refused(
    world: World, body: dict[str, Any], status: int, field: str | None
) -> None:
    before = world.stored()

    added = await world.post("admin", "/v1/people", {"email": "new@acme.test", **body})
    changed = await world.send("admin", "PATCH", "/v1/people/mgr@acme.test", body)

    for response in (added, changed):
        assert response.status_code == status, response.text
        errors = response.json().get("errors")
        assert (errors[0]["field"] if errors else None) == field
    assert world.stored() == before
