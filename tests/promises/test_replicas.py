"""Several server processes on one PostgreSQL are one Signoff."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.postgres import temporary_database
from tests.processes import Administrator, Server, bearer, initialise


@pytest.mark.slow
async def test_an_agent_waits_on_one_replica_while_a_person_answers_on_another(
    tmp_path: Path,
) -> None:
    async with temporary_database() as database:
        admin_key = await asyncio.to_thread(initialise, database)
        here, there = (Server(database=database, log=tmp_path / f"{name}.log") for name in "ab")
        try:
            for server in (here, there):
                await asyncio.to_thread(server.start)
            admin = Administrator(here.url, admin_key)
            agent, maria = admin.agent("refunds"), admin.person("maria@acme.test", "approver")
            admin.close()
            async with (
                httpx2.AsyncClient(base_url=here.url, headers=bearer(agent), timeout=70) as asking,
                httpx2.AsyncClient(base_url=there.url, headers=bearer(maria)) as person,
            ):
                task = {"type": "approval", "title": "Refund?", "assignee": "maria@acme.test"}
                asked = await asking.post("/v1/intents", json={"type": "refund", "task": task})
                task_id = asked.json()["task"]["id"]
                waiting = asyncio.create_task(asking.get(f"/v1/tasks/{task_id}?wait=60"))
                await asyncio.sleep(0.5)
                assert not waiting.done()

                answer = await person.post(
                    f"/v1/tasks/{task_id}/answer", json={"outcome": "approved"}
                )

                assert answer.status_code == 200
                async with asyncio.timeout(3):  # pushed; polling alone would take up to 5 s
                    told = await waiting
                assert told.json()["task"]["decision"]["by"] == "maria@acme.test"
        finally:
            for server in (here, there):
                server.stop()
