"""How people want to be told, over the wire: said by themselves or an administrator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.test_openapi import wrong
from tests.server.world import MANAGER, World

PATH = f"/v1/people/{MANAGER}/preferences"
USUAL: dict[str, Any] = {
    "language": None,
    "theme": "system",
    "channels": None,
    "everywhere": False,
    "muted": [],
    "quiet": None,
    "digest": "off",
    "digest_at": "09:00",
    "filters": [],
}


async def test_who_has_said_nothing_is_told_as_everybody(world: World) -> None:
    for who in ("manager", "admin", "auditor", "operator"):
        said = await world.get(who, PATH)
        assert said.json() == {"preferences": USUAL}
        assert list(wrong("OnePreferences", said.json())) == []


async def test_a_change_keeps_what_it_does_not_name(world: World) -> None:
    first = {
        "channels": ["email", "slack"],
        "quiet": {"start": "22:00", "end": "06:30"},
        "digest": "daily",
        "digest_at": "08:15",
        "muted": ["commented"],
        "language": "de",
        "filters": [{"name": "Big", "query": "risk=high"}],
    }
    await world.send("manager", "PATCH", PATH, first)
    said = await world.send("admin", "PATCH", PATH, {"theme": "dark", "quiet": None})

    quiet_gone = {**USUAL, **first, "theme": "dark", "quiet": None}
    assert said.json() == {"preferences": quiet_gone}
    assert (await world.get("manager", PATH)).json() == said.json()
    back = await world.send("manager", "PATCH", PATH, {"channels": None, "language": None})
    assert back.json()["preferences"]["channels"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channels": ["pigeon"]}, "channels"),
        ({"quiet": {"start": "22:00", "end": "late"}}, "quiet.end"),
        ({"quiet": {"start": "22:00", "end": "22:00"}}, "quiet.end"),
        ({"quiet": {"start": "22:00"}}, "quiet.end"),
        ({"digest_at": "09:00Z"}, "digest_at"),
        ({"language": "tlh"}, "language"),
        ({"muted": ["everything"]}, "muted.0"),
        ({"ringtone": "loud"}, "ringtone"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_field_and_nothing_changes(
    world: World, change: dict[str, Any], field: str
) -> None:
    said = await world.send("manager", "PATCH", PATH, change)

    assert said.status_code == 422 or said.status_code == 400
    assert [each["field"] for each in said.json()["errors"]] == [field]
    assert (await world.get("manager", PATH)).json() == {"preferences": USUAL}


async def test_nobody_else_says_or_reads_how_a_person_is_told(world: World) -> None:
    assert (await world.get("colleague", PATH)).status_code == 403
    for who in ("colleague", "operator", "auditor", "agent"):
        said = await world.send(who, "PATCH", PATH, {"everywhere": True})
        assert said.status_code == 403
    assert (await world.get("manager", PATH)).json() == {"preferences": USUAL}
