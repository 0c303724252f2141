"""People: added, found, changed, and let in to the inbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import UNSET

from signoff.core.moments import rfc3339
from signoff.core.routing import Person
from signoff.engine.ports import Page, PersonRow
from signoff.errors import FieldError, InvalidInput
from signoff.server import documents as d
from signoff.server import ids, rendering
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Nothing, Reply
from signoff.server.inbox import new_sign_in_url


async def add(call: Call[b.NewPerson, NoQuery]) -> Reply:
    """Add a person, so that tasks can ask them."""
    body, store = call.body, call.services.store
    person = Person(
        id=ids.new_person_id(),
        email=body.email.lower(),
        name=(body.name or "").strip() or body.email.partition("@")[0],
        roles=_words(body.roles),
        groups=_words(body.groups),
        region=body.region,
    )
    row = PersonRow(
        workspace=call.caller.workspace,
        person=person,
        time_zone=_zone(body.time_zone),
        created_at=await store.now(),
    )
    await store.add_person(row)
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
    return Reply(document=d.OnePerson(person=rendering.person(await _row(call))))


async def change(call: Call[b.PersonChange, NoQuery]) -> Reply:
    """Change a person. What they may do changes at once, here and in their open sessions."""
    body, row = call.body, await _row(call)
    person = replace(
        row.person,
        name=row.person.name if body.name is None else body.name.strip() or row.person.name,
        roles=row.person.roles if body.roles is None else _words(body.roles),
        groups=row.person.groups if body.groups is None else _words(body.groups),
        region=row.person.region if body.region is UNSET else body.region,
        disabled=row.person.disabled if body.disabled is None else body.disabled,
    )
    time_zone = row.time_zone if body.time_zone is UNSET else _zone(body.time_zone)
    changed = replace(row, person=person, time_zone=time_zone)
    await call.services.store.update_person(changed)
    call.around.keys.forget()
    return Reply(document=d.OnePerson(person=rendering.person(changed)))


async def sign_in_link(call: Call[Nothing, NoQuery]) -> Reply:
    """Make a link that signs this person in to the inbox, once."""
    row = await _row(call)
    if row.person.disabled:
        raise InvalidInput(f"{row.person.email} is disabled and cannot sign in")
    url, expires_at = await new_sign_in_url(call.services, row.workspace, row.person.id)
    return Reply(document=d.SignInLink(url=url, expires_at=rfc3339(expires_at)))


async def _row(call: Call[Any, Any]) -> PersonRow:
    reference = ids.person_reference(call.path["person"])
    row = await call.services.store.person(call.caller.workspace, reference)
    if row is None:
        raise ids.no_such("person")
    return row


def _words(given: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given or ()))


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        pass
    except KeyError:
        pass
    else:
        return name
    message = f"{name!r} is no time zone; write e.g. Europe/Berlin"
    raise InvalidInput(message, errors=[FieldError("time_zone", message)])
