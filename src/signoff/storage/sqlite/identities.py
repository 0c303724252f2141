"""Who vouches for whom: subjects of issuers, and the people they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.identities import Identity
from signoff.engine.records import encode
from signoff.errors import AlreadyExists
from signoff.storage.sqlite.connection import Row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.threaded import Threaded
from signoff.storage.sqlite.values import moment


class IdentityHalf(Threaded):
    """The part of the store that knows who vouches for whom."""

    async def add_identity(self, row: Identity, facts: Sequence[Fact] = ()) -> None:
        await self._writer.run(_add, row, facts)

    async def identified(self, issuer: str, subject: str) -> Sequence[Identity]:
        return await self._readers.run(_of_subject, issuer, subject)

    async def identities(self, workspace: WorkspaceId, person_id: PersonId) -> Sequence[Identity]:
        return await self._readers.run(_of_person, workspace, person_id)

    async def subjects(
        self, workspace: WorkspaceId, issuer: str, people: Sequence[PersonId]
    ) -> Mapping[PersonId, str]:
        return await self._readers.run(_subjects, workspace, issuer, people) if people else {}

    async def remove_identity(
        self, workspace: WorkspaceId, issuer: str, subject: str, facts: Sequence[Fact] = ()
    ) -> bool:
        return await self._writer.run(_remove, (workspace, issuer, subject), facts)


def _add(connection: apsw.Connection, new: Identity, facts: Sequence[Fact]) -> None:
    values = (new.workspace, new.issuer, new.subject, new.person_id, new.label, new.created_at)
    if write(connection, "insert_identity", [values]):
        add_facts(connection, facts)
        return
    there = _of_subject(connection, new.issuer, new.subject)
    here = [each for each in there if each.workspace == new.workspace]
    if [each.person_id for each in here] != [new.person_id]:
        raise AlreadyExists("somebody else in this workspace is known by that already")


def _of_subject(connection: apsw.Connection, issuer: str, subject: str) -> list[Identity]:
    found = rows(connection, "identities_of_subject", issuer=issuer, subject=subject)
    return [_identity(each) for each in found]


def _of_person(
    connection: apsw.Connection, workspace: WorkspaceId, person_id: PersonId
) -> list[Identity]:
    found = rows(connection, "identities_of_person", workspace=workspace, person_id=person_id)
    return sorted(map(_identity, found), key=lambda each: (each.created_at, each.subject))


def _subjects(
    connection: apsw.Connection, workspace: WorkspaceId, issuer: str, people: Sequence[PersonId]
) -> dict[PersonId, str]:
    asked = {"workspace": workspace, "issuer": issuer, "ids": encode(people)}
    found = cast(list[tuple[str, str]], rows(connection, "subjects_of_people", **asked))
    return {PersonId(person_id): subject for person_id, subject in found}


def _remove(
    connection: apsw.Connection, key: tuple[WorkspaceId, str, str], facts: Sequence[Fact]
) -> bool:
    workspace, issuer, subject = key
    named = {"workspace": workspace, "issuer": issuer, "subject": subject}
    removed = bool(run(connection, "delete_identity", **named))
    if removed:
        add_facts(connection, facts)
    return removed


def _identity(found: Row) -> Identity:
    workspace, issuer, subject, person_id, label, created_at = cast(
        tuple[str, str, str, str, str | None, int], found
    )
    return Identity(
        workspace=WorkspaceId(workspace),
        issuer=issuer,
        subject=subject,
        person_id=PersonId(person_id),
        label=label,
        created_at=moment(created_at),
    )
