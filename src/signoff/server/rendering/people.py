"""People and keys."""

from __future__ import annotations

from typing import Any

from signoff.core.moments import rfc3339
from signoff.core.routing import Absence
from signoff.engine.ports import KeyRow, PersonRow
from signoff.server import documents as d
from signoff.server.rendering.times import time


def person(row: PersonRow) -> d.Person:
    who = row.person
    return d.Person(
        id=who.id,
        email=who.email,
        aliases=list(who.aliases),
        name=who.name,
        roles=list(who.roles),
        groups=list(who.groups),
        attributes=dict(who.attributes),
        region=who.region,
        time_zone=row.time_zone,
        calendar=who.calendar,
        disabled=who.disabled,
        created_at=rfc3339(row.created_at),
    )


def absence(away: Absence, *, substitute: str | None) -> d.Absence:
    """One absence; ``substitute`` is the mail address of whoever stands in."""
    return d.Absence(
        start=rfc3339(away.start), end=rfc3339(away.end), substitute=substitute, note=away.note
    )


def key(row: KeyRow, *, person: str | None) -> d.Key:
    return d.Key(**_key(row, person))


def new_key(row: KeyRow, *, person: str | None, secret: str) -> d.NewKey:
    return d.NewKey(**_key(row, person), key=secret)


def _key(row: KeyRow, person: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "hint": row.hint,
        "label": row.label,
        "agent": row.agent,
        "person": person,
        "created_at": rfc3339(row.created_at),
        "revoked_at": time(row.revoked_at),
    }
