"""People: added, found, changed, and let in to the inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from msgspec import UNSET

from signoff.core.calendar import known_zone
from signoff.core.moments import rfc3339
from signoff.core.routing import Person
from signoff.engine.ports import Page, PersonRow
from signoff.errors import InvalidInput
from signoff.server import documents as d
from signoff.server import ids, recording, rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Nothing, Reply
from signoff.server.inbox import new_sign_in_url


async def add(call: Call[b.NewPerson, NoQuery]) -> Reply:
    """Add a person, so that tasks can ask them."""
    body, store = call.body, call.services.store
    email = body.email.lower()
    person = Person(
        id=ids.new_person_id(),
        email=email,
        name=(body.name or "").strip() or body.email.partition("@")[0],
        roles=_words(body.roles),
        groups=_words(body.groups),
        region=body.region,
        aliases=_aliases(body.aliases, email),
        attributes=_attributes(body.attributes),
        calendar=await _calendar(call, body.calendar),
    )
    row = PersonRow(
        workspace=call.caller.workspace,
        person=person,
        time_zone=_zone(body.time_zone),
        created_at=await store.now(),
    )
    await store.add_person(row, await recording.person_added(store, call.caller.actor, row))
    return Reply(document=d.OnePerson(person=rendering.person(row)), created=True)


async def read_all(call: Call[None, b.PeopleQuery]) -> Reply:
    """List people, newest first."""
    query = call.query
    page = Page(limit=query.limit + 1, before=query.before)
    found = await call.services.store.people(call.caller.workspace, page)
    rows = found[: query.limit]
    after = rows[-1].person.id if len(found) > query.limit else None
    return Reply(document=d.People(people=[rendering.person(row) for row in rows], next=after))


async def read(call: Call[None, NoQuery]) -> Reply:
    """One person, by id or mail address."""
    return Reply(document=d.OnePerson(person=rendering.person(await person_row(call))))


async def change(call: Call[b.PersonChange, NoQuery]) -> Reply:
    """Change a person. What they may do changes at once, here and in their open sessions."""
    body, row = call.body, await person_row(call)
    calendar = None if body.calendar is UNSET else await _calendar(call, body.calendar)

    time_zone = None if body.time_zone is UNSET else _zone(body.time_zone)

    def changed(before: PersonRow) -> PersonRow:
        was = before.person
        person = replace(
            was,
            name=was.name if body.name is None else body.name.strip() or was.name,
            roles=was.roles if body.roles is None else _words(body.roles),
            groups=was.groups if body.groups is None else _words(body.groups),
            region=was.region if body.region is UNSET else body.region,
            aliases=was.aliases if body.aliases is None else _aliases(body.aliases, was.email),
            attributes=was.attributes if body.attributes is None else _attributes(body.attributes),
            calendar=was.calendar if body.calendar is UNSET else calendar,
            disabled=was.disabled if body.disabled is None else body.disabled,
        )
        zone = before.time_zone if body.time_zone is UNSET else time_zone
        return replace(before, person=person, time_zone=zone)

    written = await rewritten(call, row, changed)
    return Reply(document=d.OnePerson(person=rendering.person(written)))


async def sign_in_link(call: Call[Nothing, NoQuery]) -> Reply:
    """Make a link that signs this person in to the inbox, once."""
    row = await person_row(call)
    if row.person.disabled:
        raise InvalidInput(f"{row.person.email} is disabled and cannot sign in")
    url, expires_at = await new_sign_in_url(
        call.services, row.workspace, row.person.id, by=call.caller.actor
    )
    return Reply(document=d.SignInLink(url=url, expires_at=rfc3339(expires_at)))


async def person_row(call: Call[Any, Any]) -> PersonRow:
    """The person the path names.

    :raises NotFound: there is none.
    """
    reference = ids.person_reference(call.path["person"])
    row = await call.services.store.person(call.caller.workspace, reference)
    if row is None:
        raise ids.no_such("person")
    return row


async def rewritten(
    call: Call[Any, Any], row: PersonRow, change: Callable[[PersonRow], PersonRow]
) -> PersonRow:
    """Write a changed person, and look up anew whoever has a key.

    They are read once more, so that a change made meanwhile is not undone: whoever says when they
    are away must not enable themselves again.
    """
    store = call.services.store
    before = await store.person(row.workspace, row.person.id) or row
    changed = change(before)
    facts = await recording.person_changed(store, call.caller.actor, before, changed)
    await store.update_person(changed, facts)
    call.around.keys.forget()
    return changed


def _words(given: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given or ()))


def _aliases(given: list[str] | None, email: str) -> tuple[str, ...]:
    lowered = (alias.lower() for alias in given or ())
    return tuple(dict.fromkeys(alias for alias in lowered if alias != email))


def _attributes(given: Mapping[str, str] | None) -> Mapping[str, str]:
    if "region" in (given or {}):
        raise InvalidInput.at("attributes.region", "the region has a field of its own: `region`")
    return dict(given or {})


async def _calendar(call: Call[Any, Any], name: str | None) -> str | None:
    if name is None:
        return None
    known = (await call.services.store.settings(call.caller.workspace)).calendars
    if name not in known:
        names = ", ".join(sorted(known)) or "none yet"
        raise InvalidInput.at(
            "calendar", f"{name!r} is no calendar of this workspace; there are: {names}"
        )
    return name


def _zone(name: str | None) -> str | None:
    if name is None or known_zone(name):
        return name
    raise InvalidInput.at("time_zone", f"{name!r} is no time zone; write e.g. Europe/Berlin")
