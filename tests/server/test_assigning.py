"""Who is on a task, over the wire: delegated, reassigned, watched, talked about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.test_openapi import wrong
from tests.server.world import COLLEAGUE, MANAGER, OUTSIDER, World, asking


async def test_whoever_it_is_delegated_to_sees_it_and_answers_in_the_place_of_the_owner(
    world: World,
) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    assert (await world.get("outsider", path)).status_code == 404

    body = {"to": OUTSIDER, "note": "you know the customer"}
    delegated = (await world.post("manager", f"{path}/delegate", body)).json()["task"]
    listed = (await world.get("outsider", "/v1/tasks?mine=true")).json()["tasks"]
    answered = await world.post("outsider", f"{path}/answer", {"outcome": "approved"})

    assert delegated["stand_ins"] == [
        {
            "owner": MANAGER,
            "deputy": OUTSIDER,
            "why": "delegated",
            "until": None,
            "note": "you know the customer",
        }
    ]
    assert [each["id"] for each in listed] == [task["id"]]
    shown = answered.json()["task"]
    assert shown["decision"]["by"] == OUTSIDER
    assert [(each["by"], each["for"]) for each in shown["answers"]] == [(OUTSIDER, MANAGER)]
    assert (await world.get("outsider", path)).status_code == 200
    assert (await world.get("manager", path)).status_code == 200


async def test_an_answer_in_the_place_of_another_is_named_after_the_next_stage_has_opened(
    world: World,
) -> None:
    task = await world.task(assignee=None, chain=[MANAGER, COLLEAGUE])
    path = f"/v1/tasks/{task['id']}"
    await world.post("manager", f"{path}/delegate", {"to": OUTSIDER})

    await world.post("outsider", f"{path}/answer", {"outcome": "approved"})

    shown = (await world.get("colleague", path)).json()["task"]
    assert shown["stand_ins"] == []
    assert [(each["by"], each["for"], each["stage"]) for each in shown["answers"]] == [
        (OUTSIDER, MANAGER, 0)
    ]


async def test_an_administrator_asks_others_instead_and_who_was_asked_still_sees_it(
    world: World,
) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"

    body = {"to": [COLLEAGUE, "role:operator"], "reason": "on leave"}
    reassigned = await world.post("admin", f"{path}/reassign", body)

    assert reassigned.json()["task"]["assignees"] == [COLLEAGUE, "role:operator"]
    refused = await world.post("manager", f"{path}/answer", {"outcome": "approved"})
    assert refused.json()["code"] == "not_eligible"
    assert (await world.get("manager", path)).status_code == 200
    assert (await world.get("colleague", path)).status_code == 200


async def test_one_asked_by_name_reassigns_their_own_part(world: World) -> None:
    task = await world.task(assignee=None, assignees=[MANAGER, COLLEAGUE])
    path = f"/v1/tasks/{task['id']}/reassign"

    shown = await world.post("manager", path, {"to": OUTSIDER, "reason": "not mine"})

    assert shown.json()["task"]["assignees"] == [COLLEAGUE, OUTSIDER]


@pytest.mark.parametrize(
    ("verb", "body", "who", "code"),
    [
        ("delegate", {"to": OUTSIDER}, "colleague", "not_eligible"),
        ("delegate", {"to": MANAGER}, "manager", "invalid_input"),
        ("delegate", {"to": "nobody@acme.test"}, "manager", "unknown_person"),
        ("delegate", {"to": "role:finance"}, "manager", "invalid_input"),
        ("delegate", {"to": OUTSIDER, "for": "ever"}, "manager", "invalid_input"),
        ("delegate", {}, "manager", "invalid_input"),
        ("delegate", {"to": OUTSIDER}, "admin", "not_a_person"),
        ("reassign", {"to": OUTSIDER, "reason": "why not"}, "colleague", "forbidden"),
        ("reassign", {"to": OUTSIDER}, "admin", "invalid_input"),
        ("reassign", {"to": OUTSIDER, "reason": " "}, "admin", "invalid_input"),
        ("reassign", {"to": "role:nobody", "reason": "x"}, "admin", "invalid_input"),
        ("watch", {"who": OUTSIDER}, "manager", "forbidden"),
        ("watch", {}, "admin", "invalid_input"),
        ("watch", {"who": "nobody@acme.test"}, "agent", "unknown_person"),
        ("comments", {"text": ""}, "manager", "invalid_input"),
        ("comments", {"text": "  \n"}, "manager", "invalid_input"),
        ("comments", {"text": "x" * 20_001}, "manager", "invalid_input"),
    ],
)
async def test_what_nobody_may_do_changes_nothing(
    world: World, verb: str, body: dict[str, Any], who: str, code: str
) -> None:
    task = await world.task()
    before = world.stored()

    response = await world.post(who, f"/v1/tasks/{task['id']}/{verb}", body)

    assert response.status_code in (403, 422), response.text
    assert response.json()["code"] == code
    assert world.stored() == before


async def test_whoever_watches_sees_the_task_and_decides_nothing(world: World) -> None:
    task = await world.task(watchers=OUTSIDER)
    path = f"/v1/tasks/{task['id']}"
    assert task["watchers"] == [OUTSIDER]

    assert (await world.get("outsider", path)).status_code == 200
    assert (await world.get("outsider", f"{path}/explain")).status_code == 200
    assert (await world.get("outsider", "/v1/tasks")).json()["tasks"] == []
    before = world.stored()
    refused = await world.post("outsider", f"{path}/answer", {"outcome": "approved"})
    assert refused.json()["code"] == "not_eligible"
    assert world.stored() == before


async def test_one_watches_and_does_so_no_more(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"

    watched = (await world.post("agent", f"{path}/watch", {"who": COLLEAGUE})).json()["task"]
    seen = await world.get("colleague", path)
    unwatched = (await world.post("colleague", f"{path}/unwatch")).json()["task"]
    own = (await world.post("manager", f"{path}/watch")).json()["task"]

    assert watched["watchers"] == [COLLEAGUE]
    assert seen.status_code == 200
    assert unwatched["watchers"] == []
    assert own["watchers"] == [MANAGER]
    assert (await world.get("colleague", path)).status_code == 404


@pytest.mark.parametrize("verb", ["watch", "unwatch", "comments"])
@pytest.mark.parametrize("who", ["outsider", "other agent", "foreign admin", "foreign person"])
async def test_nobody_comes_to_see_a_task_by_watching_or_commenting_on_it(
    world: World, verb: str, who: str
) -> None:
    task = await world.task()
    before = world.stored()
    body = {"text": "hello"} if verb == "comments" else {}

    response = await world.post(who, f"/v1/tasks/{task['id']}/{verb}", body)

    assert response.status_code == 404
    assert world.stored() == before


async def test_comments_are_read_by_whoever_sees_the_task_oldest_first(world: World) -> None:
    submitted = await world.submitted(handled=True)
    task, intent = submitted["task"]["id"], submitted["intent"]["id"]
    other = await world.post("agent", f"/v1/intents/{intent}/tasks", asking(assignee=COLLEAGUE))
    path = f"/v1/tasks/{task}"

    await world.post("manager", f"{path}/comments", {"text": "Which invoice?"})
    said = await world.post("agent", f"{path}/comments", {"text": "Number 7.\nOf May."})
    await world.post("colleague", f"/v1/tasks/{other.json()['task']['id']}/comments", {"text": "?"})
    read = await world.get("manager", f"{path}/comments")

    assert said.json()["task"]["comments"] == 2
    assert list(wrong("Comments", read.json())) == []
    assert [(each["by"], each["text"]) for each in read.json()["comments"]] == [
        (MANAGER, "Which invoice?"),
        ("agent://default/main/refunds", "Number 7.\nOf May."),
    ]
    for who in ("outsider", "colleague", "other agent", "foreign admin"):
        assert (await world.get(who, f"{path}/comments")).status_code == 404


async def test_the_same_comment_with_the_same_key_is_one(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}/comments"
    key = {"Idempotency-Key": "c-1"}

    await world.post("manager", path, {"text": "Which invoice?"}, headers=key)
    again = await world.post("manager", path, {"text": "Which invoice?"}, headers=key)

    assert again.headers["idempotency-replayed"] == "true"
    assert len((await world.get("manager", path)).json()["comments"]) == 1


async def test_a_closed_task_takes_none_of_it(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    await world.post("manager", f"{path}/answer", {"outcome": "approved"})
    before = world.stored()

    for verb, body in (
        ("comments", {"text": "late"}),
        ("delegate", {"to": OUTSIDER}),
        ("reassign", {"to": OUTSIDER, "reason": "late"}),
        ("watch", {}),
        ("snooze", {"until": "1h"}),
        ("pause", {"reason": "late"}),
    ):
        response = await world.post("manager", f"{path}/{verb}", body)
        assert (response.status_code, response.json()["code"]) == (409, "already_concluded"), verb
    assert world.stored() == before


async def test_who_stands_in_for_somebody_away_sees_the_task_and_for_whom(world: World) -> None:
    away = {"start": "2026-11-20", "end": "2026-11-30", "substitute": OUTSIDER}
    put = await world.send("admin", "PUT", f"/v1/people/{MANAGER}/absences", {"absences": [away]})
    assert put.status_code == 200, put.text

    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    explained = (await world.get("outsider", f"{path}/explain")).json()
    answered = await world.post("outsider", f"{path}/answer", {"outcome": "approved"})

    assert task["stand_ins"] == [
        {
            "owner": MANAGER,
            "deputy": OUTSIDER,
            "why": "absent",
            "until": "2026-12-01T00:00:00.000000Z",
            "note": None,
        }
    ]
    deputy = next(each for each in explained["may_answer"] if each["person"] == OUTSIDER)
    assert (deputy["for"], deputy["until"]) == (MANAGER, "2026-12-01T00:00:00.000000Z")
    assert answered.json()["task"]["answers"][0]["for"] == MANAGER
    assert (await world.get("outsider", path)).status_code == 200
