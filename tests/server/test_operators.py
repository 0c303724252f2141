"""What operators look at, and what every answer carries."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

from signoff.errors import StoreUnavailable, by_code
from signoff.server import problems
from signoff.server.asgi import application
from signoff.server.metrics import Metrics
from tests.server.world import MANAGER, World, asking

SAFE = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize(
    "path", ["/v1/me", "/nope", "/health/live", "/metrics", "/docs", "/openapi.json", "/sign-in"]
)
async def test_every_answer_is_safe_and_has_an_id(world: World, path: str) -> None:
    response = await world.get("agent", path)

    assert SAFE.items() <= dict(response.headers).items()
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert re.fullmatch(r"req_[0-9a-f]{16}", response.headers["x-request-id"])
    assert "server" not in response.headers
    names = [name for name, _ in response.headers.multi_items()]
    assert len(names) == len(set(names))


async def test_the_process_lives_and_is_ready(world: World) -> None:
    for path in ("/health/live", "/health/ready"):
        response = await world.get(None, path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert (await world.send(None, "HEAD", path)).status_code == 200


async def test_a_server_whose_loops_do_not_run_is_not_ready(world: World) -> None:
    services = replace(world.services, failing=lambda: frozenset({"timers"}))

    response = await _client(application(services)).get("/health/ready")

    assert response.status_code == 503
    assert "timers" in response.json()["detail"]
    assert response.headers["retry-after"] == "1"


async def test_a_server_without_its_database_lives_but_is_not_ready(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*arguments: Any) -> Any:
        raise StoreUnavailable("the database did not answer")

    monkeypatch.setattr(type(world.services.store), "now", gone)
    monkeypatch.setattr(type(world.services.store), "depths", gone)

    assert (await world.get(None, "/health/live")).status_code == 200
    assert (await world.get(None, "/health/ready")).status_code == 503
    metrics = await world.get(None, "/metrics")
    assert "signoff_store_up 0.0" in metrics.text


async def test_an_exception_nobody_expected_says_nothing_but_its_id(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*arguments: Any) -> Any:
        raise RuntimeError("the password is hunter2")

    with monkeypatch.context() as patched:
        patched.setattr(type(world.services.store), "intents", broken)
        response = await world.get("agent", "/v1/intents?limit=7")

    assert response.status_code == 500
    assert response.json()["code"] == "signoff_error"
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text
    assert response.json()["about"]["request_id"] == response.headers["x-request-id"]
    [record] = [each for each in caplog.records if each.name == "signoff.server"]
    logged = f"{caplog.text} {vars(record)['fields']}"
    assert response.headers["x-request-id"] in logged
    assert "Traceback" in logged
    assert world.keys["agent"] not in logged
    assert "limit=7" not in logged
    assert "signoff_http_errors_total 1.0" in (await world.get(None, "/metrics")).text


async def test_metrics_say_what_is_open_and_due(world: World) -> None:
    await world.task()
    decided = await world.task()
    await world.post("manager", f"/v1/tasks/{decided['id']}/answer", {"outcome": "approved"})
    world.clock.advance(timedelta(seconds=30))

    text = (await world.get(None, "/metrics")).text

    assert "signoff_live_tasks 1.0" in text
    assert "signoff_outbox_resumes 1.0" in text
    assert "signoff_oldest_resume_seconds 30.0" in text
    assert "signoff_overdue_timers 0.0" in text
    assert "signoff_waiting_clients 0.0" in text
    assert re.search(r"signoff_door_commands_total 3\.0", text)
    counted = (
        'signoff_http_request_seconds_count{method="POST",route="/v1/intents",status="201"} 2.0'
    )
    assert counted in text


async def test_metrics_hold_no_id_and_nothing_a_caller_chose(world: World) -> None:
    submitted = await world.submitted(title="Secret title", on_behalf_of="cus@acme.test")
    await world.get("agent", f"/v1/tasks/{submitted['task']['id']}")
    await world.get("agent", "/v1/whatever/secret-path?token=secret-token")
    await world.send("agent", "SECRETMETHOD", "/v1/intents")

    text = (await world.get(None, "/metrics")).text

    for secret in ("Secret", "secret", "SECRET", "acme", "task_0", "int_0", "default/main"):
        assert secret not in text, secret


async def test_the_store_is_asked_for_depths_once_in_a_while(world: World) -> None:
    now, asked = 100.0, 0
    metrics = Metrics(world.services, monotonic=lambda: now)
    read = metrics._read_depths

    async def counted() -> None:
        nonlocal asked
        asked += 1
        await read()

    metrics._read_depths = counted  # type: ignore[method-assign]
    await metrics.render()
    await metrics.render()
    now += 6
    await metrics.render()

    assert asked == 2


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


async def test_the_reference_page_needs_no_script_and_nobody_else(world: World) -> None:
    response = await world.get(None, "/docs")
    page = _Page()
    page.feed(response.text)

    assert "script" not in {tag for tag, _ in page.tags}
    links = [
        value for _, attrs in page.tags for name, value in attrs.items() if name in ("href", "src")
    ]
    assert links
    assert all(link is not None and link.startswith(("/", "#")) for link in links)
    assert "style" not in {name for _, attrs in page.tags for name in attrs}
    assert "default-src 'none'" in response.headers["content-security-policy"]
    style = next(str(link) for link in links if str(link).endswith(".css"))
    assert (await world.get(None, style)).headers["content-type"].startswith("text/css")


async def test_every_link_on_the_reference_page_leads_somewhere(world: World) -> None:
    page = _Page()
    page.feed((await world.get(None, "/docs")).text)
    anchors = [str(attrs["id"]) for _, attrs in page.tags if "id" in attrs]

    assert len(anchors) == len(set(anchors))
    for _, attrs in page.tags:
        link = attrs.get("href") or ""
        if link.startswith("#"):
            assert link[1:] in anchors


async def test_the_type_of_a_problem_is_an_anchor_of_the_reference_page(world: World) -> None:
    page = (await world.get(None, "/docs")).text

    for code in by_code():
        assert f'id="{code}"' in page


def test_every_error_has_a_status() -> None:
    for kind in by_code().values():
        assert 400 <= problems.status_of(kind) < 600


def test_a_problem_holds_what_a_program_needs() -> None:
    error = StoreUnavailable("the database did not answer", about={"task_id": "task_1"})

    assert problems.document(error) == {
        "type": "/docs#store_unavailable",
        "title": "The database did not answer",
        "status": 503,
        "detail": "the database did not answer",
        "code": "store_unavailable",
        "about": {"task_id": "task_1"},
    }


async def test_nothing_is_logged_of_an_ordinary_day(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        await world.submitted(task=asking(description="a private matter"))
        await world.get("manager", "/v1/tasks")
        await world.get("agent", "/nope")

    said = caplog.text + "".join(capsys.readouterr())
    assert "private" not in said
    assert MANAGER not in said


def _client(app: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://signoff.test"
    )
