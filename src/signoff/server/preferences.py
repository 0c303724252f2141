"""How people want to be told and to read: from what is given to the rules', for API and inbox.

What is refused is refused by field, in the same words on both surfaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time

from signoff.core.facts import Fact
from signoff.core.preferences import CHOSEN, NONE, Channel, Preferences, QuietHours, SavedFilter
from signoff.core.routing import Actor
from signoff.core.task import digest
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import Store
from signoff.errors import InvalidInput
from signoff.language import LANGUAGES
from signoff.server import recording

MAX_FILTERS = 20
MAX_FILTER_NAME = 60
MAX_QUERY = 1000


async def chosen_by(store: Store, workspace: WorkspaceId, person_id: PersonId) -> Preferences:
    """What somebody has chosen, or what holds for everybody."""
    found = await store.preferences(workspace, [person_id])
    return found.get(person_id, NONE)


async def save(
    store: Store, workspace: WorkspaceId, person_id: PersonId, chosen: Preferences, *, by: Actor
) -> None:
    """Write what somebody chooses; the log is told where it is about how they are told."""
    before = await chosen_by(store, workspace, person_id)
    facts: Sequence[Fact] = ()
    if _telling(before) != _telling(chosen):
        facts = await recording.preferences_saved(
            store,
            workspace,
            by,
            person_id,
            chosen,
            before=digest({"telling": _telling(before)}),
            after=digest({"telling": _telling(chosen)}),
        )
    await store.save_preferences(workspace, person_id, chosen, facts)


def _telling(chosen: Preferences) -> Preferences:
    """The part that says how somebody is told."""
    return replace(chosen, language=None, theme=NONE.theme, filters=())


def language(code: str | None, *, field: str = "language") -> str | None:
    known = [each.code for each in LANGUAGES]
    if code is None or code in known:
        return code
    raise InvalidInput.at(field, f"{code!r} is none of our languages: {', '.join(known)}")


def channels(names: Sequence[str] | None, *, field: str = "channels") -> tuple[Channel, ...] | None:
    """Channels in the order in which they are tried, each once."""
    if names is None:
        return None
    known = [str(each) for each in CHOSEN]
    for name in names:
        if name not in known:
            raise InvalidInput.at(field, f"{name!r} is no channel to choose: {', '.join(known)}")
    return tuple(dict.fromkeys(Channel(name) for name in names))


def clock(text: str, *, field: str) -> time:
    """A time of the wall clock, such as ``22:00``."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise InvalidInput.at(field, f"{text!r} is no time of day; write e.g. 22:00") from None
    if found.tzinfo is not None or found.second or found.microsecond:
        raise InvalidInput.at(field, "a time of day is hours and minutes, by your own clock")
    return found


def quiet(start: str, end: str, *, urgent: bool, field: str = "quiet") -> QuietHours:
    found = QuietHours(
        start=clock(start, field=f"{field}.start"),
        end=clock(end, field=f"{field}.end"),
        urgent=urgent,
    )
    if found.start == found.end:
        raise InvalidInput.at(f"{field}.end", "quiet hours begin at one time and end at another")
    return found


def named(name: str, query: str, *, field: str = "filters") -> SavedFilter:
    """A view of the inbox under a name."""
    if not 0 < len(name) <= MAX_FILTER_NAME:
        raise InvalidInput.at(field, f"a name has 1 to {MAX_FILTER_NAME} characters")
    if len(query) > MAX_QUERY:
        raise InvalidInput.at(field, f"a query has at most {MAX_QUERY} characters")
    return SavedFilter(name=name, query=query)


def filters(given: Sequence[SavedFilter], *, field: str = "filters") -> tuple[SavedFilter, ...]:
    """Saved filters, the last of those with one name."""
    found = {each.name: each for each in given}
    if len(found) > MAX_FILTERS:
        raise InvalidInput.at(field, f"there is room for {MAX_FILTERS} filters")
    return tuple(found.values())
