"""Tasks in Slack: shown as they are, answered by whom they ask, corrected from any surface."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from signoff.channels.slack.api import SlackApi
from signoff.channels.slack.corrections import Corrections
from signoff.channels.slack.sender import SlackSender
from signoff.core.words import TaskId, TaskState
from signoff.engine.addressing import Addressing
from signoff.engine.outbox import Notices
from signoff.engine.sending import Sending
from signoff.server.asgi import application
from tests.channels.slack_team import SECRET, TOKEN, SlackTeam, slack_team
from tests.inbox.world import HERE, World

MGR, BOSS, STRANGER = "U_MGR", "U_BOSS", "U_STRANGER"
LOW: dict[str, Any] = {"risk": "low"}


@dataclass
class Scene:
    world: World
    team: SlackTeam
    rooms: dict[str, str]

    def __post_init__(self) -> None:
        services = self.world.services
        self.api = SlackApi(TOKEN, self.team.url)
        settings = replace_settings(services.settings)
        self.app = application(replace(services, slack=self.api, settings=settings))
        self.sender = SlackSender(services.store, self.api, settings.address, rooms=self.rooms)

    async def tell(self) -> None:
        """Send what is due, and correct what is stale."""
        store = self.world.services.store
        addressing = Addressing(store, [self.sender])
        await Notices(store, addressing, poll_seconds=60, lease_seconds=30).flush()
        await Sending(store, self.sender, addressing, poll_seconds=60, lease_seconds=30).flush()
        await self.correct()

    async def correct(self) -> None:
        store, address = self.world.services.store, self.world.services.settings.address
        assert await Corrections(store, self.api, address).flush()

    async def outcome(self, task_id: TaskId) -> str | None:
        task = await self.world.task(task_id)
        return task.decision.outcome if task.decision else None


def replace_settings(settings: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(settings, slack_token=TOKEN, slack_signing_secret=SECRET)


@pytest.fixture
async def scene(world: World) -> AsyncIterator[Scene]:
    await world.person("boss@acme.test", roles=["manager"], name="Boss")
    async with slack_team(mgr=MGR, boss=BOSS) as team:
        yield Scene(world, team, {})


async def test_who_is_asked_gets_the_typed_action_and_decides_with_a_button(scene: Scene) -> None:
    task_id = await scene.world.ask(
        action={"name": "refund", "arguments": {"amount": 17}}, description="Trust me.", **LOW
    )
    await scene.tell()

    (post,) = scene.team.seen_by(MGR)
    order = [
        "Refund 240 EUR",
        "What will run: refund",
        "amount: ",
        "17",
        "unverified",
        "Trust me.",
    ]
    places = [post.shown.index(each) for each in order]
    assert places == sorted(places)
    assert (await scene.team.press(scene.app, post, "Approve", by=MGR)).status_code == 200
    assert await scene.outcome(task_id) == "approved"
    decision = (await scene.world.task(task_id)).decision
    assert decision is not None
    assert decision.by.label == "mgr@acme.test"

    await scene.tell()
    assert "Approved by mgr@acme.test" in post.shown
    assert "Approve" not in post.buttons()


async def test_a_button_asks_once_more_before_what_is_not_of_low_risk(scene: Scene) -> None:
    await scene.world.ask(action={"name": "refund", "arguments": {"amount": 240}})
    await scene.tell()

    (post,) = scene.team.seen_by(MGR)
    confirm = post.buttons()["Approve"]["confirm"]
    assert confirm["title"]["text"] == "Approve?"
    assert confirm["text"]["text"] == "refund"


async def test_what_is_of_high_risk_is_decided_on_the_page_alone(scene: Scene) -> None:
    task_id = await scene.world.ask(risk="high")
    await scene.tell()

    (post,) = scene.team.seen_by(MGR)
    assert list(post.buttons()) == ["I am on it", "Sign in to decide"]
    forged = {**post.buttons()["I am on it"], "action_id": "answer.0"}
    post.blocks.append({"type": "actions", "elements": [forged | {"text": {"text": "Forged"}}]})
    await scene.team.press(scene.app, post, "Forged", by=MGR)
    assert await scene.outcome(task_id) is None
    assert "not enough for this task" in scene.team.whispers(MGR)[-1]


async def test_anybody_in_a_channel_can_press_but_only_who_is_asked_decides(scene: Scene) -> None:
    scene = Scene(scene.world, scene.team, {"role:manager": "C01"})
    task_id = await scene.world.ask(assignee="role:manager", **LOW)
    await scene.world.person("guest@acme.test")
    scene.team.users["guest@acme.test"] = "U_GUEST"
    await scene.tell()
    post = next(each for each in scene.team.posts if each.channel == "C01")

    await scene.team.press(scene.app, post, "Approve", by=STRANGER)
    assert "Nobody here is known by your Slack account" in scene.team.whispers(STRANGER)[-1]
    await _known(scene, "guest@acme.test", "U_GUEST")
    await scene.team.press(scene.app, post, "Approve", by="U_GUEST")
    assert "does not ask you" in scene.team.whispers("U_GUEST")[-1]
    assert await scene.outcome(task_id) is None

    await scene.team.press(scene.app, post, "Approve", by=BOSS)
    assert await scene.outcome(task_id) == "approved"
    await scene.tell()
    assert all("Approved by boss@acme.test" in each.shown for each in scene.team.posts[:3])


async def test_a_message_is_corrected_whatever_surface_decides(scene: Scene) -> None:
    first = await scene.world.ask()
    second = await scene.world.ask(title="Another one?")
    await scene.tell()
    posts = sorted(scene.team.seen_by(MGR), key=lambda post: post.text, reverse=True)

    await scene.world.answered(first, "mgr@acme.test", "rejected", "too much")
    await scene.world.withdraw(second, "not needed any more")
    await scene.correct()

    assert "Rejected by mgr@acme.test" in posts[0].shown
    assert "too much" in posts[0].shown
    assert "Withdrawn" in posts[1].shown
    assert [each.edits for each in posts] == [1, 1]
    await scene.correct()
    assert [each.edits for each in posts] == [1, 1]


async def test_who_comes_second_is_told_who_was_first(scene: Scene) -> None:
    await scene.world.ask(assignee="role:manager", **LOW)
    await scene.tell()
    mine, other = scene.team.seen_by(MGR)[0], scene.team.seen_by(BOSS)[0]

    await scene.team.press(scene.app, other, "Reject", by=BOSS)
    await scene.team.press(scene.app, mine, "Approve", by=MGR)

    assert "boss@acme.test decided rejected" in scene.team.whispers(MGR)[-1]


async def test_a_claim_shows_on_every_message_and_keeps_others_from_answering(scene: Scene) -> None:
    task_id = await scene.world.ask(assignee="role:manager", **LOW)
    await scene.tell()
    mine, other = scene.team.seen_by(MGR)[0], scene.team.seen_by(BOSS)[0]

    await scene.team.press(scene.app, mine, "I am on it", by=MGR)
    await scene.correct()
    assert "mgr@acme.test is on it" in other.shown
    await scene.team.press(scene.app, other, "Approve", by=BOSS)
    assert "has claimed this task" in scene.team.whispers(BOSS)[-1]
    assert await scene.outcome(task_id) is None

    await scene.team.press(scene.app, mine, "Release it", by=MGR)
    assert (await scene.world.task(task_id)).state is TaskState.OPEN


async def test_what_takes_words_is_filled_in_in_a_modal(scene: Scene) -> None:
    task_id = await scene.world.ask("review", content="Dear customer", revisions=1)
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)

    await scene.team.press(scene.app, post, "Request changes …", by=MGR)
    refused = await scene.team.fill_in(scene.app, {"Comment": " "}, by=MGR)
    assert refused.json()["response_action"] == "errors"
    assert "comment" in refused.json()["errors"]
    done = await scene.team.fill_in(scene.app, {"Comment": "friendlier"}, by=MGR)

    assert done.json() == {"response_action": "clear"}
    assert (await scene.world.task(task_id)).rounds[0].comment == "friendlier"


async def test_a_form_is_filled_in_in_a_modal_with_errors_beside_its_fields(scene: Scene) -> None:
    schema = {
        "type": "object",
        "properties": {
            "amount": {"type": "integer", "title": "Amount", "minimum": 1},
            "reason": {"enum": ["broken", "late"], "title": "Reason"},
            "on": {"type": "string", "format": "date", "title": "On"},
            "urgent": {"type": "boolean", "title": "Urgent", "default": False},
        },
        "required": ["amount", "reason"],
    }
    task_id = await scene.world.ask("form", schema=schema)
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)

    await scene.team.press(scene.app, post, "Submit …", by=MGR)
    given = {"Amount": "none", "Reason": "late", "On": "2026-12-01"}
    refused = await scene.team.fill_in(scene.app, given, by=MGR)
    (wrong,) = refused.json()["errors"].values()
    assert "whole number" in wrong
    done = await scene.team.fill_in(scene.app, {**given, "Amount": "240"}, by=MGR)

    assert done.json() == {"response_action": "clear"}
    decision = (await scene.world.task(task_id)).decision
    assert decision is not None
    data = decision.data
    assert isinstance(data, dict)
    assert (data["amount"], data["reason"], data["on"]) == (240, "late", "2026-12-01")


async def test_a_form_that_slack_cannot_show_is_linked_to(scene: Scene) -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}
    schema = {"type": "object", "properties": {"rows": rows}}
    task_id = await scene.world.ask("form", schema=schema)
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)

    await scene.team.press(scene.app, post, "Submit …", by=MGR)
    assert f"/inbox/tasks/{task_id}" in scene.team.whispers(MGR)[-1]
    assert scene.team.views == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("approval", {}),
        ("review", {"content": "Dear customer"}),
        ("confirmation", {"statement": "The parcel is here", "phrase": "it is here"}),
        ("assignment", {"candidates": ["boss@acme.test", "group:billing"]}),
        ("form", {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}),
        ("clarification", {"question": "Which one?", "choices": ["the red", "the blue"]}),
        ("manual_action", {"instructions": "Call them", "checklist": ["called", "noted"]}),
        ("override", {"reason": "It loops"}),
    ],
)
async def test_every_type_is_a_message_and_a_modal_that_slack_takes(
    scene: Scene, kind: str, fields: dict[str, Any]
) -> None:
    await scene.world.ask(kind, **fields)
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)

    for label in post.buttons():
        if label.endswith("…"):
            await scene.team.press(scene.app, post, label, by=MGR)
    opened = sum(label.endswith("…") for label in post.buttons())
    assert len(scene.team.views) + len(scene.team.whispers(MGR)) == opened


async def test_a_line_below_a_message_is_a_comment_once(scene: Scene) -> None:
    task_id = await scene.world.ask()
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)

    said = await scene.team.reply(scene.app, post, "why <b>so</b> much & when?", by=MGR)
    assert said.status_code == 200
    task = await scene.world.task(task_id)
    assert task.comments == 1
    events = await scene.world.services.store.events(HERE, task.intent_id, after=0, limit=99)
    texts = [getattr(each.body, "text", None) for each in events]
    assert "why <b>so</b> much & when?" in texts
    await scene.team.reply(scene.app, post, "let me in", by=STRANGER)
    assert (await scene.world.task(task_id)).comments == 1


async def test_a_reminder_stands_below_the_message_that_is_there(scene: Scene) -> None:
    ladder = [{"after": "1h", "do": "remind"}, {"after": "3h", "do": "fail"}]
    task_id = await scene.world.ask(ladder=ladder)
    await scene.tell()
    await scene.world.pass_time(task_id, timedelta(hours=1))
    await scene.tell()

    first, reminder = scene.team.seen_by(MGR)
    assert reminder.thread == first.ts
    assert "reminder" in reminder.shown


async def test_what_is_hostile_means_nothing_to_slack(scene: Scene) -> None:
    await scene.world.ask(
        title="<!channel> pay *now* :smile: \u202e",
        description="<@U_BOSS> [x](http://evil.test) <http://evil.test|bank>" + "\n" * 5000 + "end",
        action={"name": "pay<!here>", "arguments": {"to": "<!everyone>", "x": "y" * 9000}},
        **LOW,
    )
    await scene.tell()

    (post,) = scene.team.seen_by(MGR)
    assert "<!" not in post.text
    assert "&lt;!channel&gt;" in post.text
    assert "⟨U+202E⟩" in post.shown
    assert "⟨U+000A⟩×4999" in post.shown
    assert "hidden characters: 5000" in post.shown
    assert "more characters" in post.shown
    kinds = {e["type"] for b in post.blocks for e in b.get("elements", ())}
    assert kinds <= {"plain_text", "mrkdwn", "button", "rich_text_section", "rich_text_quote"}


@pytest.mark.parametrize("how", ["unsigned", "other secret", "old", "future", "changed"])
async def test_what_slack_did_not_sign_just_now_is_refused(scene: Scene, how: str) -> None:
    task_id = await scene.world.ask(**LOW)
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)
    button = post.buttons()["Approve"]
    body = (
        b'payload={"type":"block_actions","team":{"id":"T01"},"user":{"id":"U_MGR"},'
        b'"trigger_id":"1","actions":[{"action_id":"answer.0","value":"'
        + button["value"].encode()
        + b'"}]}'
    )
    form = "application/x-www-form-urlencoded"
    match how:
        case "other secret":
            said = await scene.team.deliver(scene.app, body, form, secret="another")
        case "old":
            said = await scene.team.deliver(scene.app, body, form, at=time.time() - 301)
        case "future":
            said = await scene.team.deliver(scene.app, body, form, at=time.time() + 302)
        case "unsigned":
            said = await scene.team.deliver(scene.app, body, form, secret="")
        case _:
            said = await scene.team.deliver(scene.app, body + b" ", form, secret="x")

    assert said.status_code == 401
    assert await scene.outcome(task_id) is None


async def test_the_same_gesture_sent_again_is_one(scene: Scene) -> None:
    await scene.world.ask(**LOW)
    await scene.tell()
    (post,) = scene.team.seen_by(MGR)
    payload = {
        "type": "block_actions",
        "team": {"id": "T01"},
        "user": {"id": STRANGER},
        "channel": {"id": post.channel},
        "trigger_id": "the same",
        "actions": [{"action_id": "answer.0", "value": post.buttons()["Approve"]["value"]}],
    }
    for _ in range(3):
        assert (await scene.team.send(scene.app, payload)).status_code == 200
    assert len(scene.team.whispers(STRANGER)) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=", b"payload=[]", b"payload={}", b"{", b'payload={"type":"block_actions"}'],
)
async def test_what_cannot_be_read_is_nothing(scene: Scene, body: bytes) -> None:
    for media_type in ("application/x-www-form-urlencoded", "application/json"):
        assert (await scene.team.deliver(scene.app, body, media_type)).status_code == 200


async def test_slack_tries_the_address_out(scene: Scene) -> None:
    said = await scene.team.deliver(
        scene.app, b'{"type":"url_verification","challenge":"abc"}', "application/json"
    )
    assert said.text == "abc"


async def test_where_slack_knows_nobody_the_next_channel_is_tried(scene: Scene) -> None:
    await scene.world.person("new@acme.test")
    task_id = await scene.world.ask(assignee="new@acme.test")
    await scene.tell()

    notices = await scene.world.services.store.notices(HERE, task_id)
    assert [(each.channel, each.state) for each in notices if each.channel == "slack"] == [
        ("slack", "failed")
    ]
    other = await scene.world.ask(assignee="new@acme.test", title="Again?")
    await scene.tell()
    channels = [each.channel for each in await scene.world.services.store.notices(HERE, other)]
    assert channels == ["inbox"]


async def test_where_slack_asks_to_wait_it_is_left_alone_for_so_long(scene: Scene) -> None:
    task_id = await scene.world.ask()
    await scene.api.team()
    busy = Response(
        '{"ok":false,"error":"ratelimited"}',
        status_code=429,
        headers={"retry-after": "90", "content-type": "application/json"},
    )
    scene.team.fails = [busy]
    await scene.tell()
    scene.world.clock.advance(timedelta(seconds=89))
    await scene.tell()
    assert scene.team.seen_by(MGR) == []
    scene.world.clock.advance(timedelta(seconds=1))
    await scene.tell()
    assert len(scene.team.seen_by(MGR)) == 1
    assert (await scene.world.task(task_id)).live


async def test_a_correction_slack_does_not_take_is_made_later(scene: Scene) -> None:
    task_id = await scene.world.ask()
    await scene.tell()
    await scene.world.answered(task_id, "mgr@acme.test", "approved")
    scene.team.fails = [JSONResponse({"ok": False, "error": "internal_error"})]
    store, address = scene.world.services.store, scene.world.services.settings.address
    corrections = Corrections(store, scene.api, address)

    assert not await corrections.flush()
    assert await corrections.flush()
    assert "Approved by mgr@acme.test" in scene.team.seen_by(MGR)[0].shown


async def test_slack_that_is_not_set_up_is_not_there(scene: Scene) -> None:
    said = await scene.team.deliver(scene.world.app, b"{}", "application/json")
    assert said.status_code == 404


async def _known(scene: Scene, email: str, user: str) -> None:
    """Have somebody told once, so that their Slack user is known."""
    await scene.world.ask(assignee=email, title="Hello?")
    await scene.tell()
    assert scene.team.seen_by(user)
