"""A test of an agent needs no person, no network and no waiting."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import signoff
from signoff.testing import Human, SignoffServer

Somebody = Callable[..., Human]

LADDER: list[dict[str, object]] = [
    {"after": "24h", "do": "remind", "every": "8h", "max": 3},
    {"after": "48h", "do": "escalate", "to": "role:backup"},
    {"after": "72h", "do": "fail"},
]


async def refund() -> str:
    decision = await signoff.wait_for_human(
        task="approval", title="Refund 240 EUR?", assignee="mgr@acme.test", ladder=LADDER
    )
    return decision.outcome


async def test_a_person_approves_after_two_days(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    began = signoff_server.now
    human("mgr@acme.test").approves(after="2d")
    human("sub@acme.test", roles=["backup"])

    assert await signoff_server.run(refund()) == "approved"
    assert (signoff_server.now - began).days == 2


async def test_a_ladder_of_three_days_takes_milliseconds(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human("mgr@acme.test").absent()
    human("sub@acme.test", roles=["backup"]).absent()
    began, before = time.perf_counter(), signoff_server.now

    with pytest.raises(signoff.TaskExpired):
        await signoff_server.run(refund())

    took = time.perf_counter() - began
    assert (signoff_server.now - before).days == 3
    assert took < 0.5, took
    print("TOOK", took)
