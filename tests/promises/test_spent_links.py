"""A link is spent if and only if the answer that came by it is recorded."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from signoff.core.links import Link, LinkKind
from signoff.core.task import RawAnswer
from signoff.engine.links import LinkStore
from signoff.engine.ports import FoundTask
from signoff.errors import SignoffError
from signoff.server.services import Services
from signoff.testing.clock import START, ManualClock
from tests.engine.asks import MARIA, WORKSPACE, answer, request, submission
from tests.promises.conftest import replica

TASKS = 12
TRIES = 6


async def test_a_link_is_spent_exactly_where_its_answer_is_on_record(
    signoff: Services, database: str, clock: ManualClock
) -> None:
    chance = random.Random(12)
    async with replica(database, clock) as other:
        for number in range(TASKS):
            task = request(risk="low")
            done = await signoff.door.execute(WORKSPACE, submission(task=task))
            assert done.task is not None
            found = await signoff.store.task(WORKSPACE, done.task.id)
            assert found is not None
            links = [_link(found, f"{number}-{n}") for n in range(2)]
            for link in links:
                await signoff.store.add_link(link)
            tries = [
                _try(chance.choice((signoff, other)), chance.choice(links), chance)
                for _ in range(TRIES)
            ]
            outcomes = await asyncio.gather(*tries)
            recorded = [link for link in outcomes if link is not None]
            await _agree(signoff.store, links, recorded)


async def _try(services: Services, link: Link, chance: random.Random) -> str | None:
    """Answer by a link, often in a way that is refused; the link where it was recorded."""
    said = replace(
        answer(link.task_id),
        raw=RawAnswer(outcome=chance.choice(("approved", "rejected", "nonsense"))),
        view_digest=chance.choice((None, link.view_digest, "sha256:old")),
        link=link.hash,
    )
    try:
        await services.door.execute(WORKSPACE, said)
    except SignoffError:
        return None
    return link.hash


async def _agree(store: LinkStore, links: list[Link], recorded: list[str]) -> None:
    assert len(recorded) == len(set(recorded)) <= 1
    for link in links:
        kept = await store.link(link.hash)
        assert kept is not None
        assert (kept.spent_at is not None) == (link.hash in recorded)


def _link(found: FoundTask, secret: str) -> Link:
    return Link(
        hash=sha256(secret.encode()).hexdigest(),
        workspace=WORKSPACE,
        kind=LinkKind.PAGE,
        person_id=MARIA.id,
        task_id=found.task.id,
        notice_id="1",
        view_digest=found.task.view_digest,
        outcomes=("approved",),
        expires_at=START + timedelta(days=1),
        created_at=START,
    )
