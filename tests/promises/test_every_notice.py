"""Every notice due is sent once or twice, never zero times, whenever the server dies in between.

A real server, killed with SIGKILL again and again between an answer and the notices of it; a real
mail server in a process of its own takes them, and what was sent twice carries the same id.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from tests.channels.mail_sink import MailSink, mail_sink
from tests.processes import Server, initialise

KILLS = 100
WATCHERS = 3
PATIENCE = 60.0


@pytest.mark.slow
async def test_a_server_killed_between_answer_and_notice_tells_everybody_once_or_twice(
    tmp_path: Path,
) -> None:
    database = f"sqlite:///{tmp_path / 'signoff.db'}"
    admin = initialise(database)
    with mail_sink(tmp_path / "mails") as sink:
        settings = {
            "SIGNOFF_SMTP": sink.url,
            "SIGNOFF_LEASE_SECONDS": "2",
            "SIGNOFF_POLL_SECONDS": "0.2",
        }
        server = Server(database=database, log=tmp_path / "server.log", settings=settings)
        await asyncio.to_thread(server.start)
        try:
            keys = await _enlist(server.url, admin)
            decided = []
            for _ in range(KILLS):
                decided.append(await _decided(server.url, keys))
                await asyncio.sleep(random.uniform(0, 0.15))
                server.kill()
                await asyncio.to_thread(server.start)
            await _told(sink, len(decided))
        finally:
            server.stop()
        _judge(sink, decided)


async def _enlist(url: str, admin: str) -> dict[str, str]:
    """An agent, a person who decides, and those who watch."""
    async with _client(url, admin) as http:
        for name in ("mgr", *(f"watcher{n}" for n in range(WATCHERS))):
            added = await http.post("/v1/people", json={"email": f"{name}@acme.test"})
            assert added.status_code == 201, added.text
        keys = {}
        for kind, whose in (("agent", {"agent": "bot"}), ("person", {"person": "mgr@acme.test"})):
            made = await http.post("/v1/keys", json={"kind": kind, **whose})
            keys[kind] = made.json()["key"]
    return keys


async def _decided(url: str, keys: dict[str, str]) -> str:
    """One task asked and answered; the id of the task."""
    watchers = [f"watcher{n}@acme.test" for n in range(WATCHERS)]
    task = {
        "type": "approval",
        "title": "Refund?",
        "assignee": "mgr@acme.test",
        "watchers": watchers,
        "risk": "low",
    }
    async with _client(url, keys["agent"]) as http:
        asked = await http.post("/v1/intents", json={"type": "refund", "task": task})
        assert asked.status_code == 201, asked.text
    task_id: str = asked.json()["task"]["id"]
    async with _client(url, keys["person"]) as http:
        said = await http.post(f"/v1/tasks/{task_id}/answer", json={"outcome": "approved"})
        assert said.status_code == 200, said.text
    return task_id


async def _told(sink: MailSink, count: int) -> None:
    """Wait until every watcher has heard of every decision, or nothing more comes."""
    async with asyncio.timeout(PATIENCE):
        while len(_decisions(sink)) < count * WATCHERS:
            await asyncio.sleep(0.2)
    await asyncio.sleep(1)


def _decisions(sink: MailSink) -> Counter[tuple[str, str]]:
    """How often which watcher was told of which decision."""
    found: Counter[tuple[str, str]] = Counter()
    for mail in sink.mails:
        if mail["Subject"].startswith("Approved: "):
            found[mail["X-Envelope-To"], mail["References"]] += 1
    return found


def _judge(sink: MailSink, decided: list[str]) -> None:
    heard = _decisions(sink)
    wanted = {
        (f"watcher{n}@acme.test", f"<{task_id}@acme.test>")
        for task_id in decided
        for n in range(WATCHERS)
    }
    assert set(heard) == wanted
    assert max(heard.values()) <= 2
    ids: dict[tuple[str, str], set[str]] = {}
    for mail in sink.mails:
        key = mail["X-Envelope-To"], f"{mail['References']} {mail['Subject']}"
        ids.setdefault(key, set()).add(mail["Message-ID"])
    assert all(len(each) == 1 for each in ids.values())


def _client(url: str, key: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
