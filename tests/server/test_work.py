"""The work of a day over the wire: runs, tasks, revisions, take-overs, people, pages of lists."""

from __future__ import annotations

from typing import Any

from tests.server.world import COLLEAGUE, MANAGER, World, asking


async def test_an_approval_without_an_action_asks_about_the_payload(world: World) -> None:
    submitted = await world.submitted(type="refund", payload={"amount": 240})
    intent = (await world.submitted(task=None, payload={"amount": 5}))["intent"]["id"]
    opened = await world.post(
        "agent", f"/v1/intents/{intent}/tasks", {"type": "approval", "assignee": MANAGER}
    )

    assert submitted["task"]["spec"]["action"] == {"name": "refund", "arguments": {"amount": 240}}
    task = opened.json()["task"]
    assert task["spec"]["action"] == {"name": "refund", "arguments": {"amount": 5}}
    assert task["title"] == "refund"


async def test_an_approval_with_an_action_keeps_it(world: World) -> None:
    action = {"name": "pay", "arguments": {"iban": "DE1"}}
    submitted = await world.submitted(task=asking(action=action), payload={"amount": 240})

    assert submitted["task"]["spec"]["action"] == action


async def test_titles_default_from_the_task_to_the_intent_to_its_type(world: World) -> None:
    task = {"type": "approval", "assignee": MANAGER}
    untitled = await world.submitted(task=task)
    titled = await world.submitted(title="Refund", task=task)

    assert (untitled["intent"]["title"], untitled["task"]["title"]) == ("refund", "refund")
    assert (titled["intent"]["title"], titled["task"]["title"]) == ("Refund", "Refund")


async def test_a_run_goes_from_step_to_result(world: World) -> None:
    intent = (await world.submitted(task=None))["intent"]
    path = f"/v1/intents/{intent['id']}"
    assert intent["handled"] is True

    await world.post("agent", f"{path}/steps", {"name": "draft", "output": "Dear customer"})
    task = (await world.post("agent", f"{path}/tasks", {"task": asking()})).json()["task"]
    await world.post("manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"})
    done = (await world.post("agent", f"{path}/complete", {"result": {"sent": True}})).json()

    assert done["intent"]["status"] == "COMPLETED"
    assert done["intent"]["result"] == {"sent": True}
    events = (await world.get("agent", f"{path}/events")).json()["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "intent.completed"


async def test_a_sleep_says_when_it_ends(world: World) -> None:
    intent = (await world.submitted(task=None))["intent"]["id"]
    slept = await world.post("agent", f"/v1/intents/{intent}/sleep", {"name": "nap", "for": "90s"})

    assert slept.json()["step"]["kind"] == "sleep"
    assert slept.json()["step"]["output"].startswith("2026-11-24T09:01:30")
    assert slept.json()["intent"]["waiting_reason"] == "WAITING_FOR_TIME"


async def test_a_review_goes_round_until_it_is_approved(world: World) -> None:
    fields = {"type": "review", "content": "v1", "revisions": 2}
    task = (await world.submitted(handled=True, task=asking(**fields)))["task"]
    path = f"/v1/tasks/{task['id']}"

    answer = {"outcome": "changes_requested", "comment": "shorter"}
    asked = (await world.post("manager", f"{path}/answer", answer)).json()["task"]
    revised = (await world.post("agent", f"{path}/revise", {"content": "v2"})).json()["task"]
    approved = await world.post("manager", f"{path}/answer", {"outcome": "approved"})

    assert asked["awaiting_revision"] is True
    assert revised["content"] == "v2"
    assert [each["content"] for each in revised["rounds"]] == ["v1"]
    assert revised["view_digest"] != task["view_digest"]
    assert approved.json()["task"]["decision"]["outcome"] == "approved"


async def test_a_claim_keeps_others_out_until_it_is_released(world: World) -> None:
    task = await world.task(assignee=None, assignees=[MANAGER, COLLEAGUE])
    path = f"/v1/tasks/{task['id']}"

    claimed = (await world.post("manager", f"{path}/claim")).json()["task"]
    refused = await world.post("colleague", f"{path}/answer", {"outcome": "approved"})
    released = (await world.post("admin", f"{path}/release")).json()["task"]

    assert (claimed["state"], claimed["claimed_by"]) == ("claimed", MANAGER)
    assert refused.json()["code"] == "already_claimed"
    assert (released["state"], released["claimed_by"]) == ("open", None)


async def test_a_withdrawn_task_cannot_be_answered(world: World) -> None:
    task = await world.task()
    path = f"/v1/tasks/{task['id']}"
    withdrawn = await world.post("agent", f"{path}/withdraw", {"reason": "paid by hand"})

    refused = await world.post("manager", f"{path}/answer", {"outcome": "approved"})

    assert withdrawn.json()["task"]["closed_because"] == "paid by hand"
    assert (refused.status_code, refused.json()["code"]) == (409, "task_withdrawn")


async def test_a_person_with_the_role_takes_a_run_over(world: World) -> None:
    intent = (await world.submitted())["intent"]["id"]
    body = {"action": "hand_over", "justification": "wrong customer", "to": COLLEAGUE}

    taken = await world.post("operator", f"/v1/intents/{intent}/override", body)

    assert taken.status_code == 200, taken.text
    [task] = (await world.get("colleague", "/v1/tasks")).json()["tasks"]
    assert task["type"] == "manual_action"
    assert (await world.get("colleague", f"/v1/tasks/{task['id']}")).status_code == 200


async def test_only_who_may_cancels(world: World) -> None:
    intent = (await world.submitted())["intent"]["id"]
    path = f"/v1/intents/{intent}/cancel"

    assert (await world.post("manager", path)).status_code == 403
    canceled = await world.post("operator", path, {"reason": "not needed"})
    too_late = await world.post("agent", path)

    assert canceled.json()["intent"]["status"] == "CANCELED"
    assert too_late.json()["code"] == "intent_closed"


async def test_a_request_may_leave_an_empty_body_out(world: World) -> None:
    task = await world.task()

    claimed = await world.send("manager", "POST", f"/v1/tasks/{task['id']}/claim")

    assert claimed.status_code == 200


async def test_lists_are_paged_newest_first(world: World) -> None:
    ids = [(await world.submitted())["intent"]["id"] for _ in range(5)]
    seen: list[str] = []
    path: str | None = "/v1/intents?limit=2"

    while path is not None:
        page = (await world.get("agent", path)).json()
        seen += [each["id"] for each in page["intents"]]
        path = f"/v1/intents?limit=2&before={page['next']}" if page["next"] else None

    assert seen == ids[::-1]


async def test_tasks_are_listed_by_state(world: World) -> None:
    task = await world.task()
    await world.task()
    await world.post("manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"})

    async def count(query: str) -> int:
        tasks: list[Any] = (await world.get("agent", f"/v1/tasks{query}")).json()["tasks"]
        return len(tasks)

    assert await count("") == 2
    assert await count("?state=live") == 1
    assert await count("?state=concluded") == 1
    assert await count(f"?intent={task['intent_id']}") == 1


async def test_events_are_paged_by_their_number(world: World) -> None:
    intent = (await world.submitted())["intent"]["id"]
    path = f"/v1/intents/{intent}/events"

    first = (await world.get("agent", f"{path}?limit=2")).json()
    rest = (await world.get("agent", f"{path}?after={first['next']}")).json()

    assert [event["seq"] for event in first["events"]] == [1, 2]
    assert [event["seq"] for event in rest["events"]] == [3]
    assert rest["next"] is None


async def test_the_opening_of_a_task_lays_its_ladder_open(world: World) -> None:
    submitted = await world.submitted(
        task=asking(ladder=[{"after": "1h", "do": "remind"}, {"after": "2h", "do": "fail"}])
    )
    path = f"/v1/intents/{submitted['intent']['id']}/events"

    [opened] = [
        event
        for event in (await world.get("agent", path)).json()["events"]
        if event["type"] == "task.opened"
    ]

    assert opened["data"]["task_id"] == submitted["task"]["id"]
    assert [rung["after"] for rung in opened["data"]["ladder"]] == ["PT3600S", "PT7200S"]
    assert opened["data"]["stages"][0]["who"] == [MANAGER]


async def test_a_person_is_added_changed_and_let_in(world: World) -> None:
    body = {"email": "New@Acme.Test", "name": "Nina", "roles": ["finance"], "region": "EU"}
    added = (await world.post("admin", "/v1/people", body)).json()["person"]

    path = f"/v1/people/{added['id']}"
    change = {"roles": ["manager"], "region": None, "time_zone": "Europe/Berlin"}
    changed = (await world.send("admin", "PATCH", path, change)).json()["person"]
    link = (await world.post("admin", f"{path}/sign-in-link")).json()

    assert added["email"] == "new@acme.test"
    assert changed["roles"] == ["manager"]
    assert changed["region"] is None
    assert changed["name"] == "Nina"
    assert changed["time_zone"] == "Europe/Berlin"
    assert link["url"].startswith("http://127.0.0.1:8600/sign-in?token=")
    by_mail = await world.get("auditor", "/v1/people/NEW@acme.test")
    assert by_mail.json()["person"] == changed


async def test_a_form_takes_evidence_as_links_and_references(world: World) -> None:
    task = await world.task(type="manual_action", evidence="required")
    evidence = ["https://bank.test/1", {"kind": "reference", "value": "TX-1"}]

    done = await world.post(
        "manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "completed", "evidence": evidence}
    )

    assert done.json()["task"]["decision"]["evidence"] == [
        {"kind": "link", "value": "https://bank.test/1"},
        {"kind": "reference", "value": "TX-1"},
    ]
