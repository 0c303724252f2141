"""Who vouches for whom: subjects of issuers, and the people they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.identities import Identity
from signoff.errors import AlreadyExists
from signoff.storage.postgres.database import Database, Row


class Identities:
    """The part of the store that knows who vouches for whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_identity(self, row: Identity, facts: Sequence[Fact] = ()) -> None:
        values = (row.workspace, row.issuer, row.subject, row.person_id, row.label, row.created_at)
        if await self._database.write("insert_identity", *values, facts=facts):
            return
        there = await self.identified(row.issuer, row.subject)
        here = [each for each in there if each.workspace == row.workspace]
        if [each.person_id for each in here] != [row.person_id]:
            raise AlreadyExists("somebody else in this workspace is known by that already")

    async def identified(self, issuer: str, subject: str) -> Sequence[Identity]:
        rows = await self._database.rows("identities_of_subject", issuer, subject)
        return [_identity(row) for row in rows]

    async def identities(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[Identity]:
        rows = await self._database.rows("identities_of_person", workspace, person_id)
        return [_identity(row) for row in rows]

    async def subjects(
        self, workspace: WorkspaceId, issuer: str, people: Sequence[PersonId]
    ) -> Mapping[PersonId, str]:
        rows = await self._database.rows("subjects_of_people", workspace, issuer, list(people))
        return {PersonId(person_id): subject for person_id, subject in rows}

    async def remove_identity(
        self, workspace: WorkspaceId, issuer: str, subject: str, facts: Sequence[Fact] = ()
    ) -> bool:
        key = workspace, issuer, subject
        return bool(await self._database.write("delete_identity", *key, facts=facts))


def _identity(row: Row) -> Identity:
    workspace, issuer, subject, person_id, label, created_at = row
    return Identity(
        workspace=WorkspaceId(workspace),
        issuer=issuer,
        subject=subject,
        person_id=PersonId(person_id),
        label=label,
        created_at=created_at,
    )
