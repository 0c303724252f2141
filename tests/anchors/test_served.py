"""A running server anchors its log by itself, and says how far its anchors are behind."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import httpx2

from signoff.app import FIRST_WORKSPACE, initialise, running
from signoff.audit import note
from signoff.config import Settings
from signoff.core.facts import Fact, LogRead
from signoff.core.routing import Actor
from signoff.core.words import ActorKind
from signoff.engine.log.ports import Anchored
from signoff.server.asgi import application
from signoff.server.services import Services
from signoff.server.witness import Witness
from signoff.server.witness import application as witnessing
from tests.anchors.serving import served

PATIENCE = 60


async def anchored(services: Services, *, names: set[str], size: int = 1) -> dict[str, Anchored]:
    """The newest success of each of these anchors, once there is one of this size."""
    found: dict[str, Anchored] = {}
    async with asyncio.timeout(PATIENCE):
        while not names <= set(found):
            await asyncio.sleep(0)
            rows = await services.store.anchors(FIRST_WORKSPACE)
            good = [row for row in reversed(rows) if row.evidence is not None]
            found = {row.name: row for row in good if row.size >= size}
    return found


async def test_a_file_holds_what_is_published(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints"
    database = f"sqlite:///{tmp_path / 'signoff.db'}"
    await initialise(database)
    settings = Settings(database=database, anchor_file=str(path), anchor_seconds=0.02)
    async with running(settings) as services:
        row = (await anchored(services, names={str(path)}))[str(path)]
        assert f"{row.checkpoint}\n" in path.read_text()
        transport = httpx2.ASGITransport(application(services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://signoff.test") as http:
            text = (await http.get("/metrics")).text
        assert 'signoff_anchor_age_seconds{kind="file"}' in text


async def test_two_witnesses_cosign_as_the_log_grows(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'signoff.db'}"
    await initialise(database)
    async with running(Settings(database=database)) as services:
        origin, vkey = await opened(services)
    names = [f"w.test/{number}" for number in (1, 2)]
    one, two = [Witness(tmp_path / name, name, [vkey]) for name in names]
    async with served(witnessing(one)) as first, served(witnessing(two)) as second:
        policy = tmp_path / "policy"
        policy.write_text(
            f"log {vkey}\n"
            f"witness w1 {one.key.vkey} {first}\n"
            f"witness w2 {two.key.vkey} {second}\n"
            "group both all w1 w2\nquorum both\n"
        )
        settings = Settings(database=database, anchor_witnesses=str(policy), anchor_seconds=0.02)
        async with running(settings) as services:
            found = await anchored(services, names=set(names))
            for name, serving in zip(names, (one, two), strict=True):
                row = found[name]
                assert row.evidence is not None
                assert note.opened(row.checkpoint + row.evidence, [serving.key.vkey])
                (seen,) = serving.remembered()
                assert seen.origin == origin
                assert seen.size >= row.size
            await services.store.record([fact(await services.store.now())])
            grown = max(row.size for row in found.values()) + 1
            await anchored(services, names=set(names), size=grown)
    for serving in (one, two):
        serving.close()


def fact(now: datetime) -> Fact:
    """Something for the log to be told."""
    actor = Actor(kind=ActorKind.CLOCK, id="clock", label="clock")
    return Fact(workspace=FIRST_WORKSPACE, id="fact_1", at=now, actor=actor, body=LogRead())


async def opened(services: Services) -> tuple[str, str]:
    """The name of the log and its key, once something is published."""
    async with asyncio.timeout(PATIENCE):
        while True:
            head = await services.store.log_head(FIRST_WORKSPACE)
            if head is not None and head.checkpoint is not None:
                (key,) = await services.store.log_keys(FIRST_WORKSPACE)
                return head.origin, note.vkey(head.origin, key.public)
            await asyncio.sleep(0)
