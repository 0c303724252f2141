"""What a rung costs with a thousand and with a million tasks waiting, and how late it fires.

The million are copies of one real task, multiplied inside the database, each with its intent, its
place in the lists and its armed rung a year away. They have no history: firing reads none.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import apsw
import asyncpg

from bench.figures import percentile
from signoff.app import running
from signoff.config import Settings
from signoff.core.words import IntentId
from signoff.engine.execute import Door
from signoff.engine.ports import DueTimer
from signoff.engine.timers import AT_ONCE, fire
from signoff.storage import connect
from signoff.storage.connect import sqlite_path
from tests.engine.asks import WORKSPACE, request, submission
from tests.processes import Server
from tests.promises.rush import arm, now_of, out_of_place, reminders, until_quiet

ROUNDS = 5
_NEAR = [{"after": "1ms", "do": "remind", "max": 1}, {"after": "72h", "do": "fail"}]

_SQLITE = """
with recursive n(i) as (select 1 union all select i + 1 from n where i < {count})
"""
_COPIES = (
    (
        "intent",
        (
            "workspace, id, type, title, agent, on_behalf_of, handled, status, waiting_reason, "
            "seq, submitted_at, updated_at, deadline_at, payload, progress"
        ),
        (
            "workspace, {intent}, type, title, agent, on_behalf_of, handled, status, "
            "waiting_reason, seq, submitted_at, updated_at, deadline_at, payload, progress"
        ),
        "id = '{old_intent}'",
    ),
    (
        "task",
        (
            "workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at, "
            "document, search, risk, due_at"
        ),
        (
            "workspace, {task}, {intent}, agent, type, state, outcome, opened_at, closed_at, "
            "{document}, search, risk, due_at"
        ),
        "id = '{old_task}'",
    ),
    (
        "task_audience",
        "workspace, token, task_id, risk, due_at",
        "workspace, token, {task}, risk, due_at",
        "task_id = '{old_task}'",
    ),
    (
        "timer",
        "workspace, intent_id, task_id, kind, due_at, leased_until",
        "workspace, {intent}, {task}, kind, {due}, null",
        "task_id = '{old_task}'",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Microseconds for each rung."""

    arm: float
    claim: float
    fire: float


class Rungs:
    """One database with so many tasks waiting, on which rungs are armed, claimed and fired."""

    def __init__(self, database: str, waiting: int) -> None:
        self.database = database
        self.waiting = waiting

    async def fill(self) -> None:
        """Make one real waiting task, and copy it as often as needed."""
        await arm_one(self.database)
        if self.database.startswith("sqlite"):
            await asyncio.to_thread(_copy_sqlite, self.database, self.waiting)
        else:
            await _copy_postgres(self.database, self.waiting)

    async def measure(self, rungs: int) -> Cost:
        """Arm so many rungs that are due at once, claim them, fire them."""
        store = connect(self.database)
        await store.open()
        door = Door(store, after_commit=lambda changes: None)
        try:
            async with door.open():
                armed = await _timed(_submit(door, rungs))
                await asyncio.sleep(0.01)
                claiming, due = 0.0, list[DueTimer]()
                while len(due) < rungs:
                    began = time.perf_counter()
                    found = await store.claim_timers(limit=AT_ONCE, lease_seconds=60)
                    claiming += time.perf_counter() - began
                    due += found
                    assert found, "armed rungs are not there"
                fired = await _timed(_fire(door, due))
        finally:
            await store.close()
        each = 1e6 / rungs
        return Cost(arm=armed * each, claim=claiming * each, fire=fired * each)

    async def lateness(self, rungs: int, *, seconds: float) -> float:
        """The p99 lateness, in milliseconds, of rungs that an otherwise idle server fires."""
        async with running(Settings(database=self.database, poll_seconds=5)) as services:
            due_at = await services.store.now() + timedelta(seconds=3)
            ids = list[IntentId]()
            for _ in range(rungs):
                offset = timedelta(seconds=random.uniform(0, seconds))  # noqa: S311
                left = due_at + offset - await services.store.now()
                after = f"{left / timedelta(milliseconds=1):.3f}ms"
                ladder = [{"after": after, "do": "remind", "max": 1}, _NEAR[1]]
                task = request(assignee="maria@acme.test", ladder=ladder)
                done = await services.door.execute(WORKSPACE, submission(task=task))
                ids.append(done.intent.id)
            await asyncio.sleep(seconds + 5)
        fired = await reminders(self.database, ids)
        assert len(fired) == rungs
        return percentile([each.late for each in fired], 0.99)


async def compare(few: Rungs, many: Rungs, rungs: int) -> tuple[Cost, Cost]:
    """The median cost of a rung on either database, measured turn by turn after a warm-up."""
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for turn in range(ROUNDS + 1):
        for database, found in zip((few, many), costs, strict=True):
            cost = await database.measure(rungs)
            if turn:
                found.append(cost)
    return _median(costs[0]), _median(costs[1])


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        arm=median(cost.arm for cost in costs),
        claim=median(cost.claim for cost in costs),
        fire=median(cost.fire for cost in costs),
    )


async def rush(database: str, folder: Path, rungs: int) -> tuple[float, int]:
    """Rungs due within one second, fired by two servers: p99 lateness in ms, and disorder.

    :returns: the lateness, and by how many places the worst rung came before or after its turn.
    """
    servers = [Server(database=database, log=folder / f"rush{n}.log") for n in range(2)]
    due_at = await now_of(database) + timedelta(seconds=25)
    ids = await arm(database, rungs, due_at=due_at, within=timedelta(seconds=1))
    try:
        for server in servers:
            await asyncio.to_thread(server.start)
        await until_quiet(database, due_at + timedelta(seconds=1), seconds=120)
    finally:
        for server in servers:
            server.stop()
    fired = await reminders(database, ids)
    assert len(fired) == len(ids), "a rung did not fire exactly once"
    return percentile([each.late for each in fired], 0.99), out_of_place(fired)


async def arm_one(database: str) -> None:
    """Submit the task that is copied, and enlist the one person it asks."""
    now = await now_of(database)
    await arm(database, 1, due_at=now + timedelta(days=300), within=timedelta(0))


async def _submit(door: Door, rungs: int) -> None:
    numbers = iter(range(rungs))

    async def work() -> None:
        for _ in numbers:
            task = request(assignee="maria@acme.test", ladder=_NEAR)
            await door.execute(WORKSPACE, submission(task=task))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _fire(door: Door, due: Sequence[DueTimer]) -> None:
    for start in range(0, len(due), AT_ONCE):
        await asyncio.gather(*(fire(door, timer) for timer in due[start : start + AT_ONCE]))


async def _timed(work: object) -> float:
    began = time.perf_counter()
    await work  # type: ignore[misc]
    return time.perf_counter() - began


def _copy_sqlite(database: str, count: int) -> None:
    connection = apsw.Connection(str(sqlite_path(database)))
    connection.execute("pragma synchronous = off")
    old_intent, old_task = next(connection.execute("select intent_id, id from task limit 1"))
    intent, task = "'int_f' || printf('%031x', n.i)", "'task_f' || printf('%031x', n.i)"
    names = {
        "intent": intent,
        "task": task,
        "document": _document(str(old_intent), str(old_task), intent, task),
        "due": "due_at + n.i * 1000",
        "old_intent": old_intent,
        "old_task": old_task,
    }
    with connection:
        for table, columns, values, where in _COPIES:
            connection.execute(
                f"{_SQLITE.format(count=count)} insert into {table} ({columns}) "  # noqa: S608
                f"select {values.format(**names)} from {table} t, n where t.{where.format(**names)}"
            )
    connection.execute("analyze")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


async def _copy_postgres(database: str, count: int) -> None:
    connection = await asyncpg.connect(database)
    old_intent, old_task = await connection.fetchrow("select intent_id, id from task limit 1")
    intent, task = "'int_f' || lpad(to_hex(n.i), 31, '0')", "'task_f' || lpad(to_hex(n.i), 31, '0')"
    names = {
        "intent": intent,
        "task": task,
        "document": f"{_document(old_intent, old_task, intent, task)}::json",
        "due": "due_at + n.i * interval '1 millisecond'",
        "old_intent": old_intent,
        "old_task": old_task,
    }
    for table, columns, values, where in _COPIES:
        await connection.execute(
            f"insert into {table} ({columns}) select {values.format(**names)} "  # noqa: S608
            f"from {table} t, generate_series(1, {count}) n(i) where t.{where.format(**names)}",
            timeout=1800,
        )
    await connection.execute("vacuum analyze", timeout=1800)
    await connection.execute("checkpoint", timeout=600)
    await connection.close()


def _document(old_intent: str, old_task: str, intent: str, task: str) -> str:
    return (
        f"replace(replace(cast(document as text), '{old_intent}', {intent}), '{old_task}', {task})"
    )
