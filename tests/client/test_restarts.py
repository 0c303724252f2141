"""Real processes: server and agent die and come back, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import signoff
from tests.client.people import answers, next_task
from tests.processes import Administrator, Server, environment, initialise

pytestmark = pytest.mark.slow

AGENT = """
import asyncio, json, os, pathlib, sys
import signoff

done = pathlib.Path(sys.argv[1])

def pay(amount):
    with done.open("a") as file:
        file.write(f"{amount}\\n")
    return {"paid": amount}

async def main():
    async with signoff.Client() as client, client.run("refund", key="refund-1") as run:
        await run.step("draft", pay, 0)
        decision = await run.approval(title="Pay?", assignee="mgr@acme.test")
        run.result = await run.step("pay", pay, 240) if decision else None
    print(json.dumps(run.result))

asyncio.run(main())
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    database = f"sqlite:///{tmp_path / 'signoff.db'}"
    found = Server(database=database, log=tmp_path / "server.log")
    (tmp_path / "admin.key").write_text(initialise(database))
    found.start()
    yield found
    assert found.stop() == 0, found.log.read_text()


@pytest.fixture
def keys(server: Server, tmp_path: Path) -> dict[str, str]:
    admin = Administrator(server.url, (tmp_path / "admin.key").read_text())
    try:
        return {"agent": admin.agent("refunds"), "manager": admin.person("mgr@acme.test")}
    finally:
        admin.close()


@pytest.mark.parametrize("gently", [True, False])
async def test_a_wait_survives_a_restart_of_the_server(
    server: Server, keys: dict[str, str], gently: bool
) -> None:
    async with (
        signoff.Client(server.url, keys["agent"]) as agent,
        signoff.Client(server.url, keys["manager"]) as manager,
    ):
        asks = [
            asyncio.create_task(agent.approval(title=f"Pay {n}?", assignee="mgr@acme.test"))
            for n in range(200)
        ]
        await next_task(manager, title="Pay 199?")
        while len(waiting := await manager.tasks(mine=True, limit=500)) < len(asks):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(server.stop if gently else server.kill)
        await asyncio.sleep(0.3)
        assert not any(ask.done() for ask in asks)
        await asyncio.to_thread(server.start)
        await asyncio.gather(*(manager.answer(task["id"], "approved") for task in waiting))
        assert all(await asyncio.wait_for(asyncio.gather(*asks), 30))


async def test_an_agent_killed_while_it_waits_goes_on_when_it_is_started_again(
    server: Server, keys: dict[str, str], tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    env = environment() | {"SIGNOFF_URL": server.url, "SIGNOFF_KEY": keys["agent"]}
    command = [sys.executable, "-c", AGENT, str(ledger)]
    async with signoff.Client(server.url, keys["manager"]) as manager:
        first = subprocess.Popen(command, env=env)
        await next_task(manager)
        first.kill()
        first.wait()
        await answers(manager, "approved")
        for _ in range(2):  # the second time everything is replayed
            done = await asyncio.to_thread(
                subprocess.run, command, env=env, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout) == {"paid": 240}
    assert ledger.read_text().split() == ["0", "240"]


async def test_plain_code_waits_through_a_restart_too(server: Server, keys: dict[str, str]) -> None:
    def ask() -> signoff.Clarification:
        with signoff.SyncClient(server.url, keys["agent"]) as client:
            return client.clarification(question="Why?", assignee="mgr@acme.test")

    asked = asyncio.create_task(asyncio.to_thread(ask))
    async with signoff.Client(server.url, keys["manager"]) as manager:
        await next_task(manager)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await answers(manager, "answered", data={"answer": "Because."})
    assert (await asked).answer == "Because."


async def test_nobody_there_is_told_within_seconds() -> None:
    async with signoff.Client("http://127.0.0.1:9", "signoff_agent_x") as client:
        began = time.monotonic()
        with pytest.raises(signoff.Unreachable):
            await client.me()
    assert time.monotonic() - began < 15
