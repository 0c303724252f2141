"""The page on which people say when they are away, and who stands in for them.

One's own; an administrator opens that of anybody. The rules are those of the API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from starlette.responses import Response

from signoff.channels import phrases
from signoff.core.durations import LONGEST
from signoff.core.routing import Absence, Directory, names_person
from signoff.core.words import PersonId
from signoff.engine.ports import PersonRow
from signoff.errors import FieldError, InvalidInput, NotFound
from signoff.server import absences as rules
from signoff.server import recording
from signoff.server.ics import read_ics
from signoff.server.inbox import looking, pages
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.session import Visit, require_ours
from signoff.server.inbox.uploads import read_upload

PATH = "/inbox/absence"
ICS_HORIZON = timedelta(days=366)
_ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose absences the page is about. ``zone`` is where their days begin and end."""

    row: PersonRow
    zone: str
    own: bool

    @property
    def path(self) -> str:
        return PATH if self.own else f"{PATH}/of/{quote(self.row.person.id)}"

    @property
    def where(self) -> tzinfo:
        return phrases.zone(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One absence as the page shows it; ``key`` names it in the form that removes it."""

    key: str
    span: str
    now: bool
    substitute: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was posted and not saved, and why, by field."""

    posted: Posted = field(default_factory=dict)
    errors: Sequence[FieldError] = ()
    importing: bool = False


async def show(visit: Visit) -> Response:
    return await _page(visit, await _subject(visit), Refused())


async def add(visit: Visit) -> Response:
    """Add one absence, of whole days."""
    posted = await looking.posted_form(visit)
    subject = await _subject(visit)
    try:
        absence = await _read(visit, subject, posted)
        known = _current(visit, subject)
        _require_free(absence, known, subject, visit.now)
        if len(known) >= rules.MAX_ABSENCES:
            raise _wrong("", f"There is room for {rules.MAX_ABSENCES} absences.")
        await _require_no_circle(visit, subject, [absence], "substitute")
    except InvalidInput as error:
        return await _page(visit, subject, Refused(posted=posted, errors=_errors(error)))
    await _write(visit, subject, [*known, absence])
    return pages.redirect(subject.path)


async def remove(visit: Visit) -> Response:
    """Remove one absence. One that is gone already is gone all the same."""
    posted = await looking.posted_form(visit)
    subject = await _subject(visit)
    which = looking.first(posted, "which")
    kept = [each for each in _current(visit, subject) if _key(each) != which]
    await _write(visit, subject, kept)
    return pages.redirect(subject.path)


async def import_ics(visit: Visit) -> Response:
    """Add the absences that a calendar file speaks of."""
    posted, text = await read_upload(visit.request, "ics")
    require_ours(visit.request, posted, visit.secret, visit.services.settings.address)
    subject = await _subject(visit)
    try:
        if not text.strip():
            raise _wrong("ics", "Choose a calendar file.")
        deputy = looking.first(posted, "deputy").strip()
        substitute = await _substitute(visit, subject, deputy, "deputy")
        until = visit.now + ICS_HORIZON
        # Not on the loop that everybody else waits on.
        found = await asyncio.to_thread(
            read_ics, text, zone=subject.zone, since=visit.now, until=until
        )
        if not found.away:
            raise _wrong("ics", "This file names no day away that is still to come.")
        known = _current(visit, subject)
        added = rules.add(known, found.away, substitute=substitute, summaries=False)
        if added.dropped:
            raise _wrong("ics", f"There is room for {rules.MAX_ABSENCES} absences.")
        await _require_no_circle(visit, subject, added.absences, "deputy")
    except InvalidInput as error:
        refused = Refused(posted=posted, errors=_errors(error, "ics"), importing=True)
        return await _page(visit, subject, refused)
    await _write(visit, subject, added.absences)
    return pages.redirect(subject.path)


async def find(visit: Visit) -> Response:
    """Go on to the page of somebody else, for an administrator."""
    posted = await looking.posted_form(visit)
    reference = looking.first(posted, "email").strip()
    if _ADMINISTRATOR not in visit.person.roles:
        raise NotFound("There is nobody of that name, or it is not for you to see.")
    named = names_person(reference)
    row = await visit.services.store.person(visit.workspace, named) if named else None
    if row is not None:
        own = row.person.id == visit.person.id
        return pages.redirect(PATH if own else f"{PATH}/of/{quote(row.person.id)}")
    wrong = FieldError("email", "Nobody here has that mail address.")
    return await _page(visit, await _subject(visit), Refused(posted=posted, errors=[wrong]))


# Whose page it is


async def _subject(visit: Visit) -> Subject:
    """Whoever the address names, or the person themselves.

    :raises NotFound: there is nobody of that name, or it is not for this person to see.
    """
    settings = await visit.services.store.settings(visit.workspace)
    reference = visit.request.path_params.get("person")
    row: PersonRow | None = visit.row
    if reference is not None and _ADMINISTRATOR not in visit.person.roles:
        row = None
    elif reference is not None:
        named = names_person(reference)
        row = await visit.services.store.person(visit.workspace, named) if named else None
    if row is None:
        raise NotFound("There is nobody of that name, or it is not for you to see.")
    own = row.person.id == visit.person.id
    return Subject(row=row, zone=row.time_zone or settings.zone, own=own)


# From a form to an absence


async def _read(visit: Visit, subject: Subject, posted: Posted) -> Absence:
    given = {name: looking.first(posted, name).strip() for name in ("from", "until", "substitute")}
    missing = [
        FieldError(name, f"Enter the {which} day away.")
        for name, which in (("from", "first"), ("until", "last"))
        if not given[name]
    ]
    if missing:
        raise InvalidInput("something is missing", errors=missing)
    note = looking.first(posted, "note").strip()
    if len(note) > rules.MAX_NOTE:
        raise _wrong("note", f"A note has at most {rules.MAX_NOTE} characters.")
    absence = Absence(
        start=rules.read_start(given["from"], zone=subject.zone, field="from"),
        end=rules.read_end(given["until"], zone=subject.zone, field="until"),
        substitute=await _substitute(visit, subject, given["substitute"], "substitute"),
        note=note or None,
    )
    if absence.end <= absence.start:
        raise _wrong("until", "The last day away is before the first.")
    if absence.end <= visit.now:
        raise _wrong("until", "That has passed already.")
    if absence.end - visit.now > LONGEST:
        raise _wrong("until", "That is further away than ten years.")
    return absence


async def _substitute(visit: Visit, subject: Subject, reference: str, name: str) -> PersonId | None:
    if not reference:
        return None
    named = names_person(reference)
    found = await visit.services.store.person(visit.workspace, named) if named else None
    if found is None or found.person.disabled:
        raise _wrong(name, f"{reference} is nobody known here. Enter one mail address.")
    if found.person.id == subject.row.person.id:
        raise _wrong(name, "Nobody stands in for themselves.")
    return found.person.id


def _require_free(
    absence: Absence, known: Sequence[Absence], subject: Subject, now: datetime
) -> None:
    for each in known:
        if each.start < absence.end and absence.start < each.end:
            span = _span(each, subject.where, now)
            raise _wrong("from", f"This overlaps with another absence: {span}.")


async def _require_no_circle(
    visit: Visit, subject: Subject, given: Sequence[Absence], name: str
) -> None:
    """Refuse whoever would stand in for the person by way of the person."""
    directory = await _deputies(visit, given)
    for each in given:
        path = rules.circle(subject.row.person.id, each, directory)
        if path is not None:
            whole = " → ".join((subject.row.person.email, *path))
            raise _wrong(name, f"They are away then too, and it comes back around: {whole}")


async def _deputies(visit: Visit, given: Sequence[Absence]) -> Directory:
    named = tuple(sorted({each.substitute for each in given if each.substitute}))
    return await visit.services.store.directory(visit.workspace, people=named)


def _current(visit: Visit, subject: Subject) -> list[Absence]:
    """What is on record and has not passed."""
    return [each for each in subject.row.person.absences if each.end > visit.now]


async def _write(visit: Visit, subject: Subject, given: Sequence[Absence]) -> None:
    order = tuple(sorted(given, key=lambda each: each.start))
    store, before = visit.services.store, subject.row
    after = replace(before, person=replace(before.person, absences=order))
    facts = await recording.person_changed(store, visit.person.actor, before, after)
    await store.update_person(after, facts)


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(name, message)])


def _errors(error: InvalidInput, otherwise: str = "") -> tuple[FieldError, ...]:
    """What is wrong, at fields that the page has."""
    names = ("from", "until", "substitute", "deputy", "note", "ics", "")
    found = error.errors or (FieldError(otherwise, error.message),)
    return tuple(
        FieldError(each.field if each.field in names else otherwise, each.message) for each in found
    )


# What the page shows


async def _page(visit: Visit, subject: Subject, refused: Refused) -> Response:
    known = _current(visit, subject)
    directory = await _deputies(visit, known)
    errors: dict[str, list[str]] = {}
    for each in refused.errors:
        errors.setdefault(each.field, []).append(each.message)
    name = subject.row.person.name or subject.row.person.email
    return pages.page(
        "absence.html",
        status=422 if errors else 200,
        title="My absence" if subject.own else f"Absence of {name}",
        own=subject.own,
        path=subject.path,
        zone_name=subject.zone,
        absences=list(_shown(known, directory, subject, visit.now)),
        posted=refused.posted,
        errors=errors,
        importing=refused.importing,
        finds=subject.own and _ADMINISTRATOR in visit.person.roles,
        **visit.context,
    )


def _shown(
    known: Sequence[Absence], directory: Directory, subject: Subject, now: datetime
) -> Iterator[Shown]:
    for each in known:
        deputy = directory.get(each.substitute) if each.substitute else None
        yield Shown(
            key=_key(each),
            span=_span(each, subject.where, now),
            now=each.start <= now,
            substitute=(deputy.name or deputy.email) if deputy else each.substitute,
            note=each.note,
        )


def _span(each: Absence, where: tzinfo, now: datetime) -> str:
    first, last = phrases.begins(each.start, now, where), phrases.ends(each.end, now, where)
    return first if first == last else f"{first} to {last}"


def _key(each: Absence) -> str:
    return f"{each.start.isoformat()}/{each.end.isoformat()}"
