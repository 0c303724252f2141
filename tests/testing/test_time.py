"""Time in a test jumps to whatever happens next, and only when everything stands still."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

import signoff
from signoff.testing import Human, NothingLeft, NotWaiting, SignoffServer
from tests.testing.agents import BACKUP, MANAGER, THREE_DAYS, Crash, Shop, paying, refund

Somebody = Callable[..., Human]


async def test_a_person_approves_after_two_days(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    asked = signoff_server.now
    human(MANAGER).approves(after="2d")
    human(BACKUP, roles=["backup"])

    decision = await signoff_server.run(refund())

    assert decision
    assert decision.by == MANAGER
    assert signoff_server.now - asked == timedelta(days=2)


async def test_a_ladder_of_three_days_takes_milliseconds(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER).absent()
    human(BACKUP, roles=["backup"]).absent()
    asked, took = signoff_server.now, []

    for _ in range(3):
        began = time.process_time()
        with pytest.raises(signoff.TaskExpired) as expired:
            await signoff_server.run(refund())
        took.append(time.process_time() - began)

    assert signoff_server.now - asked == timedelta(days=9)
    events = signoff_server.events(expired.value.about["intent_id"])
    kinds = Counter(event["type"] for event in events)
    assert (kinds["task.reminded"], kinds["task.escalated"], kinds["task.expired"]) == (3, 1, 1)
    assert min(took) < 0.1, "seconds of a processor: other load on the machine does not count"


async def test_where_the_manager_is_silent_the_backup_decides(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER).absent()
    human(BACKUP, roles=["backup"]).approves(after="1h")
    asked = signoff_server.now

    decision = await signoff_server.run(refund())

    assert decision.by == BACKUP
    assert signoff_server.now - asked == timedelta(hours=49)


async def test_a_run_that_dies_midway_goes_on_where_it_was(
    signoff_server: SignoffServer, signoff_client: signoff.Client, human: Somebody
) -> None:
    human(MANAGER).approves(after="3h").answers(after="1h")
    shop = Shop()
    shop.crash_after_paying = True
    with pytest.raises(Crash):
        await signoff_server.run(paying(signoff_client, shop))
    shop.crash_after_paying = False

    assert await signoff_server.run(paying(signoff_client, shop)) == 240
    assert shop.paid == [240]


async def test_the_server_may_die_as_well(
    signoff_server: SignoffServer, signoff_client: signoff.Client, human: Somebody
) -> None:
    human(MANAGER).absent()
    waiting = asyncio.create_task(refund(ladder=[{"after": "10h", "do": "fail"}]))
    await signoff_server.advance("1h")
    before = signoff_server.now

    await signoff_server.restart()

    with pytest.raises(signoff.TaskExpired):
        await signoff_server.run(waiting)
    assert signoff_server.now - before == timedelta(hours=9)


async def test_time_advances_through_everything_on_the_way(
    signoff_server: SignoffServer, signoff_client: signoff.Client, human: Somebody
) -> None:
    human(MANAGER)
    human(BACKUP, roles=["backup"])
    task = {"type": "approval", "assignee": MANAGER, "ladder": THREE_DAYS}
    intent = await signoff_client.submit("refund", task=task)

    await signoff_server.advance("50h")

    happened = [event["type"] for event in signoff_server.events(intent["id"])]
    assert happened.count("task.reminded") == 3
    assert happened[-1] == "task.escalated"
    assert (await signoff_client.get_intent(intent["id"]))["status"] == "WAITING"


async def test_jumping_over_days_is_no_outage(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER)
    asked = signoff_server.now

    with pytest.raises(signoff.TaskExpired) as expired:
        await signoff_server.run(refund(ladder=[{"after": "30d", "do": "fail"}]))

    events = signoff_server.events(expired.value.about["intent_id"])
    assert "task.recovered" not in {event["type"] for event in events}
    assert signoff_server.now - asked == timedelta(days=30)


async def test_two_waits_at_once_are_each_told_in_time(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER).approves(after="1d")
    human(BACKUP, roles=["backup"]).rejects(after="3h")
    asked = signoff_server.now

    manager, backup = await signoff_server.run(
        asyncio.gather(refund(), refund(assignee="role:backup"))
    )

    assert (manager.outcome, backup.outcome) == ("approved", "rejected")
    assert manager.at - asked == timedelta(days=1)
    assert backup.at - asked == timedelta(hours=3)


async def test_what_comes_of_an_answer_happens_before_time_goes_on(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    """One part of the agent waits for days; another goes on at once from what it is told."""
    human(MANAGER).approves(after="10d")
    human(BACKUP, roles=["backup"]).approves(after="1h")
    asked = signoff_server.now

    async def chatty() -> timedelta:
        for _ in range(4):
            last = await refund(assignee="role:backup")
            for _ in range(5):
                await asyncio.sleep(0)
        return last.at - asked

    _, took = await signoff_server.run(
        asyncio.gather(refund(ladder=[{"after": "30d", "do": "fail"}]), chatty())
    )

    assert took == timedelta(hours=4)


async def test_an_agent_that_waits_for_nothing_is_told_so(
    signoff_server: SignoffServer, signoff_client: signoff.Client
) -> None:
    intent = await signoff_client.submit("refund", handled=True)

    async def waits() -> None:
        async for _ in signoff_client.events(intent["id"]):
            pass

    async with asyncio.timeout(10):
        with pytest.raises(NothingLeft, match="no task is open"):
            await signoff_server.run(waits())


def test_an_agent_that_neither_ends_nor_waits_is_told_so() -> None:
    async def idles() -> None:
        await asyncio.Event().wait()

    with SignoffServer(patience=0.05) as server, pytest.raises(NotWaiting):
        asyncio.run(server.run(idles()))


async def test_time_stands_still_while_it_is_held(
    signoff_server: SignoffServer, human: Somebody
) -> None:
    human(MANAGER).approves(after="1d")
    seen = []

    async def works_beside() -> None:
        with signoff_server.hold():
            await asyncio.sleep(0.05)
            seen.append(signoff_server.now)

    began = signoff_server.now
    await signoff_server.run(asyncio.gather(works_beside(), refund()))

    assert seen == [began]


def test_plain_code_waits_as_well(
    signoff_server: SignoffServer, signoff_sync_client: signoff.SyncClient, human: Somebody
) -> None:
    human(MANAGER).approves(after="2d")

    def agent() -> str:
        decision = signoff_sync_client.wait_for_human(title="Refund?", assignee=MANAGER)
        return decision.outcome

    asked = signoff_server.now
    assert signoff_server.sync.run(agent) == "approved"
    assert signoff_server.now - asked == timedelta(days=2)


def test_plain_code_that_waits_for_nothing_is_told_so(
    signoff_server: SignoffServer, signoff_sync_client: signoff.SyncClient
) -> None:
    intent = signoff_sync_client.submit("refund", handled=True)

    with pytest.raises(NothingLeft):
        signoff_server.sync.run(lambda: list(signoff_sync_client.events(intent["id"])))


def test_plain_code_moves_time_itself(
    signoff_server: SignoffServer, signoff_sync_client: signoff.SyncClient, human: Somebody
) -> None:
    human(MANAGER)
    human(BACKUP, roles=["backup"])
    task = {"type": "approval", "assignee": MANAGER, "ladder": THREE_DAYS}
    intent = signoff_sync_client.submit("refund", task=task)

    signoff_server.sync.advance("72h")

    assert signoff_sync_client.get_intent(intent["id"])["status"] == "FAILED"
