"""Passkeys: whose they are, with what public key, and how often they have been used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import PasskeyRow
from signoff.errors import AlreadyExists
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.values import moment


def add(connection: apsw.Connection, new: PasskeyRow, facts: Sequence[Fact]) -> None:
    """Add a passkey.

    :raises AlreadyExists: it is somebody's already.
    """
    whose = new.workspace, new.credential_id, new.person_id
    values = *whose, new.public_key, new.label, new.sign_count, new.created_at
    if not write(connection, "insert_passkey", [values]):
        raise AlreadyExists("this passkey is registered in this workspace already")
    add_facts(connection, facts)


def of_person(
    connection: apsw.Connection, workspace: WorkspaceId, person_id: PersonId
) -> list[PasskeyRow]:
    """The passkeys of one person, oldest first."""
    found = rows(connection, "passkeys_of_person", workspace=workspace, person_id=person_id)
    return sorted(map(_passkey, found), key=lambda each: (each.created_at, each.credential_id))


def by_id(
    connection: apsw.Connection, workspace: WorkspaceId, credential_id: str
) -> PasskeyRow | None:
    """One passkey."""
    found = row(connection, "passkey_by_id", workspace=workspace, credential_id=credential_id)
    return None if found is None else _passkey(found)


def used(
    connection: apsw.Connection, workspace: WorkspaceId, credential_id: str, sign_count: int
) -> bool:
    """Note the counter of a use; False where it does not go up."""
    named = {"workspace": workspace, "credential_id": credential_id}
    return bool(run(connection, "use_passkey", sign_count=sign_count, **named))


def remove(
    connection: apsw.Connection,
    workspace: WorkspaceId,
    credential_id: str,
    facts: Sequence[Fact],
) -> bool:
    """Take a passkey away; False where there is none."""
    named = {"workspace": workspace, "credential_id": credential_id}
    removed = bool(run(connection, "delete_passkey", **named))
    if removed:
        add_facts(connection, facts)
    return removed


def _passkey(found: Row) -> PasskeyRow:
    workspace, credential_id, person_id, public_key, label, sign_count, created_at = cast(
        tuple[str, str, str, str, str | None, int, int], found
    )
    return PasskeyRow(
        workspace=WorkspaceId(workspace),
        credential_id=credential_id,
        person_id=PersonId(person_id),
        public_key=public_key,
        label=label,
        sign_count=sign_count,
        created_at=moment(created_at),
    )
