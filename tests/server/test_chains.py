"""Chains over the wire: quorum, conditions, whoever the payload names, and what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.test_openapi import wrong
from tests.server.world import COLLEAGUE, MANAGER, World, asking

ADA, BEN = "ada@acme.test", "ben@acme.test"


async def answered(world: World, who: str, task: str, outcome: str = "approved") -> dict[str, Any]:
    response = await world.post(who, f"/v1/tasks/{task}/answer", {"outcome": outcome})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["task"]
    return found


async def test_a_quorum_is_shown_and_counts_one_person_for_one_place(world: World) -> None:
    await world.hired(ADA, roles=["engineer"])
    await world.hired(BEN, roles=["engineer", "manager"])
    need = {"role:engineer": 2, "role:manager": 1}
    task = await world.task(assignee=None, chain=[{"need": need}])

    first = await answered(world, ADA, task["id"])
    second = await answered(world, BEN, task["id"])
    third = await answered(world, "manager", task["id"])

    assert task["quorum"] == {
        "need": 3,
        "have": 0,
        "missing": ["2 more of role:engineer", "1 more of role:manager"],
    }
    assert task["chain"][0]["quotas"] == [
        {"of": "role:engineer", "need": 2},
        {"of": "role:manager", "need": 1},
    ]
    assert (first["state"], first["quorum"]["have"]) == ("open", 1)
    assert first["quorum"]["missing"] == ["1 more of role:engineer", "1 more of role:manager"]
    assert second["quorum"]["have"] == 2
    assert third["decision"]["outcome"] == "approved"
    assert [each["by"] for each in third["answers"]] == [ADA, BEN, MANAGER]
    assert {each["for"] for each in third["answers"]} == {None}


async def test_a_stage_whose_condition_is_not_met_is_not_asked(world: World) -> None:
    chain = [MANAGER, {"who": COLLEAGUE, "when": "payload.amount > 10000"}]
    small = (await world.submitted(task=asking(assignee=None, chain=chain)))["task"]
    large = await world.submitted(
        task=asking(assignee=None, chain=chain), payload={"amount": 20000}
    )

    assert [each["applies"] for each in small["chain"]] == [True, False]
    assert small["chain"][1]["when"] == "payload.amount > 10000"
    assert (await answered(world, "manager", small["id"]))["state"] == "concluded"
    assert (await answered(world, "manager", large["task"]["id"]))["assignees"] == [COLLEAGUE]


async def test_the_payload_names_who_is_asked(world: World) -> None:
    fields = asking(assignee="payload:order.owner", title=None)
    submitted = await world.submitted(task=fields, payload={"order": {"owner": COLLEAGUE}})
    intent = (await world.submitted(task=None, payload={"boss": MANAGER}))["intent"]["id"]

    opened = await world.post(
        "agent",
        f"/v1/intents/{intent}/tasks",
        asking(type="confirmation", statement="It is so.", assignee="payload:boss"),
    )

    assert submitted["task"]["assignees"] == [COLLEAGUE]
    assert opened.json()["task"]["assignees"] == [MANAGER]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"assignee": "payload:boss"}, "task.assignee"),
        ({"assignee": "payload:amount"}, "task.assignee"),
        ({"chain": [{"who": ["payload:nobody"]}], "assignee": None}, "task.chain.0.who.0"),
        ({"watchers": ["payload:nobody"]}, "task.watchers.0"),
        (
            {"ladder": [{"after": "1h", "do": "escalate", "to": "payload:nobody"}]},
            "task.ladder.0.to",
        ),
    ],
)
async def test_a_payload_that_names_nobody_is_refused(
    world: World, fields: dict[str, Any], field: str
) -> None:
    before = world.stored()
    body = {"type": "refund", "payload": {"amount": 240}, "task": asking(**fields)}

    response = await world.post("agent", "/v1/intents", body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
    assert world.stored() == before


async def test_an_explanation_says_who_may_answer_and_when_what_happens(world: World) -> None:
    fields = asking(
        assignee=None,
        chain=[{"who": ["role:manager", COLLEAGUE], "need": 2, "exclude": "ops@acme.test"}],
        ladder=[{"after": "24h", "do": "remind"}, {"after": "48h", "do": "fail"}],
    )
    submitted = await world.submitted(task=fields, on_behalf_of="nadia@acme.test")
    task = submitted["task"]["id"]
    await answered(world, "manager", task)

    for who in ("agent", "manager", "admin", "auditor", "operator"):
        response = await world.get(who, f"/v1/tasks/{task}/explain")
        assert response.status_code == 200, who
    shown = response.json()

    assert list(wrong("Explanation", shown)) == []
    assert (shown["task_id"], shown["state"], shown["at"]) == (
        task,
        "open",
        "2026-11-24T09:00:00.000000Z",
    )
    assert {each["person"] for each in shown["may_answer"]} == {MANAGER, COLLEAGUE}
    assert {each["person"] for each in shown["may_not"]} == {"nadia@acme.test", "ops@acme.test"}
    assert shown["quorum"] == {"need": 2, "have": 1, "missing": ["1 more"]}
    assert [(each["at"][:13], each["do"]) for each in shown["ladder"]] == [
        ("2026-11-25T09", "remind"),
        ("2026-11-26T09", "fail"),
    ]
    assert [each["by"] for each in shown["chain"][0]["answers"]] == [MANAGER]


async def test_an_explanation_is_for_whoever_may_read_the_task(world: World) -> None:
    task = await world.task()

    for who in ("outsider", "colleague", "other agent", "foreign admin", "foreign person"):
        response = await world.get(who, f"/v1/tasks/{task['id']}/explain")
        assert response.status_code == 404, who


async def test_a_preview_explains_what_nobody_has_asked_yet_and_keeps_nothing(
    world: World,
) -> None:
    before = world.stored()
    body = {
        "task": asking(assignee="payload:boss", ladder=[{"after": "1 day", "do": "fail"}]),
        "payload": {"boss": MANAGER},
        "on_behalf_of": COLLEAGUE,
        "at": "2027-03-27T09:00:00Z",
    }

    for who in ("agent", "admin", "manager"):
        response = await world.post(who, "/v1/tasks/preview", body)
        assert response.status_code == 200, response.text
        shown = response.json()
        assert list(wrong("Explanation", shown)) == []
        assert shown["task_id"] is None
        assert [each["person"] for each in shown["may_answer"]] == [MANAGER]
        assert [each["at"] for each in shown["ladder"]] == ["2027-03-28T09:00:00.000000Z"]
    assert world.stored() == before


async def test_a_preview_is_refused_for_what_the_task_would_be(world: World) -> None:
    before = world.stored()
    crowd = {"chain": [{"who": "role:manager", "need": 3}], "assignee": None}

    response = await world.post("admin", "/v1/tasks/preview", {"task": asking(**crowd)})
    strange = await world.post("admin", "/v1/tasks/preview", {"task": asking(colour="red")})
    no_time = await world.post(
        "admin", "/v1/tasks/preview", {"task": asking(), "at": "tomorrow morning"}
    )

    assert response.status_code == strange.status_code == no_time.status_code == 422
    assert response.json()["errors"][0]["field"] == "task.chain.0.need"
    assert strange.json()["errors"][0]["field"] == "task.colour"
    assert no_time.json()["errors"][0]["field"] == "at"
    assert world.stored() == before


async def test_what_the_ladder_is_still_to_do_is_shown(world: World) -> None:
    ladder = [
        {"after": "1h", "do": "remind", "every": "1h", "max": 2},
        {"after": "4h", "conclude": "rejected"},
    ]

    task = await world.task(ladder=ladder)

    assert task["schedule"] == [
        {"at": "2026-11-24T10:00:00.000000Z", "do": "remind", "rung": 0, "nth": 1},
        {"at": "2026-11-24T11:00:00.000000Z", "do": "remind", "rung": 0, "nth": 2},
        {"at": "2026-11-24T13:00:00.000000Z", "do": "conclude", "rung": 1, "nth": 1},
    ]
