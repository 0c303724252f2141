"""Whether the logs go on is in the metrics and beside the readiness, and stops nobody."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx2

from signoff.engine.log.ledger import Ledger
from signoff.engine.log.sequencer import Sequencer
from signoff.server.asgi import application
from tests.logs import NO_SEAL, Faulty
from tests.server.test_audit_routes import logged
from tests.server.world import HERE, World


async def test_the_lag_of_the_log_is_measured(world: World) -> None:
    text = (await world.get(None, "/metrics")).text
    for name in ("signoff_log_lag_seconds", "signoff_log_unsequenced", "signoff_log_broken"):
        found = re.search(rf"^{name} ([0-9.]+)$", text, re.MULTILINE)
        assert found is not None, name
        assert float(found[1]) >= 0


async def test_a_log_that_stands_still_is_said_and_stops_nobody(world: World) -> None:
    faulty = Faulty(world.services.store)
    faulty.seen["sequence"] = lambda behind: [HERE]
    faulty.seen["log_head"] = lambda head: replace(head, sequenced=head.sequenced + 1)
    await logged(world)
    sequencer = Sequencer(faulty.as_store, origin="", seal=NO_SEAL)
    await sequencer.flush()
    ledger = Ledger(world.services.store, sequencer, seal=NO_SEAL)
    services = replace(world.services, ledger=ledger)
    transport = httpx2.ASGITransport(app=application(services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://signoff.test") as http:
        ready = await http.get("/health/ready")
        metrics = (await http.get("/metrics")).text
    assert ready.status_code == 200
    assert ready.json() == {"status": "ok", "logs_broken": 1}
    assert "signoff_log_broken 1.0" in metrics
    assert HERE not in metrics, "whose log it is, is for its readers"
    assert (await world.get(None, "/health/ready")).json() == {"status": "ok"}


async def test_whoever_asks_too_early_is_told_when_to_ask_again(world: World) -> None:
    answer = await world.get("auditor", "/v1/audit/export?cosigned=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_logged_yet")
    assert answer.headers["retry-after"] == "1"
