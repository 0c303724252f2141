"""On a real socket: server-sent events, lies about bodies, and stopping with everybody waiting."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from signoff.app import initialise

pytestmark = pytest.mark.slow

APPROVER = "mgr@acme.test"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server in a process of its own, and clients for whoever talks to it."""

    process: asyncio.subprocess.Process
    url: str
    agent: httpx2.AsyncClient
    person: httpx2.AsyncClient

    async def submit(self) -> dict[str, Any]:
        task = {"type": "approval", "assignee": APPROVER}
        response = await self.agent.post("/v1/intents", json={"type": "refund", "task": task})
        found: dict[str, Any] = response.json()
        return found

    async def stop(self) -> float:
        """Ask the process to stop; how long it took, in seconds."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await self.process.wait()
        return time.perf_counter() - began


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    database = f"sqlite:///{folder / 'signoff.db'}"
    made = await initialise(database)
    program = (
        "from signoff.app import serve; from signoff.config import read_settings; "
        "serve(read_settings())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        env={**os.environ, "SIGNOFF_DATABASE": database, "SIGNOFF_PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        url = next(word for word in line.split() if word.startswith("http://"))
        admin = _client(url, made.admin_key or "")
        await admin.post("/v1/people", json={"email": APPROVER})
        agent = await admin.post("/v1/keys", json={"kind": "agent", "agent": "refunds"})
        person = await admin.post("/v1/keys", json={"kind": "person", "person": APPROVER})
        await admin.aclose()
        async with (
            _client(url, agent.json()["key"]) as of_agent,
            _client(url, person.json()["key"]) as of_person,
        ):
            yield Served(process=process, url=url, agent=of_agent, person=of_person)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _client(url: str, key: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=url, headers=headers, timeout=30)


async def frames(response: httpx2.Response) -> AsyncIterator[dict[str, str]]:
    """The events of a stream; a comment is an event without a name."""
    frame: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line:
            yield frame
            frame = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            frame[name] = value


STREAM = {"Accept": "text/event-stream"}


async def test_a_stream_tells_everything_in_order_and_ends_with_the_intent(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        submitted = await server.submit()
        path = f"/v1/intents/{submitted['intent']['id']}/events"
        told: list[dict[str, str]] = []
        async with server.agent.stream("GET", path, headers=STREAM) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async with asyncio.timeout(10):
                async for frame in frames(response):
                    if not frame:
                        continue
                    told.append(frame)
                    if frame["event"] == "intent.waiting":
                        task = submitted["task"]["id"]
                        said = {"outcome": "approved"}
                        await server.person.post(f"/v1/tasks/{task}/answer", json=said)

        listed = (await server.agent.get(path)).json()["events"]
        assert [json.loads(frame["data"]) for frame in told] == listed
        assert [frame["id"] for frame in told] == [str(event["seq"]) for event in listed]
        assert told[-1]["event"] == "intent.completed"


async def test_a_stream_goes_on_after_the_last_event_received(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        submitted = await server.submit()
        intent = submitted["intent"]["id"]
        await server.agent.post(f"/v1/intents/{intent}/cancel")
        path = f"/v1/intents/{intent}/events"

        async def ids_after(last: str) -> list[str]:
            headers = {**STREAM, "Last-Event-ID": last}
            async with server.agent.stream("GET", path, headers=headers) as response:
                async with asyncio.timeout(10):
                    return [frame["id"] async for frame in frames(response) if frame]

        assert await ids_after("3") == ["4", "5"]
        assert await ids_after("5") == []
        refused = await server.agent.get(path, headers={**STREAM, "Last-Event-ID": "soon"})
        assert refused.status_code == 422


async def test_stopping_with_open_streams_and_long_polls_takes_less_than_a_second(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as server:
        submitted = await server.submit()
        intent, task = submitted["intent"]["id"], submitted["task"]["id"]

        async def follow() -> int:
            path = f"/v1/intents/{intent}/events"
            async with server.agent.stream("GET", path, headers=STREAM) as response:
                return len([frame async for frame in frames(response) if frame])

        async def poll() -> httpx2.Response:
            return await server.agent.get(f"/v1/tasks/{task}", params={"wait": 60})

        waiting = [asyncio.create_task(follow()) for _ in range(5)]
        polling = [asyncio.create_task(poll()) for _ in range(5)]
        async with asyncio.timeout(10):
            while "signoff_waiting_clients 10.0" not in (await server.agent.get("/metrics")).text:
                await asyncio.sleep(0.02)

        took = await server.stop()

        assert took < 1.5  # a second for the server, and what the interpreter needs to leave
        assert server.process.returncode == 0
        assert await asyncio.gather(*waiting) == [3] * 5
        states = [each.json()["task"]["state"] for each in await asyncio.gather(*polling)]
        assert states == ["open"] * 5


async def test_a_client_that_hangs_up_leaves_nothing_behind(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        submitted = await server.submit()
        path = f"/v1/tasks/{submitted['task']['id']}"

        async def waiting_clients() -> float:
            text = (await server.agent.get("/metrics")).text
            name = "signoff_waiting_clients "
            return float(next(x for x in text.splitlines() if x.startswith(name)).split()[1])

        async with asyncio.timeout(15):
            with pytest.raises(httpx2.ReadTimeout):
                await server.agent.get(path, params={"wait": 60}, timeout=0.3)
            while await waiting_clients() > 0:
                await asyncio.sleep(0.02)


LYING_HEADS = {
    "a lie": b"Content-Length: 999999999\r\n\r\n",
    "more than the limit": b"Content-Length: 300000\r\n\r\n{",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 6,
}


async def test_a_body_too_large_is_refused_before_it_has_arrived(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        key = server.agent.headers["authorization"].encode()
        host, port = server.url.removeprefix("http://").split(":")
        for name, head in LYING_HEADS.items():
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                b"POST /v1/intents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Authorization: " + key + b"\r\n" + head
            )

            async with asyncio.timeout(5):
                answer = await reader.readuntil(b"\r\n\r\n")

            assert b" 413 " in answer.splitlines()[0], name
            assert b"connection: close" in answer.lower()
            assert b"server:" not in answer.lower()
            writer.close()
