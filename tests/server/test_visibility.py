"""Who may read what, over the wire. What somebody may not see is the same 404 as nothing at all."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from signoff.server.api.operation import Operation
from signoff.server.api.table import OPERATIONS
from tests.server.test_agents_never_decide import BODIES, path_of
from tests.server.world import COLLEAGUE, MANAGER, World, asking

INSIDE = [each for each in OPERATIONS if "{intent_id}" in each.path or "{task_id}" in each.path]


def without_id(problem: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = problem.json()
    return found


@pytest.mark.parametrize("operation", INSIDE, ids=lambda each: each.name)
@pytest.mark.parametrize("who", ["foreign admin", "foreign agent", "foreign person"])
async def test_a_foreign_id_is_exactly_like_an_unknown_one(
    world: World, operation: Operation, who: str
) -> None:
    submitted = await world.submitted()
    nowhere = {"intent": {"id": "int_" + "0" * 32}, "task": {"id": "task_" + "0" * 32}}
    before = world.stored()
    body = BODIES.get(operation.name, {}) | (
        {"assignee": "role:operator"} if operation.name == "openTask" else {}
    )

    foreign = await world.send(who, operation.method, path_of(operation, submitted), body)
    unknown = await world.send(who, operation.method, path_of(operation, nowhere), body)

    assert foreign.status_code == unknown.status_code
    assert foreign.status_code in (403, 404)
    scrubbed = foreign.text.replace(submitted["intent"]["id"], nowhere["intent"]["id"])
    scrubbed = scrubbed.replace(submitted["task"]["id"], nowhere["task"]["id"])
    assert scrubbed == unknown.text
    assert world.stored() == before


async def test_nothing_of_one_workspace_is_listed_in_another(world: World) -> None:
    await world.submitted()

    for path, collection in (("/v1/intents", "intents"), ("/v1/tasks", "tasks")):
        assert (await world.get("foreign admin", path)).json()[collection] == []
    people = (await world.get("foreign admin", "/v1/people")).json()["people"]
    keys = (await world.get("foreign admin", "/v1/keys")).json()["keys"]
    assert len(people) == 1
    assert len(keys) == 3


@pytest.mark.parametrize("operation", INSIDE, ids=lambda each: each.name)
async def test_an_agent_touches_only_its_own_work(world: World, operation: Operation) -> None:
    submitted = await world.submitted()
    before = world.stored()

    body = BODIES.get(operation.name, {})
    path = path_of(operation, submitted)
    response = await world.send("other agent", operation.method, path, body)

    assert response.status_code in (403, 404)
    assert world.stored() == before


async def test_an_agent_lists_its_own_work_alone(world: World) -> None:
    mine = await world.submitted()
    theirs = await world.submitted("other agent")

    intents = (await world.get("agent", "/v1/intents")).json()["intents"]
    tasks = (await world.get("agent", "/v1/tasks")).json()["tasks"]
    refused = await world.get("agent", "/v1/tasks?agent=agent://default/main/bot")

    assert [each["id"] for each in intents] == [mine["intent"]["id"]]
    assert [each["id"] for each in tasks] == [mine["task"]["id"]]
    assert theirs["task"]["id"] not in [each["id"] for each in tasks]
    assert refused.status_code == 403


async def test_a_person_sees_what_asks_them_and_nothing_else(world: World) -> None:
    asked = (await world.submitted())["task"]["id"]
    other = (await world.submitted(task=asking(assignee=COLLEAGUE)))["task"]["id"]

    listed = (await world.get("manager", "/v1/tasks")).json()["tasks"]

    assert [each["id"] for each in listed] == [asked]
    assert (await world.get("manager", f"/v1/tasks/{asked}")).status_code == 200
    assert (await world.get("manager", f"/v1/tasks/{other}")).status_code == 404


async def test_a_person_still_sees_what_they_answered(world: World) -> None:
    chain = [MANAGER, COLLEAGUE]
    task = (await world.submitted(task=asking(assignee=None, chain=chain)))["task"]["id"]
    path = f"/v1/tasks/{task}"
    assert (await world.get("colleague", path)).status_code == 404

    await world.post("manager", f"{path}/answer", {"outcome": "approved"})

    assert (await world.get("manager", path)).status_code == 200
    assert (await world.get("colleague", path)).status_code == 200


async def test_whoever_is_excluded_is_not_asked(world: World) -> None:
    fields = asking(assignee=None, assignees=["role:manager", COLLEAGUE], exclude=MANAGER)
    task = (await world.submitted(task=fields))["task"]["id"]

    assert (await world.get("manager", "/v1/tasks")).json()["tasks"] == []
    assert (await world.get("manager", f"/v1/tasks/{task}")).status_code == 404


@pytest.mark.parametrize("who", ["operator", "admin", "auditor"])
async def test_a_reader_sees_everything(world: World, who: str) -> None:
    submitted = await world.submitted()
    intent, task = submitted["intent"]["id"], submitted["task"]["id"]

    for path in (
        f"/v1/intents/{intent}",
        f"/v1/intents/{intent}/events",
        f"/v1/intents/{intent}/steps",
        f"/v1/tasks/{task}",
        "/v1/intents",
        "/v1/people",
    ):
        assert (await world.get(who, path)).status_code == 200, path


async def test_whoever_is_asked_reads_the_intent_but_not_its_history(world: World) -> None:
    submitted = await world.submitted()
    intent = submitted["intent"]["id"]
    await world.post("agent", f"/v1/intents/{intent}/tasks", asking(assignee=COLLEAGUE))

    read = await world.get("manager", f"/v1/intents/{intent}")

    assert [each["id"] for each in read.json()["tasks"]] == [submitted["task"]["id"]]
    for path in ("events", "steps"):
        refused = await world.get("manager", f"/v1/intents/{intent}/{path}")
        assert refused.status_code == 403
        assert (await world.get("outsider", f"/v1/intents/{intent}/{path}")).status_code == 404
    assert (await world.get("manager", "/v1/intents")).status_code == 403


async def test_an_operator_may_list_their_own_tasks_or_all(world: World) -> None:
    await world.submitted()
    mine = await world.submitted(task=asking(assignee="role:operator"))

    everything = (await world.get("operator", "/v1/tasks")).json()["tasks"]
    own = (await world.get("operator", "/v1/tasks?mine=true")).json()["tasks"]

    assert len(everything) == 2
    assert [each["id"] for each in own] == [mine["task"]["id"]]


async def test_only_a_person_has_tasks_of_their_own(world: World) -> None:
    assert (await world.get("admin", "/v1/tasks?mine=true")).status_code == 422
