"""API keys: made once, shown once, revoked for good."""

from __future__ import annotations

import re

from signoff.core.words import WorkspaceId
from signoff.engine.ports import KeyKind, KeyRow, Page, PersonRow
from signoff.errors import FieldError, InvalidInput, UnknownPerson
from signoff.server import documents as d
from signoff.server import ids, recording, rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.auth import mint

_AGENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


async def create(call: Call[b.KeyOrder, NoQuery]) -> Reply:
    """Make a key. Its secret is in this answer and nowhere else."""
    body, store, workspace = call.body, call.services.store, call.caller.workspace
    agent = _agent(body, workspace)
    person = await _person(call)
    made = mint(body.kind)
    row = KeyRow(
        workspace=workspace,
        id=ids.new_key_id(),
        kind=body.kind,
        hash=made.hash,
        hint=made.hint,
        label=body.label,
        agent=agent,
        person_id=person.person.id if person else None,
        created_at=await store.now(),
    )
    await store.add_key(row, await recording.key_made(store, call.caller.actor, row))
    email = person.person.email if person else None
    return Reply(document=rendering.new_key(row, person=email, secret=made.secret), created=True)


async def read_all(call: Call[None, b.KeysQuery]) -> Reply:
    """List keys without their secrets, newest first."""
    query = call.query
    page = Page(limit=query.limit + 1, before=query.before)
    found = await call.services.store.keys(call.caller.workspace, page)
    rows = found[: query.limit]
    after = rows[-1].id if len(found) > query.limit else None
    emails = {row.person_id: await _email(call, row) for row in rows}
    shown = [rendering.key(row, person=emails[row.person_id]) for row in rows]
    return Reply(document=d.Keys(keys=shown, next=after))


async def revoke(call: Call[None, NoQuery]) -> Reply:
    """Revoke a key: at once in this process, within a second in every other."""
    key_id = ids.key_id(call.path["key_id"])
    store, workspace = call.services.store, call.caller.workspace
    told = await recording.key_revoked(store, workspace, call.caller.actor, key_id)
    known = await store.revoke_key(workspace, key_id, told)
    call.around.keys.forget()
    if not known:
        raise ids.no_such("key")
    # "g" follows every hexadecimal digit, so the page before this begins with the key itself.
    [row] = await store.keys(workspace, Page(limit=1, before=f"{key_id}g"))
    return Reply(document=rendering.key(row, person=await _email(call, row)))


def _agent(body: b.KeyOrder, workspace: WorkspaceId) -> str | None:
    """The full address of the agent; a plain name is one of this workspace."""
    if (body.agent is not None) != (body.kind is KeyKind.AGENT):
        raise InvalidInput.at(
            "agent", "a key of kind agent needs an agent, and no other kind has one"
        )
    if body.agent is None:
        return None
    home = f"agent://{workspace}/"
    name = body.agent.removeprefix(home)
    if not _AGENT_NAME.fullmatch(name):
        raise InvalidInput.at(
            "agent", f"write {home}NAME, or just NAME: letters, digits, dots, dashes"
        )
    return home + name


async def _person(call: Call[b.KeyOrder, NoQuery]) -> PersonRow | None:
    body = call.body
    if (body.person is not None) != (body.kind is KeyKind.PERSON):
        raise InvalidInput.at(
            "person", "a key of kind person needs a person, and no other kind has one"
        )
    if body.person is None:
        return None
    reference = body.person.strip().lower()
    row = await call.services.store.person(call.caller.workspace, reference)
    if row is None or row.person.disabled:
        message = f"{body.person} is not known in this workspace, or disabled"
        raise UnknownPerson(message, errors=[FieldError("person", message)])
    return row


async def _email(call: Call[None, b.KeysQuery] | Call[None, NoQuery], row: KeyRow) -> str | None:
    if row.person_id is None:
        return None
    found = await call.services.store.person(row.workspace, row.person_id)
    return found.person.email if found else None
