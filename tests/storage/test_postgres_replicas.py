"""Several servers on one PostgreSQL database: none is a leader, none hurts another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from signoff.core import commands as c
from signoff.engine.batch import Judged, Repeated
from signoff.engine.clock import SystemClock
from signoff.engine.ports import Idempotency, Lane
from signoff.errors import IntentClosed, InvalidInput, SignoffError
from signoff.storage.postgres.store import PostgresStore
from signoff.storage.postgres.transact import MAX_PAYLOAD, payloads
from signoff.testing.contract.world import (
    AGENT,
    HERE,
    Order,
    answer,
    asked,
    batch,
    execute,
    fresh,
    step,
    submission,
    submitted,
)
from tests.postgres import temporary_database
from tests.storage.replicas import outsider, replicas

PATIENCE = 10.0


@pytest.fixture
async def database() -> AsyncIterator[str]:
    async with temporary_database() as address:
        yield address


@pytest.fixture
async def stores(database: str) -> AsyncIterator[list[PostgresStore]]:
    async with replicas(database, 2) as opened:
        yield opened


async def test_batches_of_two_servers_on_one_intent_neither_lose_nor_repeat_a_number(
    stores: list[PostgresStore],
) -> None:
    intent = await submitted(stores[0])

    await asyncio.gather(
        *(execute(stores[number % 2], step(f"step-{number}"), intent.id) for number in range(40))
    )

    events = await stores[0].events(HERE, intent.id, after=0, limit=100)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len(await stores[1].steps(HERE, intent.id)) == 40


async def test_batches_that_name_the_same_intents_in_any_order_all_get_through(
    stores: list[PostgresStore],
) -> None:
    intents = [await submitted(stores[0]) for _ in range(6)]

    def orders(number: int) -> list[Order]:
        turned = [*intents[number % 6 :], *intents[: number % 6]]
        return [Order(command=step(f"n{number}"), intent_id=intent.id) for intent in turned]

    outcomes = await asyncio.gather(
        *(batch(stores[number % 2], *orders(number)) for number in range(12))
    )

    assert all(isinstance(outcome, Judged) for each in outcomes for outcome in each)


async def test_one_idempotency_key_used_on_two_servers_at_once_submits_one_intent(
    stores: list[PostgresStore],
) -> None:
    key = Idempotency(scope="agent:1", key="refund-1", fingerprint="f" * 64)

    outcomes = await asyncio.gather(
        *(
            batch(store, Order(command=submission(), idempotency=key))
            for store in stores
            for _ in range(3)
        )
    )

    judged = [outcome for (outcome,) in outcomes if isinstance(outcome, Judged)]
    repeated = [outcome for (outcome,) in outcomes if isinstance(outcome, Repeated)]
    assert len(judged) == 1
    assert {each.record.intent_id for each in repeated} == {judged[0].intent.id}
    assert len(repeated) == 5


async def test_an_intent_that_two_servers_submit_under_one_id_is_there_once(
    stores: list[PostgresStore],
) -> None:
    twice = submission()

    outcomes = await asyncio.gather(*(batch(store, Order(command=twice)) for store in stores))

    won = [outcome for (outcome,) in outcomes if isinstance(outcome, Judged)]
    lost = [outcome for (outcome,) in outcomes if isinstance(outcome, SignoffError)]
    assert (len(won), len(lost)) == (1, 1)
    assert await stores[0].intent(HERE, twice.intent_id) == won[0].intent


async def test_each_due_timer_goes_to_one_server(stores: list[PostgresStore]) -> None:
    until = datetime.now(UTC)
    for _ in range(20):
        intent = await submitted(stores[0])
        await execute(stores[0], c.Sleep(actor=AGENT, name="nap", until=until), intent.id)

    claimed = await asyncio.gather(
        *(store.claim_timers(limit=5, lease_seconds=60) for store in stores * 4)
    )

    due = [timer.intent_id for each in claimed for timer in each]
    assert len(due) == len(set(due))
    left = await stores[0].claim_timers(limit=50, lease_seconds=60)
    assert len({*due, *(timer.intent_id for timer in left)}) == 20


async def test_each_duty_goes_to_one_server(stores: list[PostgresStore]) -> None:
    for _ in range(20):
        await asked(stores[0])

    claimed = await asyncio.gather(
        *(store.claim_outbox(Lane.NOTICE, limit=5, lease_seconds=60) for store in stores * 4)
    )

    got = [item.id for each in claimed for item in each]
    assert len(got) == len(set(got))
    left = await stores[0].claim_outbox(Lane.NOTICE, limit=50, lease_seconds=60)
    assert len({*got, *(item.id for item in left)}) == 20


async def test_a_change_wakes_the_other_server(stores: list[PostgresStore]) -> None:
    intent, task_id = await asked(stores[0])
    async with aclosing(stores[1].wakes()) as wakes:
        assert await _next(wakes) == frozenset(), "it may have missed what came before"

        await execute(stores[0], answer(task_id))

        assert await _next(wakes) == {intent.id}


async def test_a_server_is_not_woken_by_what_it_did_itself(stores: list[PostgresStore]) -> None:
    async with aclosing(stores[0].wakes()) as wakes:
        await _next(wakes)

        await asked(stores[0])
        theirs, _ = await asked(stores[1])

        assert await _next(wakes) == {theirs.id}


async def test_a_refused_command_wakes_nobody(stores: list[PostgresStore]) -> None:
    _, task_id = await asked(stores[0])
    async with aclosing(stores[1].wakes()) as wakes:
        await _next(wakes)

        (refusal,) = await batch(stores[0], Order(command=answer(task_id, "no such outcome")))
        other = await submitted(stores[0])

        assert isinstance(refusal, SignoffError)
        assert await _next(wakes) == {other.id}


async def test_a_large_batch_wakes_for_every_intent_of_it(stores: list[PostgresStore]) -> None:
    submits = [submission() for _ in range(300)]
    async with aclosing(stores[1].wakes()) as wakes:
        await _next(wakes)

        await batch(stores[0], *(Order(command=submit) for submit in submits))

        heard: set[str] = set()
        while len(heard) < len(submits):
            heard |= await _next(wakes)
        assert heard == {submit.intent_id for submit in submits}


async def test_closing_a_store_ends_its_listening(stores: list[PostgresStore]) -> None:
    wakes = stores[1].wakes()
    await _next(wakes)

    waiting = asyncio.create_task(anext(wakes, None))
    await asyncio.sleep(0)
    await stores[1].close()

    assert await asyncio.wait_for(waiting, PATIENCE) is None


async def test_what_changed_since_is_found_without_being_told(
    stores: list[PostgresStore],
) -> None:
    before = await stores[1].now()
    intent, _ = await asked(stores[0])

    changed, seen_until = await stores[1].changed_since(before)

    assert changed == {intent.id}
    assert (await stores[1].changed_since(seen_until))[0] == frozenset()


async def test_the_time_is_the_databases_whatever_the_servers_think(
    stores: list[PostgresStore], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    skewed = datetime(2050, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(SystemClock, "now", lambda _: skewed)
    async with outsider(database) as connection:
        before = await connection.fetchval("select clock_timestamp()")
        intent, _ = await asked(stores[0])
        after = await connection.fetchval("select clock_timestamp()")

    assert before <= intent.submitted_at <= after
    assert before <= await stores[1].now() < skewed


async def test_the_time_is_read_after_the_locks_are_had(
    stores: list[PostgresStore], database: str
) -> None:
    intent = await submitted(stores[0])
    async with outsider(database) as connection:
        async with connection.transaction():
            await connection.execute("select 1 from intent where id = $1 for update", intent.id)
            waiting = asyncio.create_task(execute(stores[0], step("late"), intent.id))
            await _until_somebody_waits(connection)
            released = await connection.fetchval("select clock_timestamp()")
        after = await asyncio.wait_for(waiting, PATIENCE)

    assert after.updated_at >= released


async def test_time_never_goes_back_behind_what_has_happened(
    stores: list[PostgresStore], database: str
) -> None:
    intent = await submitted(stores[0])
    ahead = datetime.now(UTC) + timedelta(minutes=10)
    async with outsider(database) as connection:
        await connection.execute("update intent set updated_at = $1", ahead)

    after = await execute(stores[0], step("next"), intent.id)

    assert after.updated_at == ahead


async def test_a_batch_whose_connection_breaks_before_its_commit_is_judged_again(
    stores: list[PostgresStore], database: str
) -> None:
    intent = await submitted(stores[0])
    async with outsider(database) as connection:
        async with connection.transaction():
            await connection.execute("select 1 from intent where id = $1 for update", intent.id)
            waiting = asyncio.create_task(execute(stores[0], step("tried"), intent.id))
            blocked = await _until_somebody_waits(connection)
            await connection.execute("select pg_terminate_backend($1)", blocked)
        after = await asyncio.wait_for(waiting, PATIENCE)

    assert [one.name for one in await stores[1].steps(HERE, intent.id)] == ["tried"]
    assert await stores[1].intent(HERE, intent.id) == after


async def test_a_canceled_batch_leaves_no_lock_behind(
    stores: list[PostgresStore], database: str
) -> None:
    intent = await submitted(stores[0])
    async with outsider(database) as connection, connection.transaction():
        await connection.execute("select 1 from intent where id = $1 for update", intent.id)
        waiting = asyncio.create_task(execute(stores[0], step("dropped"), intent.id))
        await _until_somebody_waits(connection)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    after = await asyncio.wait_for(execute(stores[0], step("next"), intent.id), PATIENCE)
    assert [one.name for one in await stores[1].steps(HERE, after.id)] == ["next"]


@pytest.mark.parametrize("text", ["nul \0", "half a pair \ud800"])
async def test_text_that_cannot_be_kept_is_the_callers_fault_and_hurts_nobody(
    stores: list[PostgresStore], text: str
) -> None:
    with pytest.raises(InvalidInput):
        await execute(stores[0], submission(title=text))

    assert (await submitted(stores[0])).seq == 1


async def test_a_closed_intent_is_refused_by_the_table_itself(
    stores: list[PostgresStore], database: str
) -> None:
    intent = await submitted(stores[0])
    await execute(stores[0], c.CompleteIntent(actor=AGENT, result=1), intent.id)

    with pytest.raises(IntentClosed):
        await execute(stores[1], step("late"), intent.id)
    async with outsider(database) as connection:
        for statement in (
            "update intent set status = 'IN_PROGRESS'",
            "update event set data = '{}'",
            "delete from event",
            "truncate event cascade",
        ):
            with pytest.raises(Exception, match="never"):
                await connection.execute(statement)


async def test_many_readers_and_batches_at_once_do_with_ten_connections(
    stores: list[PostgresStore], database: str
) -> None:
    intent = await submitted(stores[0])
    async with outsider(database) as connection:
        for _ in range(3):
            await asyncio.gather(
                *(stores[0].intent(HERE, intent.id) for _ in range(60)),
                *(submitted(stores[0]) for _ in range(20)),
            )
            used = await connection.fetchval(
                "select count(*) from pg_stat_activity "
                "where datname = current_database() and application_name = 'signoff'"
            )
            assert used <= 20


def test_payloads_stay_below_the_servers_limit_and_lose_nothing() -> None:
    ids = [fresh("int") for _ in range(1000)]

    lines = list(payloads("me", [*ids, ids[0]]))

    assert all(len(line.encode()) <= MAX_PAYLOAD for line in lines)
    assert all(line.startswith("me ") for line in lines)
    assert [each for line in lines for each in line.split(" ")[1:]] == sorted(ids)


async def _next(wakes: AsyncIterator[frozenset[str]]) -> frozenset[str]:
    return await asyncio.wait_for(anext(wakes), PATIENCE)


async def _until_somebody_waits(connection: asyncpg.Connection) -> int:
    """The process number of whoever waits for a lock that this connection holds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            blocked: int | None = await connection.fetchval(
                "select pid from pg_stat_activity where pg_backend_pid() = any "
                "(pg_blocking_pids(pid))"
            )
            if blocked is not None:
                return blocked
            await asyncio.sleep(0.01)
