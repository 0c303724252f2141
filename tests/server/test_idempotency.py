"""Sending a write again with the same key changes nothing and answers the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.world import World, asking

KEY = {"Idempotency-Key": "refund-4721"}
BODY: dict[str, Any] = {"type": "refund", "payload": {"amount": 240}, "task": asking()}


async def test_the_same_request_again_is_answered_the_same_and_marked(world: World) -> None:
    first = await world.post("agent", "/v1/intents", BODY, headers=KEY)
    stored = world.stored()

    again = await world.post("agent", "/v1/intents", BODY, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert world.stored() == stored


async def test_the_order_of_names_and_blanks_do_not_make_another_request(world: World) -> None:
    first = await world.post(
        "agent", "/v1/intents", content=b'{"type":"a","title":"b"}', headers=KEY
    )

    again = await world.post(
        "agent", "/v1/intents", content=b'{ "title": "b", "type": "a" }', headers=KEY
    )

    assert again.json()["intent"]["id"] == first.json()["intent"]["id"]


async def test_the_replay_shows_the_document_as_it_is_now(world: World) -> None:
    first = (await world.post("agent", "/v1/intents", BODY, headers=KEY)).json()
    path = f"/v1/tasks/{first['task']['id']}/answer"
    await world.post("manager", path, {"outcome": "approved"})

    again = (await world.post("agent", "/v1/intents", BODY, headers=KEY)).json()

    assert again["task"]["decision"]["outcome"] == "approved"
    assert again["intent"]["status"] == "COMPLETED"


async def test_another_request_under_the_same_key_is_refused(world: World) -> None:
    first = (await world.post("agent", "/v1/intents", BODY, headers=KEY)).json()
    stored = world.stored()

    other = await world.post("agent", "/v1/intents", BODY | {"payload": {}}, headers=KEY)

    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert other.json()["about"]["intent_id"] == first["intent"]["id"]
    assert world.stored() == stored


async def test_a_refused_request_does_not_use_its_key_up(world: World) -> None:
    broken = BODY | {"task": asking(assignee="nobody@acme.test")}
    assert (await world.post("agent", "/v1/intents", broken, headers=KEY)).status_code == 422

    assert (await world.post("agent", "/v1/intents", BODY, headers=KEY)).status_code == 201


async def test_a_key_belongs_to_its_caller(world: World) -> None:
    mine = (await world.post("agent", "/v1/intents", BODY, headers=KEY)).json()
    theirs = (await world.post("other agent", "/v1/intents", BODY, headers=KEY)).json()

    assert mine["intent"]["id"] != theirs["intent"]["id"]


async def test_the_same_key_names_another_task_in_another_run(world: World) -> None:
    found = []
    for _ in range(2):
        intent = (await world.submitted(task=None))["intent"]["id"]
        opened = await world.post("agent", f"/v1/intents/{intent}/tasks", asking(), headers=KEY)
        found.append(opened.json()["task"])

    assert found[0]["id"] != found[1]["id"]
    assert {task["key"] for task in found} == {"refund-4721"}


async def test_without_a_key_nothing_is_replayed(world: World) -> None:
    first = (await world.post("agent", "/v1/intents", BODY)).json()
    second = (await world.post("agent", "/v1/intents", BODY)).json()

    assert first["intent"]["id"] != second["intent"]["id"]
    assert first["task"]["key"] is None


async def test_an_answer_sent_twice_is_one_answer(world: World) -> None:
    task = await world.task()
    path, said = f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"}
    first = await world.post("manager", path, said, headers=KEY)

    again = await world.post("manager", path, said, headers=KEY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["task"] == first.json()["task"]
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    ("path", "body"),
    [("steps", {"name": "draft", "output": {"a": 1}}), ("sleep", {"name": "nap", "for": "1h"})],
)
async def test_a_step_is_recorded_once_with_or_without_a_key(
    world: World, path: str, body: dict[str, Any]
) -> None:
    intent = (await world.submitted(task=None))["intent"]["id"]
    where = f"/v1/intents/{intent}/{path}"
    first = await world.post("agent", where, body, headers=KEY)

    by_key = await world.post("agent", where, body, headers=KEY)
    by_name = await world.post("agent", where, body)

    assert {each.status_code for each in (first, by_key, by_name)} == {201}
    assert by_key.json()["step"] == by_name.json()["step"] == first.json()["step"]
    assert by_key.headers["idempotency-replayed"] == "true"
    assert by_name.headers["idempotency-replayed"] == "true"


async def test_a_step_under_its_name_is_what_was_recorded_first(world: World) -> None:
    intent = (await world.submitted(task=None))["intent"]["id"]
    where = f"/v1/intents/{intent}/steps"
    await world.post("agent", where, {"name": "draft", "output": 1})

    again = await world.post("agent", where, {"name": "draft", "output": 2})

    assert again.json()["step"]["output"] == 1
    listed = (await world.get("agent", where)).json()["steps"]
    assert [step["output"] for step in listed] == [1]
