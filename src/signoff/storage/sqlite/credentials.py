"""API keys, sign-in links and sessions, all by the hash of their secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import apsw

from signoff.core.facts import Fact
from signoff.core.words import KeyId, PersonId, WorkspaceId
from signoff.engine.ports import Clock, KeyKind, KeyRow, Page, SignInToken
from signoff.storage.sqlite.connection import Row, row, rows, run, write
from signoff.storage.sqlite.facts import add_facts
from signoff.storage.sqlite.values import LAST_ID, maybe_moment, micros, moment


def add_key(connection: apsw.Connection, new: KeyRow, facts: Sequence[Fact]) -> None:
    """Add a key."""
    values = (
        new.workspace,
        new.id,
        new.kind.value,
        new.hash,
        new.hint,
        new.label,
        new.agent,
        new.person_id,
        new.created_at,
        new.revoked_at,
    )
    write(connection, "insert_key", [values])
    add_facts(connection, facts)


def key(connection: apsw.Connection, key_hash: str) -> KeyRow | None:
    """A key, revoked or not."""
    found = row(connection, "key_by_hash", hash=key_hash)
    return None if found is None else _key(found)


def keys(connection: apsw.Connection, workspace: WorkspaceId, page: Page) -> list[KeyRow]:
    """A page of keys, newest first."""
    before = LAST_ID if page.before is None else page.before
    found = rows(connection, "page_keys", workspace=workspace, before=before, limit=page.limit)
    return [_key(row) for row in found]


def revoke_key(
    connection: apsw.Connection,
    clock: Clock,
    workspace: WorkspaceId,
    key_id: KeyId,
    facts: Sequence[Fact],
) -> bool:
    """Revoke a key; False where there is none. Nothing is told of one that was revoked before."""
    now = micros(clock.now())
    if run(connection, "revoke_key", workspace=workspace, id=key_id, now=now):
        add_facts(connection, facts)
        return True
    return row(connection, "key_by_id", workspace=workspace, id=key_id) is not None


def add_sign_in(
    connection: apsw.Connection, clock: Clock, token: SignInToken, facts: Sequence[Fact]
) -> None:
    """Keep a sign-in token, and drop those nobody can spend any more."""
    run(connection, "forget_sign_ins", now=micros(clock.now()))
    write(connection, "insert_sign_in", [_token_row(token)])
    add_facts(connection, facts)


def spend_sign_in(connection: apsw.Connection, clock: Clock, token_hash: str) -> SignInToken | None:
    """Take the token away and return it, unless it has expired."""
    found = row(connection, "spend_sign_in", hash=token_hash, now=micros(clock.now()))
    return None if found is None else _token(found)


def _key(row: Row) -> KeyRow:
    workspace, key_id, kind, key_hash, hint = cast(tuple[str, ...], row[:5])
    label, agent, person_id = cast(tuple[str | None, ...], row[5:8])
    created_at, revoked_at = cast(tuple[int, int | None], row[8:])
    return KeyRow(
        workspace=WorkspaceId(workspace),
        id=KeyId(key_id),
        kind=KeyKind(kind),
        hash=key_hash,
        hint=hint,
        label=label,
        agent=agent,
        person_id=PersonId(person_id) if person_id is not None else None,
        created_at=moment(created_at),
        revoked_at=maybe_moment(revoked_at),
    )


def _token_row(token: SignInToken) -> tuple[object, ...]:
    return token.workspace, token.hash, token.person_id, token.expires_at


def _token(row: Row) -> SignInToken:
    workspace, token_hash, person_id, expires_at = cast(tuple[str, str, str, int], row)
    return SignInToken(
        workspace=WorkspaceId(workspace),
        hash=token_hash,
        person_id=PersonId(person_id),
        expires_at=moment(expires_at),
    )
