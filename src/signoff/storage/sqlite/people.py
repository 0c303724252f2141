"""The directory: workspaces, people, and the selector tokens that reach them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.routing import Person, tokens
from signoff.core.words import PersonId, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.ports import Clock, Page, PersonRow
from signoff.engine.records import (
    PersonRecord,
    addresses,
    encode,
    person_record,
    read_person,
    settings_record,
)
from signoff.errors import AlreadyExists, ChangedMeanwhile, NotFound
from signoff.storage.erasing import ERASED_NAME, erased_address
from signoff.storage.sqlite.connection import row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.values import LAST_ID, Value, micros, record


def add_workspace(connection: apsw.Connection, clock: Clock, workspace: WorkspaceId) -> bool:
    """Create a workspace and its organization; False where it is there already."""
    now = micros(clock.now())
    organization = workspace.partition("/")[0]
    run(connection, "insert_organization", id=organization, now=now)
    return (
        run(connection, "insert_workspace", id=workspace, organization=organization, now=now) == 1
    )


def workspaces(connection: apsw.Connection) -> list[WorkspaceId]:
    """Every workspace by name."""
    return [WorkspaceId(name) for (name,) in cast(list[tuple[str]], rows(connection, "workspaces"))]


def save_settings(
    connection: apsw.Connection,
    clock: Clock,
    workspace: WorkspaceId,
    settings: WorkspaceSettings,
    *,
    by: str,
    facts: Sequence[Fact],
) -> None:
    """Write the next version of a workspace's settings.

    :raises ChangedMeanwhile: it is not the next one.
    """
    values: dict[str, Value] = settings_record(workspace, settings)._asdict()
    if not run(connection, "insert_settings", **values, now=micros(clock.now()), by=by):
        raise ChangedMeanwhile(
            f"the settings are not at version {settings.version - 1} any more; read them again"
        )
    add_facts(connection, facts)


def add_person(connection: apsw.Connection, new: PersonRow, facts: Sequence[Fact]) -> None:
    """Add a person.

    :raises AlreadyExists: an address of theirs is taken in that workspace.
    """
    _require_free(connection, new)
    if not write(connection, "insert_person", [person_record(new)]):
        raise AlreadyExists(f"there is a person {new.person.id} in this workspace already")
    _address(connection, new, had=frozenset())
    _reach(connection, new, had=frozenset())
    add_facts(connection, facts)


def update_person(connection: apsw.Connection, new: PersonRow, facts: Sequence[Fact]) -> None:
    """Replace what is known of a person.

    :raises NotFound: there is no such person in that workspace.
    :raises AlreadyExists: an address of theirs is somebody else's too.
    """
    old = person(connection, new.workspace, new.person.id)
    if old is None:
        raise NotFound(f"there is no person {new.person.id}")
    _require_free(connection, new)
    changed: dict[str, Value] = person_record(new)._asdict()
    del changed["created_at"]
    run(connection, "update_person", **changed)
    _address(connection, new, had=addresses(old.person))
    _reach(connection, new, had=frozenset(tokens(old.person)))
    add_facts(connection, facts)


def forget(connection: apsw.Connection, workspace: WorkspaceId, person_id: PersonId) -> bool:
    """Blank all that is known of a person but the id; False where there is nobody."""
    old = person(connection, workspace, person_id)
    if old is None or old.person.id != person_id:
        return False
    email = erased_address(person_id)
    named = {"workspace": workspace, "id": person_id}
    run(connection, "blank_person", email=email, name=ERASED_NAME, **named)
    new = person(connection, workspace, person_id)
    assert new is not None
    _address(connection, new, had=addresses(old.person))
    has = tokens(old.person)
    write(connection, "delete_person_tokens", [(workspace, token, person_id) for token in has])
    return True


def person(connection: apsw.Connection, workspace: WorkspaceId, reference: str) -> PersonRow | None:
    """One person by id or by lower-case mail address, an alias too."""
    found = row(connection, "person_by_reference", workspace=workspace, reference=reference)
    return None if found is None else read_person(record(PersonRecord, found))


def people(connection: apsw.Connection, workspace: WorkspaceId, page: Page) -> list[PersonRow]:
    """A page of people, newest first."""
    before = LAST_ID if page.before is None else page.before
    found = rows(connection, "page_people", workspace=workspace, before=before, limit=page.limit)
    return [read_person(record(PersonRecord, row)) for row in found]


def reached(
    connection: apsw.Connection, workspace: WorkspaceId, asked: Sequence[str], *, limit: int
) -> list[Person]:
    """Everybody enabled whom any of the tokens reaches, by id."""
    found = rows(
        connection, "reached_people", workspace=workspace, tokens=encode(asked), limit=limit
    )
    return [read_person(record(PersonRecord, row)).person for row in found]


def _reach(connection: apsw.Connection, row: PersonRow, *, had: frozenset[str]) -> None:
    """Bring the index of tokens in line with the person."""
    has = frozenset(tokens(row.person))
    key = row.workspace, row.person.id
    write(connection, "delete_person_tokens", [(key[0], token, key[1]) for token in had - has])
    write(connection, "insert_person_tokens", [(key[0], token, key[1]) for token in has - had])


def _address(connection: apsw.Connection, row: PersonRow, *, had: frozenset[str]) -> None:
    """Bring the addresses in line with the person."""
    has = addresses(row.person)
    key = row.workspace, row.person.id
    write(connection, "delete_addresses", [(key[0], old, key[1]) for old in had - has])
    write(connection, "insert_addresses", [(key[0], new, key[1]) for new in has - had])


def _require_free(connection: apsw.Connection, row: PersonRow) -> None:
    asked = {"workspace": row.workspace, "id": row.person.id}
    wanted = encode((row.person.email, *row.person.aliases))
    found = rows(connection, "address_of_another", addresses=wanted, **asked)
    if found:
        raise AlreadyExists(f"{found[0][0]} is somebody's address in this workspace already")
