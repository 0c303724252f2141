"""Who is signed in where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import apsw

from signoff.core.credential import Strength
from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import Clock
from signoff.engine.records import encode
from signoff.engine.sessions import IDLE, Session
from signoff.storage.sessions import session_values
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import micros, moment


class SessionHalf(Threaded):
    """The part of the store that knows who is signed in where."""

    async def add_session(self, session: Session, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(_add, self._clock, session, facts)

    async def session(self, token_hash: str) -> Session | None:
        return await self._readers.run(_session, self._clock, token_hash)

    async def sessions(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[Session]:
        return await self._readers.run(_sessions, self._clock, workspace, person_id)

    async def see_session(self, token_hash: str) -> None:
        await self._writer.run(_see, self._clock, token_hash)

    async def drop_session(self, token_hash: str, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(_drop, token_hash, facts)

    async def end_sessions(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        ids: Sequence[str],
        facts: Sequence[Fact] = (),
    ) -> int:
        return await self._writer.run(_end, workspace, person_id, ids, facts)


def _add(
    connection: apsw.Connection, clock: Clock, session: Session, facts: Sequence[Fact]
) -> None:
    """Keep a session, and drop those that are over."""
    run(connection, "forget_sessions", now=micros(clock.now()))
    write(connection, "insert_session", [session_values(session)])
    add_facts(connection, facts)


def _session(connection: apsw.Connection, clock: Clock, token_hash: str) -> Session | None:
    now = clock.now()
    asked = {"now": micros(now), "idle": micros(now - IDLE)}
    found = row(connection, "session_by_hash", hash=token_hash, **asked)
    return None if found is None else _read(found)


def _sessions(
    connection: apsw.Connection, clock: Clock, workspace: WorkspaceId, person_id: PersonId
) -> list[Session]:
    now = clock.now()
    asked = {"now": micros(now), "idle": micros(now - IDLE)}
    found = rows(
        connection, "sessions_of_person", workspace=workspace, person_id=person_id, **asked
    )
    return sorted(map(_read, found), key=lambda each: (each.seen_at, each.id), reverse=True)


def _see(connection: apsw.Connection, clock: Clock, token_hash: str) -> None:
    run(connection, "see_session", hash=token_hash, now=micros(clock.now()))


def _drop(connection: apsw.Connection, token_hash: str, facts: Sequence[Fact]) -> None:
    if run(connection, "delete_session", hash=token_hash):
        add_facts(connection, facts)


def _end(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    person_id: PersonId,
    ids: Sequence[str],
    facts: Sequence[Fact],
) -> int:
    ended = run(
        connection, "end_some_sessions", workspace=workspace, person_id=person_id, ids=encode(ids)
    )
    if ended:
        add_facts(connection, facts)
    return ended


def _read(found: Row) -> Session:
    workspace, token_hash, session_id, person_id = cast(tuple[str, ...], found[:4])
    expires_at, created_at, authenticated_at, seen_at = cast(tuple[int, ...], found[4:8])
    method, strength, provider = cast(tuple[str, ...], found[8:11])
    return Session(
        workspace=WorkspaceId(workspace),
        hash=token_hash,
        id=session_id,
        person_id=PersonId(person_id),
        expires_at=moment(expires_at),
        created_at=moment(created_at),
        authenticated_at=moment(authenticated_at),
        seen_at=moment(seen_at),
        method=method,
        strength=Strength(strength),
        provider=provider,
        device=cast(str | None, found[11]),
    )
