"""Wherever a process dies or a store fails, the log goes on from there, and it is the same log."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from signoff.audit.command import VERIFIED, main
from signoff.core.words import WorkspaceId
from signoff.engine.log.sequencer import Sequencer
from signoff.engine.ports import Store
from signoff.errors import StoreUnavailable
from signoff.storage import connect
from tests.engine.asks import WORKSPACE
from tests.logs import (
    NO_SEAL,
    Collected,
    Faulty,
    logbook,
    require_one_history,
    require_sound,
    signed_out,
    unavailable,
)
from tests.processes import Administrator, Server, bearer, initialise

KILLS = 6
_CALLS = (
    "workspaces",
    "log_head",
    "now",
    "count_unlogged",
    "open_log",
    "sequence",
    "log_keys",
    "log_tiles",
    "log_leaves",
    "publish",
)


async def _killed() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("call", _CALLS)
async def test_after_a_fault_at_any_call_the_same_log_goes_on(database: str, call: str) -> None:
    async with logbook(database) as book:
        for when in ("before", "after"):
            for fault in (unavailable, _killed):
                workspace = WorkspaceId(f"{when}/{fault.__name__}")
                await book.store.add_workspace(workspace)
                await _survives(book.store, workspace, call, when, fault)


async def _survives(
    store: Store,
    workspace: WorkspaceId,
    call: str,
    when: str,
    fault: Callable[[], Awaitable[None]],
) -> None:
    """The fault, while the log is opened, and again while it grows."""
    kept = Collected()
    for turn in range(2):
        await store.record([signed_out(f"{turn} {number}", workspace) for number in range(3)])
        faulty = Faulty(store)
        getattr(faulty, when)[call] = [fault]
        with suppress(StoreUnavailable, asyncio.CancelledError):
            await _worked(faulty)
        await kept.look(store, workspace)
        await _worked(Faulty(store))
        await kept.look(store, workspace)
    await require_one_history(store, kept.notes, workspace)
    await require_sound(store, workspace)
    entries = await store.log_entries(workspace, 0, limit=99)
    assert len(entries) == 2 + 6
    assert {each.source for each in entries if each.type == "sign_in.ended"} == {
        f"{turn} {number}" for turn in range(2) for number in range(3)
    }


async def _worked(faulty: Faulty) -> None:
    sequencer = Sequencer(faulty.as_store, origin="log.test", seal=NO_SEAL)
    await sequencer.open_logs()
    await sequencer.flush()


@pytest.mark.slow
async def test_a_server_killed_again_and_again_keeps_one_log(database: str, tmp_path: Path) -> None:
    """Killed in the middle of its load; whatever it had published before holds after."""
    server = Server(database=database, log=tmp_path / "server.log")
    admin_key = await asyncio.to_thread(initialise, database)
    kept = Collected()
    acknowledged: list[str] = []
    await asyncio.to_thread(server.start)
    admin = Administrator(server.url, admin_key)
    agent = admin.agent("refunds")
    try:
        async with httpx2.AsyncClient(base_url=server.url, timeout=20) as http:
            for _ in range(KILLS):
                load = asyncio.create_task(_load(http, agent, acknowledged))
                await _kept(http, admin_key, kept)
                await asyncio.sleep(random.uniform(0.0, 0.4))
                server.kill()
                await load
                await asyncio.to_thread(server.start)
            await _covered(http, admin_key)
            await _kept(http, admin_key, kept)
            bundle = await http.get("/v1/audit/export", headers=bearer(admin_key))
    finally:
        admin.close()
        server.stop()
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.content)
    assert main(["verify", str(path)]) == VERIFIED
    assert len(acknowledged) > KILLS
    assert len(kept.notes) > KILLS / 2
    store = connect(database)
    await store.open()
    try:
        await Sequencer(store, origin="", seal=NO_SEAL).flush()
        await require_one_history(store, kept.notes)
        await require_sound(store)
        entries = await store.log_entries(WORKSPACE, 0, limit=1_000_000)
        assert set(acknowledged) <= {each.source for each in entries}
    finally:
        await store.close()


async def _load(http: httpx2.AsyncClient, agent: str, acknowledged: list[str]) -> None:
    """Submit from eight agents at once until nobody answers any more."""

    async def one() -> None:
        try:
            while True:
                body = {"type": "refund", "title": "a refund", "handled": True}
                answer = await http.post("/v1/intents", json=body, headers=bearer(agent))
                if answer.status_code == 201:
                    acknowledged.append(answer.json()["intent"]["id"])
        except httpx2.TransportError:
            return

    await asyncio.gather(*(one() for _ in range(8)))


async def _kept(http: httpx2.AsyncClient, key: str, kept: Collected) -> None:
    """The checkpoint that is published now, unless the server is just starting its log."""
    answer = await http.get("/v1/audit/checkpoint", headers=bearer(key))
    if answer.status_code == 200:
        kept.keep(answer.text)


async def _covered(http: httpx2.AsyncClient, key: str) -> None:
    async with asyncio.timeout(30):
        while True:
            found = (await http.get("/v1/audit/status", headers=bearer(key))).json()
            if found["waiting"] == 0:
                return
            await asyncio.sleep(0.05)
