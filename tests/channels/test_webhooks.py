"""Other systems are told what happens: signed, again where it fails, and one dead one alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from signoff.core.deliveries import GIVEN_UP, SCHEDULE
from tests.anchors.serving import served
from tests.server.told import told
from tests.server.world import World, world

ALLOW = {"webhook_allow": "127.0.0.1/32"}
Answer = dict[str, Any]
PATIENCE = 10.0


@dataclass
class Receiver:
    """Somebody else's server: what it was sent, and what it answers."""

    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: Any = None
    url: str = ""

    async def hook(self, request: Request) -> Response:
        text = (await request.body()).decode()
        self.got.append((dict(request.headers), text))
        answered = self.answers(request) if self.answers else PlainTextResponse("fine")
        if asyncio.iscoroutine(answered):
            answered = await answered
        assert isinstance(answered, Response)
        return answered

    def types(self) -> list[str]:
        return [json.loads(text)["type"] for _, text in self.got]

    async def has(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.got) < count:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = Starlette(routes=[Route("/hook", receiver.hook, methods=["POST"])])
    async with served(app) as address:
        receiver.url = f"{address}/hook"
        yield receiver


@pytest.fixture
async def signoff(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, **ALLOW) as opened:
        yield opened


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def add(signoff: World, url: str, *events: str, **more: Any) -> Answer:
    body = {"url": url, "events": [*events] or ["task.concluded"], **more}
    made = await signoff.post("admin", "/v1/webhooks", body)
    assert made.status_code == 201, made.text
    found: Answer = made.json()
    return found


async def decided(signoff: World) -> Answer:
    task = await signoff.task(risk="low")
    said = await signoff.post("manager", f"/v1/tasks/{task['id']}/answer", {"outcome": "approved"})
    assert said.status_code == 200
    return task


async def deliveries(signoff: World, hook: Answer, **query: Any) -> list[Answer]:
    listed = "&".join(f"{name}={value}" for name, value in query.items())
    path = f"/v1/webhooks/{hook['webhook']['id']}/deliveries?{listed}"
    found: list[Answer] = (await signoff.get("admin", path)).json()["deliveries"]
    return found


async def until(signoff: World, hook: Answer, **wanted: Any) -> Answer:
    """The newest delivery once it is as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await deliveries(signoff, hook)
            if found and all(found[0][name] == value for name, value in wanted.items()):
                return found[0]
            await asyncio.sleep(0.02)


async def disabled(signoff: World, path: str) -> Answer:
    """The webhook, once it is disabled."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found: Answer = (await signoff.get("admin", path)).json()["webhook"]
            if found["state"] == "disabled":
                return found
            await asyncio.sleep(0.02)


async def test_what_happens_is_sent_signed_and_thin(signoff: World, receiver: Receiver) -> None:
    await decided(signoff)
    signoff.clock.advance(timedelta(seconds=1))
    hook = await add(signoff, receiver.url, "task.*")
    task = await decided(signoff)
    await receiver.has(3)

    assert sorted(receiver.types()) == ["task.answered", "task.concluded", "task.opened"]
    headers, text = next(each for each in receiver.got if "task.concluded" in each[1])
    said = json.loads(text)
    assert said["data"]["task_id"] == task["id"]
    assert said["data"]["outcome"] == "approved"
    assert said["data"]["workspace"] == "default/main"
    assert "Refund" not in text
    assert "acme.test" not in text
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    right = Verifier(hook["secret"]).sign(headers["webhook-id"], at, text)
    assert headers["webhook-signature"] == right
    done = await until(signoff, hook, state="sent")
    assert (done["status"], done["attempts"]) == (200, 1)


async def test_a_new_secret_signs_beside_the_old_one_for_a_while(
    signoff: World, receiver: Receiver
) -> None:
    hook = await add(signoff, receiver.url)
    path = f"/v1/webhooks/{hook['webhook']['id']}/rotate"
    newer = (await signoff.post("admin", path, {"overlap_hours": 1})).json()["secret"]
    await decided(signoff)
    await receiver.has(1)
    signoff.clock.advance(timedelta(hours=1))
    await decided(signoff)
    await receiver.has(2)

    both, one = (headers["webhook-signature"].split() for headers, _ in receiver.got)
    headers, text = receiver.got[0]
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signs = [
        Verifier(each).sign(headers["webhook-id"], at, text) for each in (newer, hook["secret"])
    ]
    assert both == signs
    assert len(one) == 1


async def test_what_fails_is_tried_again_by_the_schedule_under_the_same_id(
    signoff: World, receiver: Receiver
) -> None:
    receiver.answers = lambda request: PlainTextResponse("no", status_code=500)
    hook = await add(signoff, receiver.url)
    await decided(signoff)
    first = await until(signoff, hook, attempts=1, status=500)
    assert (first["state"], first["detail"]) == ("due", "it answered 500")
    await receiver.has(1)
    signoff.clock.advance(SCHEDULE[0] * 0.9)
    await asyncio.sleep(0.2)
    assert len(receiver.got) == 1
    signoff.clock.advance(SCHEDULE[0])
    receiver.answers = None
    done = await until(signoff, hook, state="sent")

    assert done["attempts"] == 2
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids == [done["id"]] * 2


async def test_an_endpoint_that_says_it_is_gone_is_told_nothing_any_more(
    signoff: World, receiver: Receiver
) -> None:
    receiver.answers = lambda request: PlainTextResponse("", status_code=410)
    hook = await add(signoff, receiver.url)
    await decided(signoff)
    assert (await until(signoff, hook, status=410))["state"] == "failed"
    path = f"/v1/webhooks/{hook['webhook']['id']}"
    found = await disabled(signoff, path)
    assert "410" in found["detail"]
    assert await told(signoff, "webhook.disabled")
    await decided(signoff)
    await asyncio.sleep(0.2)
    assert len(receiver.got) == 1

    receiver.answers = None
    await signoff.send("admin", "PATCH", path, {"enabled": True})
    await receiver.has(2)


async def test_an_endpoint_to_which_nothing_gets_through_for_days_is_disabled(
    signoff: World, receiver: Receiver
) -> None:
    receiver.answers = lambda request: PlainTextResponse("", status_code=503)
    hook = await add(signoff, receiver.url)
    await decided(signoff)
    await until(signoff, hook, status=503)
    signoff.clock.advance(GIVEN_UP)
    await disabled(signoff, f"/v1/webhooks/{hook['webhook']['id']}")


async def test_redirects_are_not_followed(signoff: World, receiver: Receiver) -> None:
    receiver.answers = lambda request: RedirectResponse("http://127.0.0.1:1/inside")
    hook = await add(signoff, receiver.url)
    await decided(signoff)
    found = await until(signoff, hook, status=307)
    assert found["detail"] == "it answered 307; redirects are not followed"


async def test_a_name_that_stands_for_an_address_inside_is_not_reached(tmp_path: Path) -> None:
    async with world(tmp_path) as signoff:
        hook = await add(signoff, "https://localhost:9/hook")
        await decided(signoff)
        await until(signoff, hook, detail="its name stands for an address that is not public")


async def test_one_dead_endpoint_delays_nobody_else(signoff: World, receiver: Receiver) -> None:
    hangs = asyncio.Event()

    async def hang() -> Response:
        await hangs.wait()
        return PlainTextResponse("")

    async with receiving() as dead:
        dead.answers = lambda request: hang()
        await add(signoff, dead.url, "*")
        await add(signoff, receiver.url)
        for _ in range(12):
            await decided(signoff)
        began = asyncio.get_running_loop().time()
        await receiver.has(12)
        assert asyncio.get_running_loop().time() - began < 5
        assert len(dead.got) <= 4
        hangs.set()


async def test_what_was_sent_is_sent_again_on_demand_under_the_same_id(
    signoff: World, receiver: Receiver
) -> None:
    hook = await add(signoff, receiver.url)
    await decided(signoff)
    done = await until(signoff, hook, state="sent")
    path = f"/v1/webhooks/{hook['webhook']['id']}"
    again = await signoff.post("admin", f"{path}/deliveries/{done['id']}/redeliver")
    assert again.json() == {"count": 1}
    await receiver.has(2)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    since = {"failed_since": "2026-01-01T00:00:00Z"}
    assert (await signoff.post("admin", f"{path}/redeliver", since)).json() == {"count": 0}
    assert await told(signoff, "webhook.redelivered")


async def test_an_endpoint_is_tried_out_with_a_message_about_nothing(
    signoff: World, receiver: Receiver
) -> None:
    hook = await add(signoff, receiver.url)
    made = await signoff.post("admin", f"/v1/webhooks/{hook['webhook']['id']}/test")
    assert made.status_code == 201
    await receiver.has(1)
    assert receiver.types() == ["webhook.test"]
    await until(signoff, hook, state="sent", type="webhook.test")


async def test_webhooks_are_for_administrators_of_their_own_workspace(
    signoff: World, receiver: Receiver
) -> None:
    hook = await add(signoff, receiver.url)
    path = f"/v1/webhooks/{hook['webhook']['id']}"
    for who in ("agent", "manager", "operator", "auditor"):
        assert (await signoff.get(who, path)).status_code == 403
    assert (await signoff.get("foreign admin", path)).status_code == 404
    shown = (await signoff.get("admin", "/v1/webhooks")).text
    assert hook["secret"] not in shown


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://acme.test/", "events": ["*"]}, "url"),
        ({"url": "https://10.0.0.1/", "events": ["*"]}, "url"),
        ({"url": "https://acme.test/", "events": ["task.nonsense"]}, "events"),
        ({"url": "https://acme.test/", "events": []}, "events"),
        ({"events": ["*"]}, "url"),
    ],
)
async def test_an_endpoint_that_makes_no_sense_is_refused_and_not_kept(
    signoff: World, body: Answer, field: str
) -> None:
    said = await signoff.post("admin", "/v1/webhooks", body)
    assert said.status_code in (400, 422)
    assert said.json()["errors"][0]["field"] == field
    assert (await signoff.get("admin", "/v1/webhooks")).json() == {"webhooks": []}


async def test_what_an_administrator_does_with_webhooks_is_in_the_log(
    signoff: World, receiver: Receiver
) -> None:
    hook = await add(signoff, receiver.url, label="the shop")
    path = f"/v1/webhooks/{hook['webhook']['id']}"
    await signoff.send("admin", "PATCH", path, {"events": ["task.*"], "label": None})
    await signoff.post("admin", f"{path}/rotate", {})
    await signoff.send("admin", "DELETE", path)

    for kind in ("webhook.added", "webhook.changed", "webhook.rotated", "webhook.removed"):
        (found,) = await told(signoff, kind)
        assert receiver.url not in json.dumps(found.leaf)
        assert hook["secret"] not in json.dumps(found.leaf)
    assert (await signoff.get("admin", path)).status_code == 404
