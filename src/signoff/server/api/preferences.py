"""How a person wants to be told, and to read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import UNSET

from signoff.core.preferences import Preferences, SavedFilter
from signoff.engine.ports import KeyKind, PersonRow
from signoff.errors import Forbidden
from signoff.server import documents as d
from signoff.server import preferences as rules
from signoff.server import rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.people import person_row
from signoff.server.visibility import reads_all


async def read(call: Call[None, NoQuery]) -> Reply:
    """What somebody has chosen; for themselves and for whoever reads everything."""
    row = await person_row(call)
    if not (_is_the_caller(call, row) or reads_all(call.caller)):
        raise Forbidden("how somebody wants to be told is for themselves and for operators to read")
    return _shown(await rules.chosen_by(call.services.store, row.workspace, row.person.id))


async def change(call: Call[b.PreferencesChange, NoQuery]) -> Reply:
    """Change what is named; null goes back to what holds for everybody."""
    row = await person_row(call)
    if call.caller.kind is not KeyKind.ADMIN and not _is_the_caller(call, row):
        raise Forbidden("a person says for themselves how they are told, or an administrator does")
    store = call.services.store
    before = await rules.chosen_by(store, row.workspace, row.person.id)
    chosen = _changed(before, call.body)
    await rules.save(store, row.workspace, row.person.id, chosen, by=call.caller.actor)
    return _shown(chosen)


def _changed(before: Preferences, body: b.PreferencesChange) -> Preferences:
    changed: dict[str, Any] = {}
    if body.language is not UNSET:
        changed["language"] = rules.language(body.language)
    if body.channels is not UNSET:
        changed["channels"] = rules.channels(body.channels)
    if body.quiet is not UNSET:
        given = body.quiet
        changed["quiet"] = given and rules.quiet(given.start, given.end, urgent=given.urgent)
    if body.digest_at is not None:
        changed["digest_at"] = rules.clock(body.digest_at, field="digest_at")
    if body.muted is not None:
        changed["muted"] = tuple(dict.fromkeys(body.muted))
    if body.filters is not None:
        found = [SavedFilter(name=each.name.strip(), query=each.query) for each in body.filters]
        changed["filters"] = rules.filters(found)
    plain = {"theme": body.theme, "everywhere": body.everywhere, "digest": body.digest}
    changed |= {name: value for name, value in plain.items() if value is not None}
    return replace(before, **changed)


def _is_the_caller(call: Call[Any, Any], row: PersonRow) -> bool:
    return call.caller.person is not None and call.caller.person.id == row.person.id


def _shown(chosen: Preferences) -> Reply:
    return Reply(document=d.OnePreferences(preferences=rendering.preferences(chosen)))
