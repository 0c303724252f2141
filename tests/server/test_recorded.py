"""Every type of fact is told by what brings it about, in the transaction of that, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from signoff.core.facts import FACTS
from tests.inbox.browser import Browser
from tests.server.told import Told, leaves, told
from tests.server.world import COLLEAGUE, MANAGER, OUTSIDER, START, World, asking

ELSEWHERE = {
    "log.opened",
    "log.key_added",
    "log.key_retired",
    "log.exported",
    "receipt.issued",
    "passkey.added",
    "passkey.removed",
    "identity.added",
    "identity.removed",
    "erasure.done",
    "hold.placed",
    "hold.lifted",
}
"""What the log itself is told about, by the code that does it."""

NEVER_YET = {"notice.failed", "notice.skipped", "webhook.disabled"}
"""Where something out there fails, which nothing does here: tests/engine and tests/channels."""

Act = Callable[[World], Awaitable[dict[str, Any]]]


async def person_id(world: World, email: str = MANAGER) -> str:
    found: str = (await world.get("admin", f"/v1/people/{email}")).json()["person"]["id"]
    return found


async def signed_in(world: World, email: str = MANAGER) -> Browser:
    link = await world.post("admin", f"/v1/people/{email}/sign-in-link")
    assert link.status_code == 200, link.text
    address = world.services.settings.address
    browser = Browser(world.app, origin=address)
    page = await browser.open(link.json()["url"].removeprefix(address))
    assert (await browser.press(page, "Sign in")).heading == "Inbox"
    return browser


# One action for each type. Each returns what the leaf's data must say.


async def add_a_person(world: World) -> dict[str, Any]:
    added = await world.hired("zoe@acme.test", name="Zoe Zandvoort", roles=["finance"])
    return {"person_id": added["id"], "roles": ["finance"]}


async def change_a_person(world: World) -> dict[str, Any]:
    body = {"name": "Maria Musterfrau", "roles": ["manager", "lead"], "time_zone": "Europe/Paris"}
    changed = await world.send("admin", "PATCH", f"/v1/people/{MANAGER}", body)
    assert changed.status_code == 200, changed.text
    return {
        "person_id": await person_id(world),
        "changed": ["name", "roles", "time_zone"],
        "roles": ["manager", "lead"],
    }


async def make_a_key(world: World) -> dict[str, Any]:
    body = {"kind": "agent", "agent": "bot", "label": "the laptop of Zoe"}
    made = await world.post("admin", "/v1/keys", body)
    key = made.json()
    return {"key_id": key["id"], "kind": "agent", "agent": "agent://default/main/bot"}


async def revoke_a_key(world: World) -> dict[str, Any]:
    made = await world.post("admin", "/v1/keys", {"kind": "auditor"})
    path = f"/v1/keys/{made.json()['id']}"
    for _ in range(2):  # revoking twice is one revocation
        assert (await world.send("admin", "DELETE", path)).status_code == 200
    return {"key_id": made.json()["id"]}


async def save_settings(world: World) -> dict[str, Any]:
    changed = await world.send("admin", "PATCH", "/v1/settings", {"zone": "Europe/Berlin"})
    assert changed.status_code == 200, changed.text
    return {"version": 1}


async def say_how_they_are_told(world: World) -> dict[str, Any]:
    path = f"/v1/people/{MANAGER}/preferences"
    await world.send("manager", "PATCH", path, {"theme": "dark"})  # is nobody's business
    changed = await world.send("manager", "PATCH", path, {"channels": ["email"]})
    assert changed.status_code == 200, changed.text
    return {"person_id": await person_id(world), "channels": ["email"], "digest": "off"}


HOOK = {"url": "https://shop.example.com/hook", "events": ["task.*"]}


async def hooked(world: World) -> str:
    made = await world.post("admin", "/v1/webhooks", HOOK)
    assert made.status_code == 201, made.text
    found: str = made.json()["webhook"]["id"]
    return found


async def add_a_webhook(world: World) -> dict[str, Any]:
    return {"webhook_id": await hooked(world), "events": ["task.*"]}


async def change_a_webhook(world: World) -> dict[str, Any]:
    one = await hooked(world)
    changed = await world.send("admin", "PATCH", f"/v1/webhooks/{one}", {"events": ["*"]})
    assert changed.status_code == 200, changed.text
    return {"webhook_id": one, "events": ["*"]}


async def rotate_a_webhook(world: World) -> dict[str, Any]:
    one = await hooked(world)
    rotated = await world.post("admin", f"/v1/webhooks/{one}/rotate", {"overlap_hours": 1})
    assert rotated.status_code == 200, rotated.text
    return {"webhook_id": one}


async def deliver_again(world: World) -> dict[str, Any]:
    one = await hooked(world)
    tried = await world.post("admin", f"/v1/webhooks/{one}/test")
    delivery = tried.json()["delivery"]["id"]
    again = await world.post("admin", f"/v1/webhooks/{one}/deliveries/{delivery}/redeliver")
    assert again.status_code == 200, again.text
    return {"webhook_id": one, "delivery_id": delivery}


async def remove_a_webhook(world: World) -> dict[str, Any]:
    one = await hooked(world)
    removed = await world.send("admin", "DELETE", f"/v1/webhooks/{one}")
    assert removed.status_code == 200, removed.text
    return {"webhook_id": one}


async def offer_a_sign_in(world: World) -> dict[str, Any]:
    await world.post("admin", f"/v1/people/{MANAGER}/sign-in-link")
    return {"person_id": await person_id(world)}


async def sign_in(world: World) -> dict[str, Any]:
    await signed_in(world)
    return {
        "person_id": await person_id(world),
        "method": "sign_in_link",
        "strength": "session",
    }


async def sign_out(world: World) -> dict[str, Any]:
    browser = await signed_in(world)
    await browser.press(await browser.open("/inbox"), "Sign out")
    return {"person_id": await person_id(world)}


async def notify(world: World) -> dict[str, Any]:
    await world.task()
    async with asyncio.timeout(10):  # the loop that sends them runs beside this
        while not (found := await told(world, "notice.sent")):
            await asyncio.sleep(0.02)
    assert [each["person_id"] for each in found[0].leaf["data"]["told"]] == [await person_id(world)]
    return {"channel": "inbox", "reason": "opened"}


async def try_what_one_may_not(world: World) -> dict[str, Any]:
    task = await world.task()
    refused = await world.post("outsider", f"/v1/tasks/{task['id']}/answer", APPROVED)
    assert refused.status_code == 403, refused.text
    return {"command": "AnswerTask", "code": "not_eligible", "channel": "api"}


async def look_at_a_task(world: World) -> dict[str, Any]:
    task = await world.task()
    await world.get("manager", f"/v1/tasks/{task['id']}")
    return {"person_id": await person_id(world), "channel": "api"}


async def pick_an_answer_up(world: World) -> dict[str, Any]:
    task = await world.task()
    await world.post("manager", f"/v1/tasks/{task['id']}/answer", APPROVED)
    await world.get("agent", f"/v1/tasks/{task['id']}")
    return {"agent": "agent://default/main/refunds", "outcome": "approved"}


async def read_a_history(world: World) -> dict[str, Any]:
    submitted = await world.submitted()
    await world.get("auditor", f"/v1/intents/{submitted['intent']['id']}/events")
    return {}


APPROVED = {"outcome": "approved"}
ACTIONS: dict[str, tuple[str, Act]] = {
    "person.added": ("admin", add_a_person),
    "person.changed": ("admin", change_a_person),
    "key.made": ("admin", make_a_key),
    "key.revoked": ("admin", revoke_a_key),
    "settings.saved": ("admin", save_settings),
    "preferences.saved": ("person", say_how_they_are_told),
    "webhook.added": ("admin", add_a_webhook),
    "webhook.changed": ("admin", change_a_webhook),
    "webhook.rotated": ("admin", rotate_a_webhook),
    "webhook.redelivered": ("admin", deliver_again),
    "webhook.removed": ("admin", remove_a_webhook),
    "sign_in.offered": ("admin", offer_a_sign_in),
    "sign_in.succeeded": ("person", sign_in),
    "sign_in.ended": ("person", sign_out),
    "notice.sent": ("clock", notify),
    "attempt.refused": ("person", try_what_one_may_not),
    "task.viewed": ("person", look_at_a_task),
    "answer.picked_up": ("agent", pick_an_answer_up),
    "log.read": ("auditor", read_a_history),
}
PERSONAL = ("@acme.test", "Zoe", "Zandvoort", "Musterfrau", "laptop", "Refund 240")


def test_each_type_of_fact_is_brought_about_here_or_told_by_the_log_itself() -> None:
    assert set(FACTS) == set(ACTIONS) | ELSEWHERE | NEVER_YET


@pytest.mark.parametrize("kind", ACTIONS)
async def test_what_happens_is_told_and_its_leaf_names_nobody(world: World, kind: str) -> None:
    by, act = ACTIONS[kind]

    expected = await act(world)

    found = [each for each in await told(world, kind) if _says(each, expected)]
    assert len(found) == 1, await told(world, kind)
    (fact,) = found
    assert fact.leaf["type"] == kind
    assert fact.leaf["actor"]["kind"] == by
    assert fact.leaf["actor"].keys() == {"kind", "ref"}
    assert fact.leaf.get("intent") == fact.intent
    assert fact.leaf.get("task") == fact.task
    assert not [word for word in PERSONAL if word in fact.text]


def _says(fact: Told, expected: dict[str, Any]) -> bool:
    data = fact.leaf.get("data", {})
    return all(data.get(name) == value for name, value in expected.items())


# People


async def test_what_changed_of_a_person_is_told_by_digests_and_nothing_where_it_did_not(
    world: World,
) -> None:
    path = f"/v1/people/{MANAGER}"
    away = {"absences": [{"start": "2026-12-24", "end": "2027-01-01", "note": "a clinic"}]}
    await world.send("admin", "PATCH", path, {"roles": ["manager"]})  # as it was
    await world.send("manager", "PUT", f"{path}/absences", away)
    await world.send("admin", "PATCH", path, {"disabled": True})

    one, two = await told(world, "person.changed")

    assert one.leaf["data"]["changed"] == ["absences"]
    assert one.actor["id"] == await person_id(world)
    assert "clinic" not in one.text
    assert two.leaf["data"]["changed"] == ["disabled"]
    assert two.leaf["data"]["disabled"] is True
    assert one.data["after"] == two.data["before"]
    assert two.data["before"] != two.data["after"]
    assert one.leaf["commitments"].keys() == {"before", "after"}


async def test_an_absence_said_in_the_inbox_is_told(world: World) -> None:
    browser = await signed_in(world)
    page = await browser.open("/inbox/absence")
    page.fill("First day", "2026-12-24").fill("Last day", "2026-12-31")

    await browser.press(page, "Add absence")

    (fact,) = await told(world, "person.changed")
    assert fact.leaf["data"]["changed"] == ["absences"]
    assert fact.leaf["actor"] == {"kind": "person", "ref": await person_id(world)}


async def test_a_change_that_was_refused_is_not_told(world: World) -> None:
    await world.hired("zoe@acme.test")
    before = await told(world)

    again = await world.post("admin", "/v1/people", {"email": "zoe@acme.test"})
    stale = await world.send("admin", "PATCH", "/v1/settings", {"version": 7, "zone": "UTC"})
    unknown = await world.send("admin", "DELETE", f"/v1/keys/key_{'0' * 32}")

    assert [each.status_code for each in (again, stale, unknown)] == [409, 409, 404]
    assert await told(world) == before


# Refused attempts


async def refused(world: World) -> list[tuple[str, str, str]]:
    """Who was refused what, and why."""
    return [
        (each.leaf["actor"]["kind"], each.data["command"], each.data["code"])
        for each in await told(world, "attempt.refused")
    ]


@pytest.mark.parametrize(
    ("who", "verb", "body", "expected"),
    [
        ("outsider", "answer", APPROVED, ("person", "AnswerTask", "not_eligible")),
        ("agent", "answer", APPROVED, ("agent", "AnswerTask", "agent_may_not_decide")),
        ("other agent", "answer", APPROVED, ("agent", "AnswerTask", "agent_may_not_decide")),
        ("admin", "answer", APPROVED, ("admin", "AnswerTask", "not_a_person")),
        ("auditor", "answer", APPROVED, ("auditor", "AnswerTask", "not_a_person")),
        ("outsider", "claim", {}, ("person", "ClaimTask", "not_eligible")),
        ("outsider", "delegate", {"to": MANAGER}, ("person", "DelegateTask", "not_eligible")),
        (
            "outsider",
            "reassign",
            {"to": OUTSIDER, "reason": "me"},
            ("person", "ReassignTask", "forbidden"),
        ),
        (
            "outsider",
            "extend",
            {"by": "24h", "reason": "so"},
            ("person", "ExtendTask", "forbidden"),
        ),
        ("manager", "pause", {"reason": "so"}, ("person", "PauseTask", "illegal_move")),
        ("manager", "release", {}, ("person", "ReleaseTask", "not_claimed")),
        ("manager", "withdraw", {}, ("person", "WithdrawTask", "forbidden")),
    ],
)
async def test_what_is_refused_changes_nothing_and_is_on_record(
    world: World, who: str, verb: str, body: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    task = await world.task()
    before = world.stored()

    response = await world.post(who, f"/v1/tasks/{task['id']}/{verb}", body)

    assert response.status_code in (403, 409), response.text
    assert world.stored() == before
    assert await refused(world) == [expected]
    (fact,) = await told(world, "attempt.refused")
    assert (fact.intent, fact.task) == (task["intent_id"], task["id"])
    assert fact.data["message"] == response.json()["detail"]


async def test_whoever_is_too_late_is_on_record(world: World) -> None:
    won = await world.task(assignees=[MANAGER, COLLEAGUE])
    await world.post("manager", f"/v1/tasks/{won['id']}/answer", APPROVED)
    lost = await world.post("colleague", f"/v1/tasks/{won['id']}/answer", {"outcome": "rejected"})
    claimed = await world.task(assignees=[MANAGER, COLLEAGUE])
    await world.post("manager", f"/v1/tasks/{claimed['id']}/claim")
    taken = await world.post("colleague", f"/v1/tasks/{claimed['id']}/answer", APPROVED)
    stale = await world.post(
        "manager",
        f"/v1/tasks/{claimed['id']}/answer",
        APPROVED,
        headers={"If-Match": f'"sha256:{"0" * 64}"'},
    )
    ended = await world.send(
        "operator",
        "POST",
        f"/v1/intents/{won['intent_id']}/override",
        {"action": "stop", "justification": "because"},
    )
    world.clock.advance(timedelta(days=30))
    late = await world.post("manager", f"/v1/tasks/{claimed['id']}/answer", APPROVED)

    for each in (lost, taken, stale, ended, late):
        assert each.status_code == 409, each.text
    assert {code for _, _, code in await refused(world)} == {
        "already_concluded",
        "already_claimed",
        "stale_view",
        "intent_closed",
        "task_expired",
    }


async def test_what_only_was_mistyped_or_is_not_there_is_nothing_for_the_log(world: World) -> None:
    task, nowhere = await world.task(), f"/v1/tasks/task_{'0' * 32}/answer"

    for who, path, body in (
        ("manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "perhaps"}),
        ("manager", f"/v1/tasks/{task['id']}/answer", {"outcome": 1}),
        ("manager", nowhere, APPROVED),
        ("agent", nowhere, APPROVED),
        ("agent", "/v1/tasks/nonsense/answer", APPROVED),
        ("foreign person", f"/v1/tasks/{task['id']}/answer", APPROVED),
        ("foreign agent", f"/v1/tasks/{task['id']}/answer", APPROVED),
    ):
        assert (await world.post(who, path, body)).status_code in (400, 403, 404, 422)

    assert await refused(world) == []


async def test_the_same_attempt_is_told_once_a_minute(world: World) -> None:
    path = f"/v1/tasks/{(await world.task())['id']}/answer"
    for who in ("outsider", "agent"):
        for _ in range(3):
            await world.post(who, path, APPROVED)
    assert len(await refused(world)) == 2

    world.clock.advance(timedelta(minutes=1))
    await world.post("outsider", path, APPROVED)
    await world.post("agent", path, APPROVED)

    assert len(await refused(world)) == 4


async def test_an_answer_sent_again_with_its_key_is_no_attempt(world: World) -> None:
    path = f"/v1/tasks/{(await world.task())['id']}/answer"
    for _ in range(2):
        sent = await world.post("manager", path, APPROVED, headers={"Idempotency-Key": "once"})
        assert sent.status_code == 200

    assert await refused(world) == []


async def test_cancelling_without_the_role_is_on_record(world: World) -> None:
    submitted = await world.submitted()

    refusal = await world.post("manager", f"/v1/intents/{submitted['intent']['id']}/cancel")

    assert refusal.status_code == 403
    assert await refused(world) == [("person", "CancelIntent", "forbidden")]


async def test_what_the_inbox_refuses_by_itself_is_on_record_with_its_channel(world: World) -> None:
    browser = await signed_in(world)
    stale = await world.task(type="review", content="draft", revisions=2)
    page = await browser.open(f"/inbox/tasks/{stale['id']}")
    wish = {"outcome": "changes_requested", "comment": "shorter"}
    await world.post("manager", f"/v1/tasks/{stale['id']}/answer", wish)
    await world.post("agent", f"/v1/tasks/{stale['id']}/revise", {"content": "other"})
    await browser.press(page, "Approve")
    closed = await world.task()
    page = await browser.open(f"/inbox/tasks/{closed['id']}")
    await world.post("agent", f"/v1/tasks/{closed['id']}/withdraw")

    late = await browser.press(page, "Approve")

    assert late.status == 409
    found = await told(world, "attempt.refused")
    assert [(each.data["code"], each.data["channel"]) for each in found] == [
        ("stale_view", "inbox"),
        ("task_withdrawn", "inbox"),
    ]


# Views, and what an answer comes with


async def test_an_answer_says_since_when_its_giver_was_shown_what_they_answer(
    world: World,
) -> None:
    task = await world.task()
    await world.get("manager", f"/v1/tasks/{task['id']}")
    world.clock.advance(timedelta(minutes=3))
    await world.get("manager", f"/v1/tasks/{task['id']}")  # again: nothing new

    await world.post("manager", f"/v1/tasks/{task['id']}/answer", APPROVED)

    (view,) = await told(world, "task.viewed")
    assert view.leaf["digests"]["view"] == task["view_digest"]
    (answered,) = leaves(world, "task.answered")
    assert answered["data"]["first_viewed_at"] == f"{START:%Y-%m-%dT%H:%M:%S}.000000Z"
    assert answered["data"]["credential"]["strength"] == "key"
    assert answered["data"]["credential"]["method"] == "api_key"
    assert answered["data"]["credential"]["id"].startswith("key_")


async def test_an_answer_of_somebody_who_never_looked_says_so(world: World) -> None:
    task = await world.task(assignees=[MANAGER, COLLEAGUE])
    await world.get("colleague", f"/v1/tasks/{task['id']}")

    await world.post("manager", f"/v1/tasks/{task['id']}/answer", APPROVED)

    (answered,) = leaves(world, "task.answered")
    assert "first_viewed_at" not in answered["data"]


async def test_an_answer_in_the_inbox_comes_with_the_session(world: World) -> None:
    browser = await signed_in(world)
    task = await world.task()
    page = await browser.open(f"/inbox/tasks/{task['id']}")
    world.clock.advance(timedelta(minutes=5))

    await browser.press(page, "Approve")

    (answered,) = leaves(world, "task.answered")
    began = f"{START:%Y-%m-%dT%H:%M:%S}.000000Z"
    assert answered["data"]["channel"] == "inbox"
    assert answered["data"]["first_viewed_at"] == began
    assert answered["data"]["credential"] == {
        "strength": "session",
        "method": "session",
        "provider": "local",
        "authenticated_at": began,
    }


async def test_each_form_in_which_somebody_is_shown_a_task_is_a_view_and_a_closed_one_none(
    world: World,
) -> None:
    task = await world.task(type="review", content="draft", revisions=2)
    path = f"/v1/tasks/{task['id']}"
    await world.get("manager", path)
    wish = {"outcome": "changes_requested", "comment": "shorter"}
    await world.post("manager", f"{path}/answer", wish)
    await world.post("agent", f"{path}/revise", {"content": "short"})
    await world.get("manager", path)
    await world.post("manager", f"{path}/answer", APPROVED)
    await world.get("manager", path)
    await world.get("agent", path)

    views = await told(world, "task.viewed")

    assert len(views) == 2
    assert len({each.leaf["digests"]["view"] for each in views}) == 2


# Pick-ups, notices, readers


async def test_a_pick_up_is_told_once_with_the_last_step_before_it(world: World) -> None:
    submitted = await world.submitted(handled=True)
    intent, task = submitted["intent"]["id"], submitted["task"]["id"]
    for name in ("fetch", "draft"):
        await world.post("agent", f"/v1/intents/{intent}/steps", {"name": name, "output": 1})
    await world.get("agent", f"/v1/tasks/{task}")  # still open: nothing to pick up
    await world.post("manager", f"/v1/tasks/{task}/answer", APPROVED)
    await world.get("agent", f"/v1/tasks/{task}?wait=1")
    world.clock.advance(timedelta(seconds=1))
    await world.post("agent", f"/v1/intents/{intent}/steps", {"name": "pay", "output": 1})
    await world.get("agent", f"/v1/tasks/{task}")

    (fact,) = await told(world, "answer.picked_up")
    await world.get("agent", f"/v1/tasks/{task}")
    await world.get("auditor", f"/v1/tasks/{task}")

    assert fact.id == f"pickup_{task}"
    assert fact.leaf["data"]["after_step"] == "draft"
    assert await told(world, "answer.picked_up") == [fact]


async def test_a_wish_for_changes_is_picked_up_apart_from_the_end(world: World) -> None:
    task = await world.task(type="review", content="draft", revisions=2)
    path = f"/v1/tasks/{task['id']}"
    wish = {"outcome": "changes_requested", "comment": "shorter"}
    await world.post("manager", f"{path}/answer", wish)
    await world.get("agent", path)
    await world.post("agent", f"{path}/revise", {"content": "short"})
    await world.post("manager", f"{path}/answer", APPROVED)
    await world.get("agent", path)

    found = {each.id: each.leaf["data"] for each in await told(world, "answer.picked_up")}

    end, wished = f"pickup_{task['id']}", f"pickup_{task['id']}_1"
    assert found.keys() == {end, wished}
    assert found[end]["outcome"] == "approved"
    assert "outcome" not in found[wished]


async def test_reading_a_history_is_told_once_a_minute_and_only_of_those_who_audit(
    world: World,
) -> None:
    submitted = await world.submitted()
    intent = submitted["intent"]["id"]
    for who in ("auditor", "auditor", "admin", "operator", "agent"):
        for path in ("events", "steps"):
            response = await world.get(who, f"/v1/intents/{intent}/{path}")
            assert response.status_code == 200

    found = await told(world, "log.read")
    assert sorted(each.leaf["actor"]["kind"] for each in found) == ["admin", "auditor"]
    assert {each.intent for each in found} == {intent}

    world.clock.advance(timedelta(minutes=1))
    await world.get("auditor", f"/v1/intents/{intent}/events")
    assert len(await told(world, "log.read")) == 3


# Where an intent comes from, and how its data is kept

PROVENANCE = {
    "agent_version": "2.1.0",
    "agent_class": "assistant",
    "framework": "langgraph 1.2",
    "model_provider": "acme",
    "model_name": "large",
    "model_version": "2026-10-01",
    "prompt_digest": f"sha256:{'ab' * 32}",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "purpose": "refund",
}
CUSTODY = {
    "subject": "customer:cus_123",
    "categories": ["contact", "payment"],
    "retention_class": "refunds",
}


async def test_what_produced_an_intent_is_in_its_leaf_and_whose_data_it_is_is_not(
    world: World,
) -> None:
    submitted = await world.submitted(provenance=PROVENANCE, custody=CUSTODY)
    intent = submitted["intent"]

    (leaf,) = leaves(world, "intent.submitted")

    assert intent["provenance"] == PROVENANCE
    assert intent["custody"] == CUSTODY
    assert leaf["data"]["provenance"]["model_name"] == "large"
    assert leaf["digests"]["prompt"] == PROVENANCE["prompt_digest"]
    assert leaf["data"]["retention_class"] == "refunds"
    assert "custody.subject" in leaf["commitments"]
    assert "cus_123" not in str(leaf)


async def test_whoever_is_only_asked_does_not_read_whose_data_it_is(world: World) -> None:
    submitted = await world.submitted(provenance=PROVENANCE, custody=CUSTODY)
    path = f"/v1/intents/{submitted['intent']['id']}"

    for who in ("agent", "auditor", "admin", "operator"):
        assert (await world.get(who, path)).json()["intent"]["custody"] == CUSTODY
    asked = (await world.get("manager", path)).json()["intent"]
    task = submitted["task"]["id"]
    answered = await world.post("manager", f"/v1/tasks/{task}/answer", APPROVED)

    for shown in (asked, answered.json()["intent"]):
        assert shown["custody"] is None
        assert shown["provenance"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("provenance.prompt_digest", "ab" * 32),
        ("provenance.prompt_digest", f"sha256:{'AB' * 32}"),
        ("provenance.agent_version", "x" * 201),
        ("provenance.purpose", "two words"),
        ("provenance.trace_id", " "),
        ("provenance.model", "large"),
        ("custody.subject", "x" * 301),
        ("custody.subject", ""),
        ("custody.categories", [f"c{n}" for n in range(17)]),
        ("custody.categories", ["two words"]),
        ("custody.retention_class", "no word"),
        ("custody.retention_class", 30),
    ],
)
async def test_what_is_said_of_an_intent_is_held_to_its_form(
    world: World, field: str, value: object
) -> None:
    part, name = field.split(".")
    body = {"type": "refund", "task": asking(), part: {name: value}}

    response = await world.post("agent", "/v1/intents", body)

    assert response.status_code in (400, 422), response.text
    assert response.json()["errors"][0]["field"].startswith(field)
