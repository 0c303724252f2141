"""What could never go well is refused when it is asked for, by the field that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.world import COLLEAGUE, MANAGER, World, asking

ONE_RUNG = {"after": "1h", "do": "remind"}
NEVER_OPEN = {"zone": "UTC", "hours": "Mon-Sun closed"}
NINE_TO_FIVE = "Mon-Fri 09:00-17:00"


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        # Calendars
        ({"calendar": NEVER_OPEN}, "task.calendar.hours", "never open"),
        ({"calendar": {"zone": "UTC"}}, "task.calendar.hours", ""),
        ({"calendar": {"zone": "Mars/Olympus", "hours": NINE_TO_FIVE}}, "task.calendar.zone", ""),
        ({"calendar": "nowhere"}, "task.calendar", "nowhere"),
        ({"calendar": {"zone": "UTC", "hours": "whenever"}}, "task.calendar.hours", ""),
        (
            {"calendar": {"zone": "UTC", "hours": NINE_TO_FIVE, "holidays": "Atlantis"}},
            "task.calendar.holidays",
            "Atlantis",
        ),
        (
            {
                "calendar": [
                    {"zone": "Asia/Tokyo", "hours": NINE_TO_FIVE},
                    {"zone": "America/New_York", "hours": NINE_TO_FIVE},
                ]
            },
            "task.calendar",
            "never open at the same time",
        ),
        # Quorum
        (
            {"assignee": None, "chain": [{"who": "role:manager", "need": 2}]},
            "task.chain.0.need",
            MANAGER,
        ),
        (
            {"assignee": None, "chain": [{"need": {"role:manager": 1, "role:engineer": 2}}]},
            "task.chain.0.need",
            "role:engineer",
        ),
        (
            {"assignee": None, "chain": [MANAGER, {"who": "role:nobody"}]},
            "task.chain.1.need",
            "role:nobody",
        ),
        ({"assignee": "role:nobody"}, "task.assignee", "role:nobody"),
        (
            {"type": "form", "assignee": None, "chain": [{"who": [MANAGER, COLLEAGUE], "need": 2}]},
            "task.chain.0.need",
            "",
        ),
        ({"assignee": None, "chain": [{"who": MANAGER, "need": 0}]}, "task.chain.0.need", ""),
        # Conditions
        (
            {"assignee": None, "chain": [{"who": MANAGER, "when": "payload.sum > 1"}]},
            "task.chain.0.when",
            "",
        ),
        (
            {"assignee": None, "chain": [{"who": MANAGER, "when": "payload.amount"}]},
            "task.chain.0.when",
            "true or false",
        ),
        (
            {"assignee": None, "chain": [{"who": MANAGER, "when": "payload.amount >"}]},
            "task.chain.0.when",
            "",
        ),
        ({"assignee": None, "chain": [{"who": MANAGER, "when": "x" * 1001}]}, None, ""),
        # Ladders
        (
            {"ladder": [{"after": "2h", "do": "fail"}, {"after": "3h", "do": "remind"}]},
            "task.ladder.1.after",
            "",
        ),
        (
            {"ladder": [{"after": "2h", "do": "fail"}, {"after": "2h", "do": "remind"}]},
            "task.ladder.1.after",
            "",
        ),
        ({"ladder": [ONE_RUNG] * 11}, "task.ladder", ""),
        ({"ladder": [{"after": "0s", "do": "remind"}]}, "task.ladder.0.after", "more than zero"),
        ({"ladder": [{"after": "-1h", "do": "remind"}]}, "task.ladder.0.after", ""),
        ({"ladder": [{**ONE_RUNG, "every": "0 days"}]}, "task.ladder.0.every", ""),
        ({"ladder": [{"after": "0 working hours", "do": "fail"}]}, "task.ladder.0.after", ""),
        ({"ladder": [{"after": "8 working hours", "do": "fail"}]}, "task.ladder.0.after", ""),
        ({"ladder": [{"after": "2 business days", "do": "fail"}]}, "task.ladder.0.after", ""),
        (
            {"ladder": [{"after": "1h", "conclude": "approved"}]},
            "task.ladder.0.conclude",
            "approved",
        ),
        ({"ladder": [{"after": "1h", "do": "escalate"}]}, "task.ladder.0.to", ""),
        ({"ladder": [{"after": "1h", "do": "notify"}]}, "task.ladder.0.to", ""),
        (
            {
                "assignee": None,
                "chain": [{"who": MANAGER, "ladder": [{"after": "0s", "do": "fail"}]}],
            },
            "task.chain.0.ladder.0.after",
            "",
        ),
        ({"start_deadline": "0s"}, "task.start_deadline", ""),
        ({"start_deadline": "soon"}, "task.start_deadline", ""),
        # Exceptions that only an administrator makes
        ({"self_approval": True}, "task.self_approval", ""),
        # Shapes
        ({"outage": "sometimes"}, "task.outage", ""),
        ({"pause": "yes"}, "task.pause", ""),
        ({"watchers": ["nobody@acme.test"]}, "task.watchers", ""),
        ({"assignee": None, "chain": [{"who": MANAGER, "pick": "tallest"}]}, None, ""),
        ({"assignee": None, "chain": [{"who": MANAGER, "wants": 2}]}, "task.chain.0.wants", ""),
        ({"assignee": None, "chain": [{"who": MANAGER, "veto": ["role:"]}]}, None, ""),
    ],
)
async def test_a_task_that_could_never_go_well_is_refused_by_field(
    world: World, fields: dict[str, Any], field: str | None, said: str
) -> None:
    before = world.stored()
    body = {"type": "refund", "payload": {"amount": 240}, "task": asking(**fields)}

    for path, sent in (
        ("/v1/intents", body),
        ("/v1/tasks/preview", {"task": body["task"], "payload": body["payload"]}),
    ):
        response = await world.post("agent", path, sent)
        problem = response.json()
        assert response.status_code == 422, problem
        assert problem["errors"][0]["field"].startswith(field or "task.chain.0"), problem
        assert said in problem["detail"], problem
    assert world.stored() == before


@pytest.mark.parametrize(
    ("limits", "fields", "field"),
    [
        ({"own_ladder": False}, {"ladder": [{"after": "2h", "do": "fail"}]}, "task.ladder"),
        ({"own_ladder": False}, {"deadline": "2h"}, "task.deadline"),
        ({"shortest": "4h"}, {"ladder": [{"after": "2h", "do": "fail"}]}, "task.ladder"),
        ({"longest": "4h"}, {"ladder": [{"after": "6h", "do": "fail"}]}, "task.ladder"),
    ],
)
async def test_what_the_workspace_does_not_allow_is_refused(
    world: World, limits: dict[str, Any], fields: dict[str, Any], field: str
) -> None:
    changed = await world.send("admin", "PATCH", "/v1/settings", {"limits": limits})
    assert changed.status_code == 200, changed.text
    before = world.stored()

    response = await world.post("agent", "/v1/intents", {"type": "a", "task": asking(**fields)})

    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"].startswith(field), response.text
    assert world.stored() == before


async def test_an_administrator_may_let_time_approve_and_a_requester_decide(world: World) -> None:
    limits = {"may_conclude": {"approval": ["approved"]}, "self_approval": True}
    await world.send("admin", "PATCH", "/v1/settings", {"limits": limits})

    by_time = await world.task(ladder=[{"after": "1h", "conclude": "approved"}])
    own = await world.submitted(on_behalf_of=MANAGER, task=asking(self_approval=True))
    answered = await world.post(
        "manager", f"/v1/tasks/{own['task']['id']}/answer", {"outcome": "approved"}
    )

    assert by_time["schedule"][0]["do"] == "conclude"
    assert answered.json()["task"]["decision"]["by"] == MANAGER
