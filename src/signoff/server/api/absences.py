"""Absences: from when until when somebody is away, and who stands in for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from signoff.core.routing import Absence, names_person
from signoff.core.words import PersonId
from signoff.engine.ports import KeyKind, PersonRow
from signoff.errors import FieldError, Forbidden, UnknownPerson
from signoff.server import absences as rules
from signoff.server import documents as d
from signoff.server import rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.api.people import person_row, rewritten
from signoff.server.api.times import LATEST
from signoff.server.ics import read_ics
from signoff.server.visibility import reads_all

ICS_HORIZON = timedelta(days=366)


async def read(call: Call[None, NoQuery]) -> Reply:
    """When somebody is away; for themselves and for whoever reads everything."""
    row = await person_row(call)
    if not (_is_about_the_caller(call, row) or reads_all(call.caller)):
        raise Forbidden("when somebody is away is for themselves and for operators to read")
    return Reply(document=d.Absences(absences=await _shown(call, row.person.absences)))


async def put(call: Call[b.GivenAbsences, NoQuery]) -> Reply:
    """Say when somebody is away; what was said before is forgotten."""
    row = await _writable(call)
    now, zone = await call.services.store.now(), await _zone(call, row)
    given = [
        await _absence(call, each, row, f"absences.{at}", zone=zone, now=now)
        for at, each in enumerate(call.body.absences)
    ]
    rules.require_in_order(given)
    await _require_no_circle(call, row, given)
    absences = await _written(call, row, given, now=now)
    return Reply(document=d.Absences(absences=await _shown(call, absences)))


async def import_ics(call: Call[b.AbsenceImport, NoQuery]) -> Reply:
    """Add the absences that a calendar speaks of."""
    row, body = await _writable(call), call.body
    now, zone = await call.services.store.now(), await _zone(call, row)
    substitute = await _substitute(call, body.substitute, row, "substitute")
    # Some 0.3 ms for each event: not on the loop that everybody else waits on.
    found = await asyncio.to_thread(
        read_ics, body.ics, zone=zone, since=now, until=now + ICS_HORIZON
    )
    known = [each for each in row.person.absences if each.end > now]
    added = rules.add(known, found.away, substitute=substitute, summaries=body.summaries)
    await _require_no_circle(call, row, added.absences, field="substitute")
    absences = await _written(call, row, added.absences, now=now)
    full = f"there is room for {rules.MAX_ABSENCES} absences"
    left_out = [d.LeftOut(summary=each.summary, why=each.why) for each in found.unused]
    left_out += [d.LeftOut(summary=each.summary, why=full) for each in added.dropped]
    document = d.ImportedAbsences(
        absences=await _shown(call, absences), imported=found.events, left_out=left_out
    )
    return Reply(document=document)


# Who may


def _is_about_the_caller(call: Call[Any, Any], row: PersonRow) -> bool:
    return call.caller.person is not None and call.caller.person.id == row.person.id


async def _writable(call: Call[Any, Any]) -> PersonRow:
    """The person, once it is sure that the caller may say when they are away.

    :raises Forbidden: it is neither themselves nor an administrator.
    """
    row = await person_row(call)
    if call.caller.kind is not KeyKind.ADMIN and not _is_about_the_caller(call, row):
        raise Forbidden("a person says for themselves when they are away, or an administrator does")
    return row


# From what is given to absences


async def _absence(
    call: Call[Any, Any],
    given: b.GivenAbsence,
    row: PersonRow,
    field: str,
    *,
    zone: str,
    now: datetime,
) -> Absence:
    end = rules.read_end(given.end, zone=zone, field=f"{field}.end")
    if end - now > LATEST:
        raise rules.refused(f"{field}.end", "is further away than ten years")
    return Absence(
        start=rules.read_start(given.start, zone=zone, field=f"{field}.start"),
        end=end,
        substitute=await _substitute(call, given.substitute, row, f"{field}.substitute"),
        note=given.note or None,
    )


async def _zone(call: Call[Any, Any], row: PersonRow) -> str:
    """Where their days begin and end."""
    return row.time_zone or (await call.services.store.settings(row.workspace)).zone


async def _substitute(
    call: Call[Any, Any], reference: str | None, row: PersonRow, field: str
) -> PersonId | None:
    if reference is None:
        return None
    named = names_person(reference)
    if named is None:
        raise rules.refused(field, "must be a person, not a role or group")
    found = await call.services.store.person(row.workspace, named)
    if found is None or found.person.disabled:
        message = f"{reference} is not known in this workspace, or disabled"
        raise UnknownPerson(message, errors=[FieldError(field, message)])
    if found.person.id == row.person.id:
        raise rules.refused(field, "nobody stands in for themselves")
    return found.person.id


async def _require_no_circle(
    call: Call[Any, Any], row: PersonRow, given: Sequence[Absence], *, field: str | None = None
) -> None:
    """Refuse whoever would stand in for the person by way of the person."""
    named = tuple({each.substitute for each in given if each.substitute})
    if not named:
        return
    directory = await call.services.store.directory(row.workspace, people=named)
    for at, each in enumerate(given):
        path = rules.circle(row.person.id, each, directory)
        if path is not None:
            whole = " -> ".join((row.person.email, *path))
            message = f"they are away then too, and it comes back to the same person: {whole}"
            raise rules.refused(field or f"absences.{at}.substitute", message)


async def _written(
    call: Call[Any, Any], row: PersonRow, given: Sequence[Absence], *, now: datetime
) -> tuple[Absence, ...]:
    """Keep the absences that have not passed, in order."""
    order = sorted(given, key=lambda each: each.start)
    absences = tuple(each for each in order if each.end > now)

    def away(before: PersonRow) -> PersonRow:
        return replace(before, person=replace(before.person, absences=absences))

    await rewritten(call, row, away)
    return absences


async def _shown(call: Call[Any, Any], absences: Sequence[Absence]) -> list[d.Absence]:
    named = tuple({each.substitute for each in absences if each.substitute})
    directory = await call.services.store.directory(call.caller.workspace, people=named)
    people = {each: directory.get(each) for each in named}
    emails = {each: person.email for each, person in people.items() if person is not None}
    return [
        rendering.absence(
            each,
            substitute=emails.get(each.substitute, each.substitute) if each.substitute else None,
        )
        for each in absences
    ]
