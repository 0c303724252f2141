"""What is refused is named, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tests.server.test_edge import HOSTILE
from tests.server.world import COLLEAGUE, MANAGER, World, asking

SCHEMA = {
    "type": "object",
    "properties": {"iban": {"type": "string", "minLength": 15}, "amount": {"type": "number"}},
    "required": ["iban"],
    "additionalProperties": False,
}


async def refused(
    world: World, response: httpx2.Response, status: int, code: str, before: object
) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert world.stored() == before
    return problem


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_json_stores_nothing(world: World, body: bytes) -> None:
    before = world.stored()

    response = await world.post("agent", "/v1/intents", content=body)

    await refused(world, response, 400, "invalid_json", before)


@pytest.mark.parametrize("body", [b"[]", b'"refund"', b"1", b"null", b"true"])
async def test_a_body_that_is_no_object_is_refused(world: World, body: bytes) -> None:
    before = world.stored()

    response = await world.post("agent", "/v1/intents", content=body)

    await refused(world, response, 422, "invalid_input", before)


async def test_a_body_of_another_type_is_refused(world: World) -> None:
    before = world.stored()

    response = await world.post(
        "agent", "/v1/intents", content=b"type=refund", headers={"Content-Type": "text/plain"}
    )

    await refused(world, response, 415, "wrong_media_type", before)


async def test_a_body_over_256_kb_is_refused(world: World) -> None:
    before = world.stored()
    body = b'{"type": "refund", "payload": "' + b"x" * 256 * 1024 + b'"}'

    response = await world.post("agent", "/v1/intents", content=body)

    await refused(world, response, 413, "too_large", before)
    assert response.headers["connection"] == "close"


async def test_a_chunked_body_over_256_kb_is_refused(world: World) -> None:
    before = world.stored()

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 10_000

    headers = {
        "Authorization": f"Bearer {world.keys['agent']}",
        "Content-Type": "application/json",
    }
    response = await world.http.post("/v1/intents", content=chunks(), headers=headers)

    await refused(world, response, 413, "too_large", before)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"assignee": "nobody@acme.test"}, "unknown_person", "task.assignee"),
        ({"assignee": None}, "invalid_task", "task.assignee"),
        ({"assignee": "role:"}, "invalid_task", "task.assignee"),
        ({"colour": "red"}, "invalid_input", "task.colour"),
        ({"outcomes": ["maybe"]}, "invalid_task", "task.outcomes"),
        ({"schema": {"type": "nonsense"}}, "invalid_task", "task.schema"),
        ({"schema": {"$ref": "http://example.com/x.json"}}, "invalid_task", "task.schema"),
        ({"schema": {"$ref": "file:///etc/passwd"}}, "invalid_task", "task.schema"),
        ({"ladder": [{"after": "0s", "do": "fail"}]}, "invalid_task", "task.ladder.0.after"),
        ({"ladder": [{"after": "1h", "do": "shout"}]}, "invalid_input", "task.ladder.0.do"),
        (
            {"ladder": [{"after": "1h", "conclude": "approved"}]},
            "invalid_task",
            "task.ladder.0.conclude",
        ),
        ({"deadline": "yesterday"}, "invalid_task", "task.deadline"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "invalid_task", "task.deadline"),
        ({"checklist": ["one"]}, "invalid_task", "task.checklist"),
        ({"title": "x" * 301}, "invalid_input", "task.title"),
        ({"risk": "enormous"}, "invalid_input", "task.risk"),
        ({"action": {"name": "refund", "args": {}}}, "invalid_input", "task.action.args"),
    ],
)
async def test_a_task_that_makes_no_sense_is_refused_and_the_field_named(
    world: World, fields: dict[str, Any], code: str, field: str
) -> None:
    before = world.stored()

    response = await world.post(
        "agent", "/v1/intents", {"type": "refund", "task": asking(**fields)}
    )

    problem = await refused(world, response, 422, code, before)
    assert field in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("fields", "answer", "field"),
    [
        ({}, {"outcome": "maybe"}, "outcome"),
        ({}, {"outcome": "approved", "colour": "red"}, "colour"),
        ({}, {}, "outcome"),
        ({"outcomes": ["approved"]}, {"outcome": "rejected"}, "outcome"),
        ({"comment": "required"}, {"outcome": "approved"}, "comment"),
        ({"comment": "required"}, {"outcome": "approved", "comment": "  "}, "comment"),
        ({"evidence": "required"}, {"outcome": "approved"}, "evidence"),
        ({"evidence": "required"}, {"outcome": "approved", "evidence": []}, "evidence"),
        ({}, {"outcome": "approved", "evidence": ["javascript:alert(1)"]}, "evidence.0"),
        (
            {},
            {"outcome": "approved", "evidence": [{"kind": "link", "value": "javascript:x"}]},
            "evidence",
        ),
        ({"type": "review"}, {"outcome": "rejected"}, "comment"),
        ({"type": "form", "schema": SCHEMA}, {"outcome": "submitted", "data": {}}, "data.iban"),
        (
            {"type": "form", "schema": SCHEMA},
            {"outcome": "submitted", "data": {"iban": "short"}},
            "data.iban",
        ),
        (
            {"type": "form", "schema": SCHEMA},
            {"outcome": "submitted", "data": {"iban": "x" * 20, "extra": 1}},
            "data.extra",
        ),
        ({"type": "clarification"}, {"outcome": "answered"}, "data.answer"),
        ({"type": "assignment", "candidates": ["a"]}, {"outcome": "assigned", "data": "b"}, None),
        ({"type": "confirmation", "risk": "high"}, {"outcome": "confirmed"}, "data.phrase"),
    ],
)
async def test_an_answer_that_does_not_satisfy_the_task_is_refused(
    world: World, fields: dict[str, Any], answer: dict[str, Any], field: str | None
) -> None:
    task = await world.task(**fields)
    before = world.stored()

    response = await world.post("manager", f"/v1/tasks/{task['id']}/answer", answer)

    code = response.json()["code"]
    problem = await refused(world, response, 422, code, before)
    assert code in ("invalid_answer", "invalid_input")
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]]


async def test_the_second_answer_learns_who_won_and_when(world: World) -> None:
    task = await world.task(assignee=None, assignees=[MANAGER, COLLEAGUE])
    path = f"/v1/tasks/{task['id']}/answer"
    won = await world.post("manager", path, {"outcome": "approved"})
    before = world.stored()

    lost = await world.post("colleague", path, {"outcome": "rejected"})

    problem = await refused(world, lost, 409, "already_concluded", before)
    assert problem["about"]["by"] == MANAGER
    assert problem["about"]["outcome"] == "approved"
    assert problem["about"]["at"] == won.json()["task"]["decision"]["at"]


async def test_an_answer_at_the_deadline_is_too_late(world: World) -> None:
    task = await world.task(deadline="1h")
    world.clock.advance(timedelta(hours=1))

    response = await world.post(
        "manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"}
    )

    assert response.status_code == 409
    assert response.json()["code"] == "task_expired"
    shown = (await world.get("agent", f"/v1/tasks/{task['id']}")).json()["task"]
    assert shown["decision"] is None


async def test_an_answer_to_something_else_than_was_shown_is_stale(world: World) -> None:
    task = await world.task()
    before = world.stored()
    headers = {"If-Match": '"sha256:' + "0" * 64 + '"'}

    response = await world.post(
        "manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"}, headers=headers
    )

    problem = await refused(world, response, 409, "stale_view", before)
    assert problem["about"]["current"] == task["view_digest"]


async def test_an_answer_to_what_was_shown_is_taken(world: World) -> None:
    task = await world.task()
    shown = await world.get("manager", f"/v1/tasks/{task['id']}")

    response = await world.post(
        "manager",
        f"/v1/tasks/{task['id']}/answer",
        {"outcome": "approved"},
        headers={"If-Match": shown.headers["etag"]},
    )

    assert response.status_code == 200
    assert response.json()["task"]["decision"]["by"] == MANAGER


async def test_whoever_is_not_asked_does_not_decide(world: World) -> None:
    task = await world.task()
    before = world.stored()

    response = await world.post(
        "outsider", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"}
    )

    await refused(world, response, 403, "not_eligible", before)


async def test_nobody_decides_on_their_own_request(world: World) -> None:
    both = asking(assignee=None, assignees=[MANAGER, COLLEAGUE])
    submitted = await world.submitted(on_behalf_of="MGR@acme.test", task=both)
    before = world.stored()

    response = await world.post(
        "manager", f"/v1/tasks/{submitted['task']['id']}/answer", {"outcome": "approved"}
    )

    await refused(world, response, 403, "not_eligible", before)


async def test_an_administrators_key_is_no_person(world: World) -> None:
    task = await world.task()
    before = world.stored()

    response = await world.post("admin", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"})

    await refused(world, response, 403, "not_a_person", before)


async def test_taking_a_run_over_needs_a_role_and_a_reason(world: World) -> None:
    intent = (await world.submitted())["intent"]
    path = f"/v1/intents/{intent['id']}/override"
    before = world.stored()
    takeover = {"action": "stop", "justification": "wrong customer"}

    without_role = await world.post("manager", path, takeover)
    without_reason = await world.post("operator", path, {"action": "stop"})
    to_nobody = await world.post("operator", path, takeover | {"action": "hand_over"})

    await refused(world, without_role, 403, "forbidden", before)
    await refused(world, without_reason, 422, "invalid_input", before)
    await refused(world, to_nobody, 422, "invalid_answer", before)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("sleep", {"name": "nap"}),
        ("sleep", {"name": "nap", "for": "2s", "until": "2026-12-01T00:00:00Z"}),
        ("sleep", {"name": "nap", "for": "two days"}),
        ("sleep", {"name": "nap", "until": "tomorrow"}),
        ("sleep", {"name": "nap", "until": "2026-12-01T00:00:00"}),
        ("sleep", {"name": "nap", "until": "9999-12-31T23:59:59Z"}),
        ("steps", {"name": "draft"}),
        ("steps", {"name": "", "output": 1}),
        ("complete", {"outcome": 1}),
        ("tasks", {"task": {"type": "approval"}, "extra": 1}),
        ("tasks", {}),
    ],
)
async def test_a_malformed_write_into_a_run_is_refused(
    world: World, path: str, body: dict[str, Any]
) -> None:
    intent = (await world.submitted(task=None))["intent"]
    before = world.stored()

    response = await world.post("agent", f"/v1/intents/{intent['id']}/{path}", body)

    assert response.status_code == 422, response.text
    assert world.stored() == before


@pytest.mark.parametrize("deadline", ["soon", "2020-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "0s"])
async def test_an_intent_with_an_impossible_deadline_is_refused(
    world: World, deadline: str
) -> None:
    before = world.stored()

    response = await world.post("agent", "/v1/intents", {"type": "refund", "deadline": deadline})

    assert response.status_code == 422
    assert world.stored() == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/people", {"email": "no address"}),
        ("POST", "/v1/people", {"email": "a@b.test", "roles": ["two words"]}),
        ("POST", "/v1/people", {"email": "a@b.test", "time_zone": "Mars/Olympus"}),
        ("POST", "/v1/people", {"email": "a@b.test", "time_zone": "../../etc/passwd"}),
        ("PATCH", f"/v1/people/{MANAGER}", {"email": "other@acme.test"}),
        ("PATCH", f"/v1/people/{MANAGER}", {"roles": "manager"}),
    ],
)
async def test_a_person_that_makes_no_sense_is_refused(
    world: World, method: str, path: str, body: dict[str, Any]
) -> None:
    before = world.stored()

    response = await world.send("admin", method, path, body)

    assert response.status_code == 422, response.text
    assert world.stored() == before


async def test_a_mail_address_is_taken_once(world: World) -> None:
    before = world.stored()

    response = await world.post("admin", "/v1/people", {"email": MANAGER.upper()})

    await refused(world, response, 409, "already_exists", before)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "BREW"])
async def test_a_method_a_path_does_not_take_is_told_which_it_does(
    world: World, method: str
) -> None:
    response = await world.send("agent", method, "/v1/intents")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v2", "/v1", "/v1/intents/", "/v1//me", "/.env", "/v1/me/x"])
async def test_an_unknown_path_is_a_problem_document(world: World, path: str) -> None:
    response = await world.get("agent", path)

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/intents/int_1",
        "/v1/intents/INT_" + "0" * 32,
        "/v1/intents/int_" + "0" * 32,
        "/v1/intents/int_" + "0" * 32 + "%0a",
        "/v1/intents/%00",
        "/v1/tasks/task_" + "0" * 32,
        "/v1/tasks/..%2f..%2fetc",
        "/v1/tasks/" + "x" * 5000,
        "/v1/people/nobody@acme.test",
        "/v1/people/%ff",
    ],
)
async def test_an_id_nobody_issued_is_the_plain_404(world: World, path: str) -> None:
    response = await world.get("admin", path)

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
