"""The inbox itself: the open tasks that ask this person, and those they have claimed, answered or
watch, sorted, narrowed and counted, a page at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from starlette.responses import Response

from signoff.channels import phrases
from signoff.channels.answers import plain_outcomes
from signoff.core import tally
from signoff.core.judging import favourable
from signoff.core.preferences import SavedFilter
from signoff.core.routing import Directory, selected
from signoff.core.words import Risk, StandInReason, TaskType
from signoff.engine.listing import Order, Place
from signoff.engine.ports import FoundTask
from signoff.errors import InvalidInput
from signoff.language import _
from signoff.server import preferences as rules
from signoff.server.inbox import looking, pages, seating
from signoff.server.inbox.session import Visit
from signoff.server.inbox.showing import Standing, standing
from signoff.server.inbox.wanted import View, Wanted, canonical, views, wanted

PATH = "/inbox"
PAGE = 25
MOST = 1000
"""A list is counted as far as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list. ``badges`` say how far it has come, for whom, and until when.

    :param together: whether it may be decided together with others.
    """

    found: FoundTask
    standing: Standing
    mine: bool
    badges: tuple[str, ...]
    together: bool


async def show(visit: Visit) -> Response:
    """One page of the list that the address asks for."""
    return await _page(visit, wanted(visit.request.query_params))


async def save_filter(visit: Visit) -> Response:
    """Give the list that is shown a name."""
    posted = await looking.posted_form(visit)
    query = canonical(looking.first(posted, "query"))
    name = " ".join(looking.first(posted, "name").split())
    kept = [each for each in visit.chosen.filters if each.name != name]
    try:
        filters = rules.filters([*kept, rules.named(name, query)])
    except InvalidInput as error:
        return await _page(visit, wanted(dict(parse_qsl(query))), wrong=error.message)
    return await _chosen(visit, filters, query)


async def drop_filter(visit: Visit) -> Response:
    """Forget a list somebody has named."""
    posted = await looking.posted_form(visit)
    name = looking.first(posted, "name")
    kept = tuple(each for each in visit.chosen.filters if each.name != name)
    return await _chosen(visit, kept, canonical(looking.first(posted, "query")))


async def _chosen(visit: Visit, filters: tuple[SavedFilter, ...], query: str) -> Response:
    store, workspace, person = visit.services.store, visit.workspace, visit.person
    chosen = replace(visit.chosen, filters=filters)
    await rules.save(store, workspace, person.id, chosen, by=person.actor)
    return pages.redirect(f"{PATH}?{query}" if query else PATH)


async def _page(visit: Visit, asked: Wanted, *, wrong: str = "") -> Response:
    store, workspace = visit.services.store, visit.workspace
    where = asked.filter(visit.person, visit.now)
    found = await store.queue(
        workspace, where, order=asked.order, limit=PAGE + 1, after=asked.after
    )
    shown = found[:PAGE]
    directory = await directory_of(visit, shown)
    entries = [_entry(each, visit, directory) for each in shown]
    counts = await sizes(visit)
    return pages.page(
        "inbox.html",
        status=422 if wrong else 200,
        live=True,
        wanted=asked,
        entries=[each for each in entries if _belongs(each, asked, visit)],
        older=asked.query(after=_place(shown[-1])) if len(found) > PAGE else None,
        first=asked.after is None,
        sizes=counts,
        mark=mark(shown, counts),
        many=MOST,
        words=_view_words(),
        orders=_order_words(),
        risks=Risk,
        types=TaskType,
        View=View,
        filters=visit.chosen.filters,
        saved=next((each for each in visit.chosen.filters if each.query == asked.query()), None),
        wrong=wrong,
        **visit.context,
    )


async def sizes(visit: Visit) -> Mapping[View, int]:
    """How long each list of this person is, counted up to ``MOST``."""
    return {
        view: await visit.services.store.queue_size(visit.workspace, listed, most=MOST)
        for view, listed in views(visit.person).items()
    }


def mark(found: Sequence[FoundTask], counts: Mapping[View, int]) -> str:
    """What a list shows, in short: it changes where who is in it does, their state, or a count."""
    shown = [(each.task.id, each.task.state, len(each.task.votes)) for each in found]
    said = repr((shown, list(counts.values()))).encode()
    return hashlib.sha256(said).hexdigest()[:16]


def _belongs(entry: Entry, asked: Wanted, visit: Visit) -> bool:
    """The index knows roles and groups, but not who is excluded from what asks them."""
    if asked.view is View.WATCHED:
        return selected(entry.found.task.watchers, visit.person)
    return entry.standing is not Standing.READER


def _place(found: FoundTask) -> Place:
    return Place(risk=found.task.ask.risk, due_at=found.task.due_at, id=found.task.id)


def _view_words() -> Mapping[View, str]:
    return {
        View.ASKED: _("For you"),
        View.CLAIMED: _("Claimed by you"),
        View.ANSWERED: _("Waiting for others"),
        View.WATCHED: _("Watching"),
    }


def _order_words() -> Mapping[Order, str]:
    return {
        Order.DUE: _("Due soonest first"),
        Order.RISK: _("Highest risk first"),
        Order.NEWEST: _("Newest first"),
    }


async def directory_of(visit: Visit, found: Sequence[FoundTask]) -> Directory:
    """Whoever has answered these tasks or has a deputy in them, by name."""
    people: set[str] = {visit.person.id}
    for each in found:
        people |= {vote.seat for vote in each.task.votes}
        people |= {stand_in.owner.id for stand_in in each.task.stand_ins}
    return await visit.services.store.directory(visit.workspace, people=sorted(people))


def _entry(found: FoundTask, visit: Visit, directory: Directory) -> Entry:
    task, person = found.task, visit.person
    place, stands = where_they_stand(found, visit, directory)
    return Entry(
        found=found,
        standing=stands,
        mine=task.claimed_by is not None and task.claimed_by.id == person.id,
        badges=tuple(_badges(found, place, visit, directory)),
        together=decided_together(found, stands, visit),
    )


def where_they_stand(
    found: FoundTask, visit: Visit, directory: Directory
) -> tuple[seating.Place, Standing]:
    """In whose place this person would answer a task, and whether they may.

    :param directory: as ``directory_of`` finds it.
    """
    task, person = found.task, visit.person
    requesters = (found.on_behalf_of,) if found.on_behalf_of else ()
    barred = tally.barred(task.ask, requesters)
    place = seating.place(task, person, directory, barred=barred)
    return place, standing(task, person, place, barred=barred, now=visit.now)


def decided_together(found: FoundTask, stands: Standing, visit: Visit) -> bool:
    """Whether this person may decide it together with others: only where a mistake is cheap."""
    task = found.task
    return (
        task.ask.risk is Risk.LOW
        and stands is Standing.MAY_ANSWER
        and task.paused_at is None
        and any(favourable(task.ask, each) for each in plain_outcomes(task.ask))
        and visit.credential.strength.reaches(task.ask.credential)
    )


def _badges(
    found: FoundTask, place: seating.Place, visit: Visit, directory: Directory
) -> Iterator[str]:
    task = found.task
    if task.asked.need > 1:
        now = tally.progress(task, directory)
        yield _("%(have)s of %(need)s", have=now.have, need=now.need)
    if place.vote is not None:
        yield f"You answered {phrases.outcome_word(place.vote.outcome).lower()}"
    if place.seat is not None and place.seat.stand_in is not None:
        given = place.seat.stand_in
        why = "" if given.why is StandInReason.ABSENT else ", delegated"
        yield f"For {seating.name(given.owner, directory)}{why}"
    if task.paused_at is not None:
        yield _("Paused")
    elif task.snoozed_until is not None and task.snoozed_until > visit.now:
        until = phrases.until_day(task.snoozed_until, visit.now, visit.zone)
        yield f"Snoozed{until}"
