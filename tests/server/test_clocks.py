"""The clock of a task over the wire: snoozed, extended, paused, resumed, and what is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.server.world import World

LADDER = [
    {"after": "1h", "do": "remind", "every": "1h", "max": 3},
    {"after": "24h", "do": "fail"},
]


async def test_a_snooze_is_shown_and_does_not_move_the_end(world: World) -> None:
    task = await world.task(ladder=LADDER)
    path = f"/v1/tasks/{task['id']}/snooze"

    spoken = (await world.post("manager", path, {"until": "5h"})).json()["task"]
    exact = await world.post("manager", path, {"until": "2026-11-24T20:30:00+02:00"})

    assert spoken["snoozed_until"] == "2026-11-24T14:00:00.000000Z"
    shown = exact.json()["task"]
    assert shown["snoozed_until"] == "2026-11-24T18:30:00.000000Z"
    assert shown["due_at"] == task["due_at"]


async def test_more_time_moves_everything_that_is_still_to_come(world: World) -> None:
    task = await world.task(ladder=LADDER)
    path = f"/v1/tasks/{task['id']}/extend"

    by_key = await world.post("admin", path, {"by": "12h", "reason": "the bank is closed"})
    by_role = await world.post("operator", path, {"by": "PT12H", "reason": "still closed"})

    assert by_key.json()["task"]["due_at"] == "2026-11-25T21:00:00.000000Z"
    shown = by_role.json()["task"]
    assert shown["due_at"] == "2026-11-26T09:00:00.000000Z"
    assert shown["schedule"][0]["at"] == "2026-11-25T10:00:00.000000Z"


async def test_a_clock_stands_and_goes_on_with_the_time_that_was_left(world: World) -> None:
    task = await world.task(ladder=LADDER, pause=True)
    path = f"/v1/tasks/{task['id']}"

    paused = (await world.post("manager", f"{path}/pause", {"reason": "no receipt"})).json()
    world.clock.advance(timedelta(hours=10))
    resumed = (await world.post("agent", f"{path}/resume", {"reason": "here it is"})).json()

    assert paused["task"]["paused_at"] == "2026-11-24T09:00:00.000000Z"
    assert paused["task"]["pause_ends"] == "2026-12-01T09:00:00.000000Z"
    assert resumed["task"]["paused_at"] is None
    assert resumed["task"]["due_at"] == "2026-11-25T19:00:00.000000Z"


async def test_a_task_that_nobody_begins_in_time_fails(world: World) -> None:
    ladder = [{"after": "24h", "do": "fail"}]

    left = await world.task(ladder=ladder, start_deadline="2h")
    begun = await world.task(ladder=ladder, start_deadline="2h")
    claimed = await world.post("manager", f"/v1/tasks/{begun['id']}/claim")

    assert left["due_at"] == "2026-11-24T11:00:00.000000Z"
    assert claimed.json()["task"]["due_at"] == "2026-11-25T09:00:00.000000Z"


@pytest.mark.parametrize(
    ("verb", "body", "who", "status", "code"),
    [
        ("snooze", {"until": "1h"}, "colleague", 403, "not_eligible"),
        ("snooze", {"until": "48h"}, "manager", 422, "invalid_input"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "manager", 422, "invalid_input"),
        ("snooze", {"until": "tomorrow"}, "manager", 422, "invalid_task"),
        ("snooze", {"until": "1h"}, "admin", 403, "not_a_person"),
        ("extend", {"by": "1h", "reason": "x"}, "manager", 403, "forbidden"),
        ("extend", {"by": "1 day", "reason": "x"}, "admin", 422, "invalid_task"),
        ("extend", {"by": "-1h", "reason": "x"}, "admin", 422, "invalid_task"),
        ("extend", {"by": "0s", "reason": "x"}, "admin", 422, "invalid_task"),
        ("extend", {"by": "1h"}, "admin", 422, "invalid_input"),
        ("pause", {"reason": "x"}, "manager", 409, "illegal_move"),
        ("pause", {}, "manager", 422, "invalid_input"),
        ("pause", {"reason": "x"}, "agent", 403, "agent_may_not_decide"),
        ("resume", {}, "other agent", 404, "not_found"),
        ("resume", {}, "colleague", 403, "not_eligible"),
    ],
)
async def test_what_the_clock_does_not_do_changes_nothing(
    world: World, verb: str, body: dict[str, Any], who: str, status: int, code: str
) -> None:
    task = await world.task(ladder=LADDER)
    before = world.stored()

    response = await world.post(who, f"/v1/tasks/{task['id']}/{verb}", body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert world.stored() == before
