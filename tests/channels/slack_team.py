"""A strict stand-in for one Slack team: its Web API as we use it, which refuses what Slack refuses.

It holds every call to Block Kit's published limits and to the fields each block has, signs what it
sends as Slack does, and shows messages as people see them. https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.anchors.serving import served

TOKEN = "xoxb-of-the-tests"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, US = "T01", "UBOT"
Json = dict[str, Any]


class Malformed(Exception):
    """What Slack answers with ``invalid_blocks`` or ``invalid_arguments``."""


@dataclass
class Posted:
    """One message as it is now."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    thread: str | None = None
    only_for: str | None = None
    edits: int = 0

    @property
    def shown(self) -> str:
        """Everything a reader sees of it."""
        return "\n".join(texts(self.blocks))

    def buttons(self) -> dict[str, Json]:
        found = (e for b in self.blocks if b["type"] == "actions" for e in b["elements"])
        return {each["text"]["text"]: each for each in found}


@dataclass
class SlackTeam:
    """The team: who is in it, what was posted, which modal is open."""

    users: dict[str, str] = field(default_factory=dict)
    posts: list[Posted] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    fails: list[Response] = field(default_factory=list)
    url: str = ""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    # What we call

    async def call(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls.append(method)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        if self.fails:
            return self.fails.pop(0)
        handler = getattr(self, f"_{method.replace('.', '_')}", None)
        if handler is None:
            return JSONResponse({"ok": False, "error": "unknown_method"})
        try:
            said = handler(await _arguments(request))
        except Malformed as error:
            return JSONResponse({"ok": False, "error": "invalid_blocks", "detail": str(error)})
        return JSONResponse(said)

    def _auth_test(self, given: Json) -> Json:
        return {"ok": True, "team_id": TEAM, "user_id": US}

    def _users_lookupByEmail(self, given: Json) -> Json:
        user = self.users.get(given["email"])
        if user is None:
            return {"ok": False, "error": "users_not_found"}
        return {"ok": True, "user": {"id": user}}

    def _chat_postMessage(self, given: Json) -> Json:
        check_message(given)
        _require(given.get("unfurl_links") is False and given.get("parse") == "none", "unfurls")
        channel = given["channel"]
        if channel.startswith("U"):
            if channel not in self.users.values():
                return {"ok": False, "error": "channel_not_found"}
            channel = f"D{channel[1:]}"
        ts = f"1700000000.{next(self._numbers):06}"
        post = Posted(channel, ts, given["text"], given["blocks"], given.get("thread_ts"))
        self.posts.append(post)
        return {"ok": True, "channel": channel, "ts": ts}

    def _chat_update(self, given: Json) -> Json:
        check_message(given)
        for post in self.posts:
            if (post.channel, post.ts) == (given["channel"], given["ts"]):
                post.text, post.blocks, post.edits = given["text"], given["blocks"], post.edits + 1
                return {"ok": True, "channel": post.channel, "ts": post.ts}
        return {"ok": False, "error": "message_not_found"}

    def _chat_postEphemeral(self, given: Json) -> Json:
        check_message(given)
        ts = f"1700000000.{next(self._numbers):06}"
        only = given["user"]
        self.posts.append(
            Posted(given["channel"], ts, given["text"], given["blocks"], only_for=only)
        )
        return {"ok": True, "message_ts": ts}

    def _views_open(self, given: Json) -> Json:
        check_view(given["view"])
        self.views.append(given["view"])
        return {"ok": True, "view": {"id": "V01"}}

    # What people see and do

    def seen_by(self, user: str) -> list[Posted]:
        """What stands in somebody's direct messages with us, oldest first."""
        return [each for each in self.posts if each.channel == f"D{user[1:]}"]

    def whispers(self, user: str) -> list[str]:
        return [each.shown for each in self.posts if each.only_for == user]

    async def press(self, app: ASGIApp, post: Posted, label: str, *, by: str) -> httpx2.Response:
        """Somebody presses a button of a message."""
        button = post.buttons()[label]
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": by},
            "channel": {"id": post.channel},
            "trigger_id": f"{next(self._numbers)}.trigger",
            "actions": [{"action_id": button["action_id"], "value": button["value"]}],
        }
        return await self.send(app, payload)

    async def fill_in(self, app: ASGIApp, values: Mapping[str, Any], *, by: str) -> httpx2.Response:
        """Somebody sends the modal that was opened last, filled in by the labels of its inputs."""
        view = self.views[-1]
        state: Json = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                label = block["label"]["text"]
                state[block["block_id"]] = _state(block["element"], values.get(label))
        payload = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": by},
            "trigger_id": f"{next(self._numbers)}.trigger",
            "view": {**view, "state": {"values": state}},
        }
        return await self.send(app, payload)

    async def reply(self, app: ASGIApp, post: Posted, text: str, *, by: str) -> httpx2.Response:
        """Somebody writes below a message."""
        number = next(self._numbers)
        event = {
            "type": "message",
            "user": by,
            "channel": post.channel,
            "thread_ts": post.ts,
            "ts": f"1700000001.{number:06}",
            "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        }
        payload = {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": f"Ev{number}",
            "event": event,
        }
        return await self.deliver(app, json.dumps(payload).encode(), "application/json")

    async def send(self, app: ASGIApp, payload: Json) -> httpx2.Response:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return await self.deliver(app, body, "application/x-www-form-urlencoded")

    async def deliver(
        self,
        app: ASGIApp,
        body: bytes,
        media_type: str,
        *,
        secret: str = SECRET,
        at: float | None = None,
    ) -> httpx2.Response:
        """Send a request, signed as Slack signs it."""
        timestamp = str(int(time.time() if at is None else at))
        said = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
        headers = {
            "content-type": media_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={digest}",
        }
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx2.AsyncClient(transport=transport, base_url="http://inbox.test") as client:
            return await client.post("/inbound/slack", content=body, headers=headers)


@asynccontextmanager
async def slack_team(**users: str) -> AsyncIterator[SlackTeam]:
    """Serve a team. ``users`` are ids by the local part of ``@acme.test`` addresses."""
    team = SlackTeam(users={f"{name}@acme.test": user for name, user in users.items()})
    app = Starlette(routes=[Route("/api/{method:str}", team.call, methods=["POST", "GET"])])
    async with served(app) as address:
        team.url = f"{address}/api/"
        yield team


def texts(value: Any) -> list[str]:
    """Every text of some blocks, in order."""
    if isinstance(value, Mapping):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [
            t for key, each in value.items() if key != "text" or not own for t in texts(each)
        ]
    return [t for each in value for t in texts(each)] if isinstance(value, list) else []


# Block Kit's limits


def check_message(given: Json) -> None:
    _require(isinstance(given.get("text"), str) and len(given["text"]) <= 4000, "text")
    blocks = given["blocks"]
    _require(isinstance(blocks, list) and 1 <= len(blocks) <= 50, "50 blocks")
    for block in blocks:
        _block(block, modal=False)
    ids = [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]
    _require(len(ids) == len(set(ids)), "action ids are unique in a message")


def check_view(view: Json) -> None:
    _require(view["type"] == "modal", "modal")
    for name in ("title", "submit", "close"):
        _plain(view[name], 24)
    _require(len(view.get("private_metadata", "")) <= 3000, "private_metadata")
    _require(len(view.get("callback_id", "")) <= 255, "callback_id")
    _require(1 <= len(view["blocks"]) <= 100, "100 blocks")
    for block in view["blocks"]:
        _block(block, modal=True)
    ids = [b["block_id"] for b in view["blocks"] if "block_id" in b]
    _require(len(ids) == len(set(ids)), "block ids are unique")


_BLOCKS = {
    "header": {"text"},
    "section": {"text", "fields"},
    "context": {"elements"},
    "actions": {"elements"},
    "rich_text": {"elements"},
    "divider": set[str](),
    "input": {"label", "element", "hint", "optional"},
}


def _block(block: Json, *, modal: bool) -> None:
    kind = block["type"]
    _require(kind in _BLOCKS, f"no block {kind}")
    _require(set(block) <= _BLOCKS[kind] | {"type", "block_id"}, f"fields of {kind}: {set(block)}")
    _require(len(block.get("block_id", "x")) <= 255, "block_id")
    match kind:
        case "header":
            _plain(block["text"], 150)
        case "section":
            _plain(block["text"], 3000)
        case "context":
            _require(1 <= len(block["elements"]) <= 10, "10 elements of context")
            for each in block["elements"]:
                _any_text(each, 3000)
        case "actions":
            _require(1 <= len(block["elements"]) <= 25, "25 buttons")
            for each in block["elements"]:
                _button(each)
        case "rich_text":
            for each in block["elements"]:
                _rich(each)
        case "input":
            _require(modal, "inputs stand in modals")
            _plain(block["label"], 2000)
            if "hint" in block:
                _plain(block["hint"], 2000)
            _element(block["element"])


def _button(button: Json) -> None:
    allowed = {"type", "action_id", "text", "value", "style", "confirm", "url"}
    _require(button["type"] == "button" and set(button) <= allowed, f"button {set(button)}")
    _plain(button["text"], 75)
    _require(0 < len(button["action_id"]) <= 255, "action_id")
    _require(len(button.get("value", "")) <= 2000, "value")
    _require(button.get("style") in (None, "primary", "danger"), "style")
    _require(len(button.get("url", "")) <= 3000, "url")
    if (confirm := button.get("confirm")) is not None:
        _plain(confirm["title"], 100)
        _any_text(confirm["text"], 300)
        _plain(confirm["confirm"], 30)
        _plain(confirm["deny"], 30)


def _rich(element: Json) -> None:
    kinds = ("rich_text_section", "rich_text_quote", "rich_text_preformatted")
    _require(element["type"] in kinds and set(element) == {"type", "elements"}, "rich_text")
    for each in element["elements"]:
        _require(each["type"] == "text" and set(each) <= {"type", "text", "style"}, "text element")
        _require(isinstance(each["text"], str) and each["text"] != "", "text of an element")


def _element(element: Json) -> None:
    _require(0 < len(element["action_id"]) <= 255, "action_id")
    match element["type"]:
        case "plain_text_input":
            _require(1 <= element.get("max_length", 1) <= 3000, "max_length")
            _require(len(element.get("initial_value", "")) <= 3000, "initial_value")
        case "static_select" | "multi_static_select" | "checkboxes":
            most = 10 if element["type"] == "checkboxes" else 100
            options = element["options"]
            _require(1 <= len(options) <= most, "options")
            for each in options:
                _plain(each["text"], 75)
                _require(0 < len(each["value"]) <= 150, "value of an option")
            chosen = [*element.get("initial_options", ())]
            chosen += [element["initial_option"]] if "initial_option" in element else []
            _require(all(each in options for each in chosen), "initial option")
        case "datepicker":
            pass
        case kind:
            raise Malformed(f"no element {kind}")


def _plain(text: Json, most: int) -> None:
    _require(text["type"] == "plain_text" and text.get("emoji") is False, "plain_text, no emoji")
    _require(1 <= len(text["text"]) <= most, f"text of 1 to {most}")


def _any_text(text: Json, most: int) -> None:
    if text["type"] == "plain_text":
        _plain(text, most)
    else:
        _require(text["type"] == "mrkdwn" and 1 <= len(text["text"]) <= most, "mrkdwn")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Malformed(what)


async def _arguments(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("application/json"):
        given: Json = await request.json()
        return given
    pairs = parse_qs((await request.body()).decode(), keep_blank_values=True)
    found: Json = {key: values[0] for key, values in pairs.items()}
    found |= dict(request.query_params)
    for name in ("blocks", "view"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    for name in ("unfurl_links", "unfurl_media", "link_names"):
        if name in found:
            found[name] = found[name] in ("1", "true", "True")
    return found


def _state(element: Json, value: Any) -> Json:
    """What Slack says stands in an element."""
    name, kind = element["action_id"], element["type"]
    match kind:
        case "plain_text_input":
            text = element.get("initial_value") if value is None else value
            return {name: {"type": kind, "value": text}}
        case "datepicker":
            return {name: {"type": kind, "selected_date": value or element.get("initial_date")}}
        case "static_select":
            option = _option(element, value) if value else element.get("initial_option")
            return {name: {"type": kind, "selected_option": option}}
        case _:
            if value is None:
                chosen = element.get("initial_options", [])
            else:
                chosen = [_option(element, each) for each in value]
            return {name: {"type": kind, "selected_options": chosen}}


def _option(element: Json, label: str) -> Json:
    found: Json = next(each for each in element["options"] if each["text"]["text"] == label)
    return found
