"""Erasing values for good, and the holds that forbid it. For administrators alone."""

from __future__ import annotations

import uuid6

from signoff.core.moments import rfc3339
from signoff.core.words import IntentId, PersonId
from signoff.engine.log.forgetting import Wanted
from signoff.engine.log.ports import Hold
from signoff.engine.ports import KeyKind
from signoff.errors import Forbidden, InvalidInput
from signoff.server import documents as d
from signoff.server import ids
from signoff.server.api import bodies as b
from signoff.server.api import times
from signoff.server.api.audit import require_reader
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.auth import Caller

_KINDS = ("intent", "subject", "person", "retention_class")


async def erase(call: Call[b.ErasureOrder, NoQuery]) -> Reply:
    """Erase values and their salts; what is recorded about them stays, and so do all proofs."""
    _require_administrator(call.caller)
    wanted = await _wanted(call)
    found = await call.services.ledger.erase(
        call.caller.workspace, wanted, call.caller.actor, dry_run=call.body.dry_run
    )
    return Reply(
        document=d.Erasure(
            intents=found.intents,
            entries=found.entries,
            fields=sorted(found.fields),
            held=list(found.held),
            dry_run=call.body.dry_run,
            scrubbed=found.scrubbed,
        )
    )


async def place(call: Call[b.NewHold, NoQuery]) -> Reply:
    """Let nothing that the hold covers be erased."""
    _require_administrator(call.caller)
    body, caller = call.body, call.caller
    if (body.scope == "workspace") == bool(body.target):
        raise InvalidInput.at("target", "say what is held; for all the workspace leave it out")
    if body.scope == "intent":
        target = ids.intent_id(body.target)
        if await call.services.store.intent(caller.workspace, target) is None:
            raise ids.no_such("intent")
    hold = Hold(
        workspace=caller.workspace,
        id=f"hold_{uuid6.uuid7().hex}",
        scope=body.scope,
        target=body.target,
        reason=body.reason,
        placed_by=caller.actor.id,
        placed_at=await call.services.store.now(),
    )
    await call.services.ledger.place_hold(hold, caller.actor)
    return Reply(document=_hold(hold), created=True)


async def lift(call: Call[b.Lifting, NoQuery]) -> Reply:
    """Lift a hold."""
    _require_administrator(call.caller)
    caller, hold_id = call.caller, call.path["hold_id"]
    await call.services.ledger.lift_hold(caller.workspace, hold_id, call.body.reason, caller.actor)
    found = await call.services.store.holds(caller.workspace)
    return Reply(document=_hold(next(each for each in found if each.id == hold_id)))


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """The holds that stand and those that were lifted, newest first."""
    require_reader(call.caller)
    found = await call.services.store.holds(call.caller.workspace)
    return Reply(document=d.Holds(holds=[_hold(each) for each in found]))


def _require_administrator(caller: Caller) -> None:
    if caller.kind is KeyKind.ADMIN:
        return
    if caller.person is None or "administrator" not in caller.person.roles:
        raise Forbidden("only an administrator erases, or holds")


async def _wanted(call: Call[b.ErasureOrder, NoQuery]) -> Wanted:
    body = call.body
    given = [name for name in _KINDS if getattr(body, name) is not None]
    if len(given) != 1:
        names = ", ".join(_KINDS)
        raise InvalidInput.at("intent", f"say what to erase, and one thing alone: one of {names}")
    before = None
    if body.before is not None:
        if body.retention_class is None:
            raise InvalidInput.at("before", "this goes with a retention class alone")
        before = times.recorded(body.before, field="before")
    person = None
    if body.person is not None:
        row = await call.services.store.person(call.caller.workspace, body.person.strip().lower())
        if row is None:
            raise ids.no_such("person")
        person = row.person.id
    return Wanted(
        reason=body.reason,
        intent_id=IntentId(ids.intent_id(body.intent)) if body.intent else None,
        subject=body.subject,
        person_id=PersonId(person) if person else None,
        retention_class=body.retention_class,
        before=before,
        fields=frozenset(body.fields) or None,
    )


def _hold(hold: Hold) -> d.Hold:
    return d.Hold(
        id=hold.id,
        scope=hold.scope,
        target=hold.target,
        reason=hold.reason,
        placed_by=hold.placed_by,
        placed_at=rfc3339(hold.placed_at),
        lifted_at=rfc3339(hold.lifted_at) if hold.lifted_at else None,
    )
