"""Erasing: what is stored about an intent or a person is read, blanked and written back at once.

The leaves stay; what they commit to goes, with the salts. The triggers of the schema let nothing
else through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from signoff.core.facts import Fact
from signoff.core.intent import TERMINAL
from signoff.core.words import IntentId, IntentStatus, PersonId, TaskId, WorkspaceId
from signoff.engine.log.ports import Erasable, Hold, Rewrite, StoredEvent, StoredFact
from signoff.engine.records import encode
from signoff.errors import NotFound
from signoff.storage import erasing as blank
from signoff.storage.postgres.database import QUERIES, Connection, Database, Row, add_facts
from signoff.storage.postgres.directories import columns
from signoff.storage.postgres.failures import translated
from signoff.storage.postgres.scrubbing import vacuum
from signoff.storage.writes import WriteConflict


class Erasing:
    """The part of the store that forgets, and that knows what must not be forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rewrite(
        self,
        workspace: WorkspaceId,
        intent_id: IntentId,
        decide: Callable[[Erasable, datetime], Rewrite],
    ) -> Rewrite:
        with translated():
            async with self._database.connection() as connection, connection.transaction():
                locked = await _one(connection, "lock_intent_to_erase", workspace, intent_id)
                if locked is None:
                    raise NotFound(f"there is no intent {intent_id}")
                now = self._database.given_time() or await _now(connection)
                erasable = await _erasable(connection, workspace, intent_id, locked)
                decided = decide(erasable, now)
                await _write(connection, erasable, decided, row=locked, now=now)
                return decided

    async def rewrite_person(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        decide: Callable[[Sequence[StoredFact], datetime], Rewrite],
    ) -> Rewrite:
        with translated():
            async with self._database.connection() as connection, connection.transaction():
                if await _one(connection, "lock_person", workspace, person_id) is None:
                    raise NotFound(f"there is no person {person_id}")
                now = self._database.given_time() or await _now(connection)
                rows = await _all(connection, "facts_of_person", workspace, person_id)
                found = [_fact(row) for row in rows]
                decided = decide(found, now)
                await _facts(connection, blank.erased_facts(workspace, found, decided))
                email = blank.erased_address(person_id)
                named = workspace, person_id, email, blank.ERASED_NAME
                await connection.execute(QUERIES["forget_person"].sql, *named, now)
                await add_facts(connection, decided.facts_added)
                return decided

    async def intents_of_subject(self, workspace: WorkspaceId, subject: str) -> Sequence[IntentId]:
        rows = await self._database.rows("intents_of_subject", workspace, subject)
        return [IntentId(row[0]) for row in rows]

    async def intents_naming(
        self, workspace: WorkspaceId, words: Sequence[str]
    ) -> Sequence[IntentId]:
        found = await self._database.rows("intents_naming", workspace, list(words))
        return [IntentId(row[0]) for row in found]

    async def intents_to_erase(
        self, workspace: WorkspaceId, retention_class: str, before: datetime, *, limit: int
    ) -> Sequence[IntentId]:
        named = workspace, retention_class, before, limit
        return [IntentId(row[0]) for row in await self._database.rows("intents_to_erase", *named)]

    async def scrub(self) -> bool:
        """Give the space of what was erased back, to be written over; the server says not when."""
        with translated():
            async with self._database.connection() as connection:
                await vacuum(connection)
        return False

    async def place_hold(self, hold: Hold, facts: Sequence[Fact]) -> None:
        what = hold.scope, hold.target, hold.reason, hold.placed_by, hold.placed_at
        values = hold.workspace, hold.id, *what, hold.lifted_at
        await self._database.write("place_hold", *values, facts=facts)

    async def lift_hold(
        self, workspace: WorkspaceId, hold_id: str, at: datetime, facts: Sequence[Fact]
    ) -> bool:
        named = workspace, hold_id
        return bool(await self._database.write("lift_hold", *named, at, facts=facts))

    async def holds(self, workspace: WorkspaceId) -> Sequence[Hold]:
        return [_hold(row) for row in await self._database.rows("holds", workspace)]


async def _erasable(
    connection: Connection, workspace: WorkspaceId, intent_id: IntentId, locked: Row
) -> Erasable:
    events = await _all(connection, "events_to_erase", workspace, intent_id)
    facts = await _all(connection, "facts_to_erase", workspace, intent_id)
    holds = [_hold(row) for row in await _all(connection, "holds", workspace)]
    return Erasable(
        workspace=workspace,
        intent_id=intent_id,
        live=IntentStatus(locked["status"]) not in TERMINAL,
        subject=locked["subject"],
        retention_class=locked["retention_class"],
        events=[_event(row) for row in events],
        facts=[_fact(row) for row in facts],
        holds=[hold for hold in holds if hold.lifted_at is None],
    )


async def _write(
    connection: Connection, found: Erasable, decided: Rewrite, *, row: Row, now: datetime
) -> None:
    key = found.workspace, found.intent_id
    events = blank.erased_events(found, decided)
    await _written(connection, "erase_events", [(*e[:-1], encode(e.erased)) for e in events])
    await _facts(connection, blank.erased_facts(found.workspace, found.facts, decided))
    if decided.intent is not None or decided.events or decided.tasks:
        texts = blank.intent_texts({name: row[name] for name in blank.INTENT_TEXTS}, decided)
        wholly = blank.wholly(found, decided)
        await connection.execute(QUERIES["erase_intent"].sql, *key, *texts.values(), now, wholly)
        await connection.execute(QUERIES["erase_beside"].sql, *key, found.live)
    tasks = decided.tasks or {}
    rewritten = [(found.workspace, task_id, text) for task_id, text in sorted(tasks.items())]
    await _written(connection, "erase_tasks", rewritten)
    await add_facts(connection, decided.facts_added)


async def _facts(connection: Connection, facts: Sequence[blank.ErasedFact]) -> None:
    await _written(connection, "erase_facts", [(*f[:-1], encode(f.erased)) for f in facts])


async def _written(connection: Connection, query: str, rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    written = await _all(connection, query, *columns(rows))
    if len(written) != len(rows):
        raise WriteConflict(f"{query} wrote {len(written)} of {len(rows)} rows")


async def _all(connection: Connection, query: str, *values: object) -> Sequence[Row]:
    found: Sequence[Row] = await connection.fetch(QUERIES[query].sql, *values)
    return found


async def _one(connection: Connection, query: str, *values: object) -> Row | None:
    found = await _all(connection, query, *values)
    return found[0] if found else None


async def _now(connection: Connection) -> datetime:
    found: datetime = await connection.fetchval(QUERIES["now"].sql)
    return found


def _event(row: Row) -> StoredEvent:
    seq, kind, at, actor, data, leaf, salts, erased = row
    return StoredEvent(
        seq=seq,
        type=kind,
        at=at,
        actor=actor,
        data=data,
        leaf=leaf,
        salts=salts,
        erased=blank.read_names(erased),
    )


def _fact(row: Row) -> StoredFact:
    fact_id, kind, at, actor, intent_id, task_id, data, leaf, salts, erased = row
    return StoredFact(
        id=fact_id,
        type=kind,
        at=at,
        actor=actor,
        intent_id=IntentId(intent_id) if intent_id is not None else None,
        task_id=TaskId(task_id) if task_id is not None else None,
        data=data,
        leaf=leaf,
        salts=salts,
        erased=blank.read_names(erased),
    )


def _hold(row: Row) -> Hold:
    workspace, hold_id, scope, target, reason, placed_by, placed_at, lifted_at = row
    return Hold(
        workspace=WorkspaceId(workspace),
        id=hold_id,
        scope=scope,
        target=target,
        reason=reason,
        placed_by=placed_by,
        placed_at=placed_at,
        lifted_at=lifted_at,
    )
