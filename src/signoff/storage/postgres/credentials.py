"""Keys, sign-in links and sessions, all of them by the hash of their secret only."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.facts import Fact
from signoff.core.words import KeyId, PersonId, WorkspaceId
from signoff.engine.ports import KeyKind, KeyRow, Page, SignInToken
from signoff.storage.postgres.database import Database, Row
from signoff.storage.postgres.reading import LAST


class Credentials:
    """The part of the store that says what a secret stands for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_key(self, row: KeyRow, facts: Sequence[Fact] = ()) -> None:
        await self._database.write(
            "insert_key",
            *(row.workspace, row.id, row.kind, row.hash, row.hint, row.label),
            *(row.agent, row.person_id, row.created_at, row.revoked_at),
            facts=facts,
        )

    async def key(self, key_hash: str) -> KeyRow | None:
        row = await self._database.row("key_by_hash", key_hash)
        return _key(row) if row else None

    async def keys(self, workspace: WorkspaceId, page: Page) -> Sequence[KeyRow]:
        before = LAST if page.before is None else page.before
        rows = await self._database.rows("page_keys", workspace, before, page.limit)
        return [_key(row) for row in rows]

    async def revoke_key(
        self, workspace: WorkspaceId, key_id: KeyId, facts: Sequence[Fact] = ()
    ) -> bool:
        """Nothing is told of a key that was revoked before."""
        now = self._database.given_time()
        if await self._database.write("revoke_key", workspace, key_id, now, facts=facts):
            return True
        return await self._database.row("key_by_id", workspace, key_id) is not None

    async def add_sign_in(self, token: SignInToken, facts: Sequence[Fact] = ()) -> None:
        values = *_values(token), self._database.given_time()
        await self._database.write("insert_sign_in", *values, facts=facts)

    async def spend_sign_in(self, token_hash: str) -> SignInToken | None:
        now = self._database.given_time()
        rows = await self._database.write("spend_sign_in", token_hash, now)
        return _token(rows[0]) if rows else None


def _key(row: Row) -> KeyRow:
    workspace, key_id, kind, key_hash, hint, label, agent, person_id, created_at, revoked_at = row
    return KeyRow(
        workspace=WorkspaceId(workspace),
        id=KeyId(key_id),
        kind=KeyKind(kind),
        hash=key_hash,
        hint=hint,
        label=label,
        agent=agent,
        person_id=PersonId(person_id) if person_id else None,
        created_at=created_at,
        revoked_at=revoked_at,
    )


def _values(token: SignInToken) -> tuple[object, ...]:
    return token.workspace, token.hash, token.person_id, token.expires_at


def _token(row: Row) -> SignInToken:
    workspace, token_hash, person_id, expires_at = row
    return SignInToken(
        workspace=WorkspaceId(workspace),
        hash=token_hash,
        person_id=PersonId(person_id),
        expires_at=expires_at,
    )
