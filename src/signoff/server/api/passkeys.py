"""Passkeys over the API: one's own, and what to sign an answer with."""

from __future__ import annotations

from typing import Any

import msgspec

from signoff.core.moments import rfc3339
from signoff.engine.ports import PasskeyRow, PersonRow
from signoff.errors import NotAPerson, NotFound
from signoff.server import documents as d
from signoff.server import passkeys
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Nothing, Reply


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """One's own passkeys."""
    row = _own(call)
    known = await call.services.store.passkeys(row.workspace, row.person.id)
    return Reply(document=d.Passkeys(passkeys=[_shown(each) for each in known]))


async def challenge(call: Call[Nothing, NoQuery]) -> Reply:
    """What to make a passkey with, now and with this key."""
    options = await passkeys.creation_options(call.services, _own(call), secret=_secret(call))
    return Reply(document=d.PasskeyRequest(options=options))


async def add(call: Call[b.NewPasskey, NoQuery]) -> Reply:
    """Keep a passkey that was made with such a challenge."""
    made = await passkeys.register(
        call.services,
        _own(call),
        msgspec.to_builtins(call.body.credential),
        secret=_secret(call),
        label=(call.body.label or "").strip() or None,
    )
    return Reply(document=d.OnePasskey(passkey=_shown(made)), created=True)


async def remove(call: Call[None, NoQuery]) -> Reply:
    """Take a passkey away: it signs nothing any more. What it has signed stays signed."""
    removed = await passkeys.remove(call.services, _own(call), call.path["passkey_id"])
    if removed is None:
        raise NotFound("you have no such passkey; list yours with GET /v1/me/passkeys")
    return Reply(document=d.OnePasskey(passkey=_shown(removed)))


def _own(call: Call[Any, Any]) -> PersonRow:
    if call.caller.row is None:
        raise NotAPerson("only a person has passkeys; use a key made with --kind person")
    return call.caller.row


def _secret(call: Call[Any, Any]) -> str:
    """What this request proves its sender by: the key itself, which the store does not know."""
    return call.headers[b"authorization"].decode("latin-1")


def _shown(row: PasskeyRow) -> d.Passkey:
    return d.Passkey(id=row.credential_id, label=row.label, created_at=rfc3339(row.created_at))
