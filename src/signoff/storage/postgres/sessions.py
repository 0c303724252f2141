"""Who is signed in where."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.credential import Strength
from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.sessions import IDLE, Session
from signoff.storage.postgres.database import Database, Row
from signoff.storage.sessions import session_values


class Sessions:
    """The part of the store that knows who is signed in where."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_session(self, session: Session, facts: Sequence[Fact] = ()) -> None:
        values = *session_values(session), self._database.given_time()
        await self._database.write("insert_session", *values, facts=facts)

    async def session(self, token_hash: str) -> Session | None:
        now = self._database.given_time()
        row = await self._database.row("session_by_hash", token_hash, now, IDLE)
        return _read(row) if row else None

    async def sessions(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[Session]:
        now = self._database.given_time()
        rows = await self._database.rows("sessions_of_person", workspace, person_id, now, IDLE)
        return [_read(row) for row in rows]

    async def see_session(self, token_hash: str) -> None:
        await self._database.write("see_session", token_hash, self._database.given_time())

    async def drop_session(self, token_hash: str, facts: Sequence[Fact] = ()) -> None:
        await self._database.write("delete_session", token_hash, facts=facts)

    async def end_sessions(
        self,
        workspace: WorkspaceId,
        person_id: PersonId,
        ids: Sequence[str],
        facts: Sequence[Fact] = (),
    ) -> int:
        ended = await self._database.write(
            "end_some_sessions", workspace, person_id, list(ids), facts=facts
        )
        return len(ended)


def _read(row: Row) -> Session:
    workspace, token_hash, session_id, person_id, expires_at, created_at, *rest = row
    authenticated_at, seen_at, method, strength, provider, device = rest
    return Session(
        workspace=WorkspaceId(workspace),
        hash=token_hash,
        id=session_id,
        person_id=PersonId(person_id),
        expires_at=expires_at,
        created_at=created_at,
        authenticated_at=authenticated_at,
        seen_at=seen_at,
        method=method,
        strength=Strength(strength),
        provider=provider,
        device=device,
    )
