"""Passkeys: whose they are, with what public key, and how often they have been used."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import PasskeyRow
from signoff.errors import AlreadyExists
from signoff.storage.postgres.database import Database, Row


class Passkeys:
    """The part of the store that knows the keys of people's devices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_passkey(self, row: PasskeyRow, facts: Sequence[Fact]) -> None:
        whose = row.workspace, row.credential_id, row.person_id
        values = *whose, row.public_key, row.label, row.sign_count, row.created_at
        if not await self._database.write("insert_passkey", *values, facts=facts):
            raise AlreadyExists("this passkey is registered in this workspace already")

    async def passkey(self, workspace: WorkspaceId, credential_id: str) -> PasskeyRow | None:
        row = await self._database.row("passkey_by_id", workspace, credential_id)
        return _passkey(row) if row else None

    async def passkeys(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[PasskeyRow]:
        rows = await self._database.rows("passkeys_of_person", workspace, person_id)
        return [_passkey(row) for row in rows]

    async def used_passkey(
        self, workspace: WorkspaceId, credential_id: str, sign_count: int
    ) -> bool:
        named = workspace, credential_id
        return bool(await self._database.write("use_passkey", *named, sign_count))

    async def remove_passkey(
        self, workspace: WorkspaceId, credential_id: str, facts: Sequence[Fact]
    ) -> bool:
        named = workspace, credential_id
        return bool(await self._database.write("delete_passkey", *named, facts=facts))


def _passkey(row: Row) -> PasskeyRow:
    workspace, credential_id, person_id, public_key, label, sign_count, created_at = row
    return PasskeyRow(
        workspace=WorkspaceId(workspace),
        credential_id=credential_id,
        person_id=PersonId(person_id),
        public_key=public_key,
        label=label,
        sign_count=sign_count,
        created_at=created_at,
    )
