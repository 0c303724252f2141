"""What happened to a task, as events over the wire: people by name, times and spans as text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.server.test_openapi import wrong
from tests.server.world import COLLEAGUE, MANAGER, OPERATOR, OUTSIDER, World, asking

Told = dict[str, dict[str, Any]]


async def told(world: World, intent: str) -> Told:
    """The data of the last event of each type."""
    response = await world.get("admin", f"/v1/intents/{intent}/events?limit=200")
    assert list(wrong("Events", response.json())) == []
    return {each["type"]: each["data"] for each in response.json()["events"]}


async def an_hour_later(world: World, intent: str) -> bool:
    """Whether anything has happened because an hour has passed."""
    path = f"/v1/intents/{intent}"
    seq = (await world.get("admin", path)).json()["intent"]["seq"]
    world.clock.advance(timedelta(hours=1))
    news = await world.get("admin", f"{path}?wait=30&after={seq}")
    return bool(news.json()["intent"]["seq"] > seq)


async def test_everything_people_do_about_a_task_is_told_by_name(world: World) -> None:
    chain = [{"who": [MANAGER, COLLEAGUE], "need": 2, "when": "payload.amount > 100"}]
    fields = asking(
        assignee=None,
        chain=chain,
        pause=True,
        calendar={"zone": "Europe/Berlin", "hours": "Mon-Fri 09:00-17:30"},
        ladder=[{"after": "8 working hours", "do": "remind"}, {"after": "3d", "do": "fail"}],
    )
    submitted = await world.submitted(task=fields)
    path = f"/v1/tasks/{submitted['task']['id']}"
    for who, verb, body in (
        ("manager", "comments", {"text": "Which invoice?"}),
        ("colleague", "watch", {}),
        ("colleague", "unwatch", {}),
        ("manager", "delegate", {"to": OUTSIDER, "note": "please"}),
        ("manager", "snooze", {"until": "2h"}),
        ("admin", "extend", {"by": "90m", "reason": "the bank is closed"}),
        ("manager", "pause", {"reason": "no receipt"}),
        ("agent", "resume", {"reason": "here it is"}),
        ("outsider", "answer", {"outcome": "approved"}),
        ("operator", "reassign", {"to": [MANAGER, "role:finance"], "reason": "on leave"}),
    ):
        response = await world.post(who, f"{path}/{verb}", body)
        assert response.status_code == 200, (verb, response.text)

    events = await told(world, submitted["intent"]["id"])

    opened = events["task.opened"]
    assert opened["stages"][0]["who"] == [MANAGER, COLLEAGUE]
    assert (opened["stages"][0]["when"], opened["stages"][0]["applies"]) == (
        "payload.amount > 100",
        True,
    )
    assert opened["stages"][0]["calendars"] == [
        {"name": "", "zone": "Europe/Berlin", "hours": "Mon-Fri 09:00-17:30"}
    ]
    assert opened["ladder"][0]["after"] == "8 working hours"
    assert [each["do"] for each in opened["opening"]["schedule"]] == ["remind", "fail"]
    assert events["task.commented"]["text"] == "Which invoice?"
    assert events["task.watched"]["who"] == events["task.unwatched"]["who"] == COLLEAGUE
    assert events["task.delegated"]["stand_in"] == {
        "owner": MANAGER,
        "deputy": OUTSIDER,
        "why": "delegated",
        "until": None,
        "note": "please",
    }
    assert events["task.snoozed"]["until"] == "2026-11-24T11:00:00.000000Z"
    assert events["task.snoozed"]["schedule"][0]["at"] == "2026-11-24T11:00:00.000000Z"
    assert events["task.extended"]["by"] == "PT5400S"
    assert events["task.paused"]["until"] == "2026-12-01T09:00:00.000000Z"
    assert events["task.resumed"]["reason"] == "here it is"
    assert events["task.answered"]["seat"] == MANAGER
    assert events["task.reassigned"]["who"] == [MANAGER, "role:finance"]


async def test_everything_the_ladder_does_is_told_too(world: World) -> None:
    ladder = [
        {"after": "1h", "do": "remind"},
        {"after": "2h", "do": "notify", "to": COLLEAGUE},
        {"after": "3h", "do": "escalate", "to": OUTSIDER, "replace": True},
        {"after": "4h", "do": "reassign", "to": COLLEAGUE},
        {"after": "5h", "do": "override", "to": OPERATOR},
        {"after": "6h", "conclude": "rejected"},
    ]
    submitted = await world.submitted(handled=True, task=asking(ladder=ladder))
    intent, task = submitted["intent"]["id"], submitted["task"]["id"]
    for hour in range(1, 7):
        assert await an_hour_later(world, intent), hour

    events = await told(world, intent)

    assert events["task.reminded"]["due_at"] == "2026-11-24T10:00:00.000000Z"
    assert events["task.notified"]["to"] == [COLLEAGUE]
    assert events["task.escalated"]["to"] == [OUTSIDER]
    assert events["task.escalated"]["replaces"] is True
    assert events["task.reassigned"]["who"] == [COLLEAGUE]
    assert events["task.override_asked"]["override_task_id"] != task
    assert events["task.concluded"]["outcome"] == "rejected"
    # Whoever was told, or asked for a while, still sees what became of it.
    for who in ("manager", "colleague", "outsider"):
        assert (await world.get(who, f"/v1/tasks/{task}")).status_code == 200, who
    assert events["task.opened"]["type"] == "override"


async def test_whoever_was_only_told_of_a_task_decides_nothing(world: World) -> None:
    ladder = [{"after": "1h", "do": "notify", "to": OUTSIDER}, {"after": "9h", "do": "fail"}]
    submitted = await world.submitted(task=asking(ladder=ladder))
    path = f"/v1/tasks/{submitted['task']['id']}"
    assert (await world.get("outsider", path)).status_code == 404
    await an_hour_later(world, submitted["intent"]["id"])
    before = world.stored()

    seen = await world.get("outsider", path)
    refused = await world.post("outsider", f"{path}/answer", {"outcome": "approved"})

    assert seen.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "not_eligible")
    assert world.stored() == before
