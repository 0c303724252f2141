"""Workspaces and the people in them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from signoff.core import routing
from signoff.core.facts import Fact
from signoff.core.words import WorkspaceId
from signoff.engine.ports import Page, PersonRow
from signoff.engine.records import PersonRecord, addresses, person_record, read_person
from signoff.errors import AlreadyExists, NotFound, SignoffError
from signoff.storage.postgres.database import Database, Row
from signoff.storage.postgres.reading import LAST


class People:
    """The part of the store that knows who is who."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_workspace(self, workspace: WorkspaceId) -> bool:
        organization = workspace.partition("/")[0]
        now = self._database.given_time()
        return bool(await self._database.write("insert_workspace", workspace, organization, now))

    async def workspaces(self) -> Sequence[WorkspaceId]:
        return [WorkspaceId(row[0]) for row in await self._database.rows("workspaces")]

    async def add_person(self, row: PersonRow, facts: Sequence[Fact] = ()) -> None:
        values = *person_record(row), _addresses(row.person), _reach(row.person)
        await self._write("insert_person", *values, facts=facts)

    async def update_person(self, row: PersonRow, facts: Sequence[Fact] = ()) -> None:
        record = person_record(row)
        values = [
            *(record.workspace, record.id, record.email, record.name, record.region),
            *(record.time_zone, record.disabled, record.roles, record.groups, record.details),
            *(_addresses(row.person), _reach(row.person)),
        ]
        if not await self._write("update_person", *values, facts=facts):
            raise NotFound(f"there is no person {row.person.id}")

    async def person(self, workspace: WorkspaceId, reference: str) -> PersonRow | None:
        row = await self._database.row("person_by_reference", workspace, reference)
        return read_person(PersonRecord._make(row)) if row else None

    async def people(self, workspace: WorkspaceId, page: Page) -> Sequence[PersonRow]:
        before = LAST if page.before is None else page.before
        rows = await self._database.rows("page_people", workspace, before, page.limit)
        return [read_person(PersonRecord._make(row)) for row in rows]

    async def reached(
        self, workspace: WorkspaceId, tokens: Sequence[str], *, limit: int
    ) -> Sequence[routing.Person]:
        rows = await self._database.rows("reached_people", workspace, tokens, limit)
        return [read_person(PersonRecord._make(row)).person for row in rows]

    async def _write(self, query: str, *values: object, facts: Sequence[Fact]) -> Sequence[Row]:
        """Write a person; what is unique says whether an address of theirs is taken."""
        try:
            return await self._database.write(query, *values, facts=facts)
        except SignoffError as error:
            cause = error.__cause__
            if isinstance(cause, asyncpg.UniqueViolationError):
                raise AlreadyExists(_TAKEN.format(_key_in(cause))) from None
            raise


_TAKEN = "{} is somebody's in this workspace already"


def _key_in(error: asyncpg.UniqueViolationError) -> str:
    """What was taken: the last value of the key that the server names."""
    return str(error.detail or "").partition(")=(")[2].partition(")")[0].rpartition(", ")[2]


def _addresses(person: routing.Person) -> Sequence[str]:
    return sorted(addresses(person))


def _reach(person: routing.Person) -> Sequence[str]:
    return sorted(set(routing.tokens(person)))
