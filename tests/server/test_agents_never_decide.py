"""An agent's key can never decide: whatever route the table has, the key is refused on it."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.engine.ports import KeyKind
from signoff.server.api.operation import Operation
from signoff.server.api.table import OPERATIONS
from tests.server.world import COLLEAGUE, MANAGER, World, asking

PEOPLE_ONLY = [each for each in OPERATIONS if KeyKind.AGENT not in each.who]
WRITES = [each for each in OPERATIONS if each.method != "GET"]

BODIES: dict[str, dict[str, Any]] = {
    "answerTask": {"outcome": "approved"},
    "challengeAnswer": {"outcome": "approved"},
    "overrideIntent": {"action": "stop", "justification": "because"},
    "addPerson": {"email": "new@acme.test", "roles": ["manager"]},
    "changePerson": {"roles": ["operator"]},
    "createKey": {"kind": "person", "person": MANAGER},
    "recordStep": {"name": "draft", "output": 1},
    "sleep": {"name": "nap", "for": "1h"},
    "openTask": {"type": "approval", "assignee": MANAGER},
    "reviseTask": {"content": 1},
    "submitIntent": {"type": "refund"},
    "delegateTask": {"to": COLLEAGUE},
    "reassignTask": {"to": COLLEAGUE, "reason": "on leave"},
    "watchTask": {"who": COLLEAGUE},
    "unwatchTask": {"who": COLLEAGUE},
    "commentTask": {"text": "by whom?"},
    "snoozeTask": {"until": "2h"},
    "extendTask": {"by": "24h", "reason": "the bank is closed"},
    "pauseTask": {"reason": "the receipt is missing"},
    "previewTask": {"task": {"type": "approval", "assignee": MANAGER}},
    "setAbsences": {"absences": [{"start": "2026-12-24", "end": "2027-01-01"}]},
    "importAbsences": {"ics": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
    "changeSettings": {"limits": {"self_approval": True}},
    "addWebhook": {"url": "https://shop.example.com/hook", "events": ["*"]},
    "redeliverFailed": {"failed_since": "2026-11-24T00:00:00Z"},
    "setCalendar": {"zone": "Europe/Berlin", "hours": "Mon-Fri 09:00-17:30"},
}


def path_of(operation: Operation, submitted: dict[str, Any]) -> str:
    return operation.template.format(
        intent_id=submitted["intent"]["id"],
        task_id=submitted["task"]["id"],
        key_id="key_" + "0" * 32,
        person=MANAGER,
        name="berlin",
        passkey_id="AAAA",
        hold_id="hold_" + "0" * 32,
        webhook_id="whk_" + "0" * 32,
        delivery_id="msg_" + "0" * 32,
        generation="1",
        tile="0/000.p/1",
    )


def test_the_routes_that_decide_are_for_people_alone() -> None:
    deciding = {"answerTask", "claimTask", "overrideIntent", "delegateTask", "snoozeTask"}
    signing = {
        "listPasskeys",
        "challengePasskey",
        "addPasskey",
        "removePasskey",
        "challengeAnswer",
    }

    found = {each.name for each in OPERATIONS if each.who == {KeyKind.PERSON}}

    assert found == deciding | signing


@pytest.mark.parametrize(
    "name", ["delegateTask", "reassignTask", "snoozeTask", "extendTask", "pauseTask", "answerTask"]
)
async def test_an_agent_changes_neither_who_decides_nor_by_when(world: World, name: str) -> None:
    submitted = await world.submitted(task=asking(pause=True))
    [operation] = [each for each in OPERATIONS if each.name == name]
    before = world.stored()

    response = await world.send(
        "agent", operation.method, path_of(operation, submitted), BODIES[name]
    )

    assert (response.status_code, response.json()["code"]) == (403, "agent_may_not_decide")
    assert world.stored() == before


@pytest.mark.parametrize("operation", PEOPLE_ONLY, ids=lambda each: each.name)
async def test_an_agent_is_refused_before_its_body_is_looked_at(
    world: World, operation: Operation
) -> None:
    submitted = await world.submitted()
    before = world.stored()
    path = path_of(operation, submitted)

    well_formed = await world.send("agent", operation.method, path, BODIES.get(operation.name, {}))
    nonsense = await world.send("agent", operation.method, path, content=b'{"a": NaN}')

    assert well_formed.status_code == nonsense.status_code == 403
    if KeyKind.PERSON in operation.who and operation.method != "GET":
        assert well_formed.json()["code"] == "agent_may_not_decide"
    assert world.stored() == before


@pytest.mark.parametrize("operation", WRITES, ids=lambda each: each.name)
async def test_nothing_an_agent_sends_makes_a_decision(world: World, operation: Operation) -> None:
    submitted = await world.submitted()

    body = BODIES.get(operation.name, {})
    await world.send("agent", operation.method, path_of(operation, submitted), body)

    shown = (await world.get("manager", f"/v1/tasks/{submitted['task']['id']}")).json()["task"]
    assert shown["decision"] is None


@pytest.mark.parametrize("operation", WRITES, ids=lambda each: each.name)
async def test_an_auditor_changes_nothing(world: World, operation: Operation) -> None:
    submitted = await world.submitted()
    before = world.stored()

    body = BODIES.get(operation.name, {})
    path = path_of(operation, submitted)
    response = await world.send("auditor", operation.method, path, body)

    assert response.status_code == 403
    assert world.stored() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
async def test_without_a_key_every_route_is_closed(world: World, operation: Operation) -> None:
    submitted = await world.submitted()
    before = world.stored()

    body = BODIES.get(operation.name, {})
    response = await world.send(None, operation.method, path_of(operation, submitted), body)

    assert response.status_code == 401
    assert world.stored() == before
