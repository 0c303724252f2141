"""The inbox itself: the open tasks that ask this person, newest first, and those they watch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from signoff.channels import phrases
from signoff.core import tally
from signoff.core.routing import Directory, selected, tokens
from signoff.core.words import StandInReason, TaskState
from signoff.engine.ports import FoundTask, Page, TaskFilter
from signoff.engine.records import watching
from signoff.server.inbox import pages, seating
from signoff.server.inbox.session import Visit
from signoff.server.inbox.showing import Standing, standing

PAGE = 25
WATCHED = 10
_TASK_ID = re.compile(r"task_[0-9a-f]{32}(-handover)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list. ``badges`` say how far it has come, for whom, and until when."""

    found: FoundTask
    standing: Standing
    mine: bool
    badges: tuple[str, ...]


async def show(visit: Visit) -> Response:
    """One page of the list; ``before`` is the id of the last task of the page before."""
    before = visit.request.query_params.get("before", "")
    cursor = before if _TASK_ID.fullmatch(before) else None
    where = TaskFilter(states=(TaskState.OPEN, TaskState.CLAIMED), audience=tokens(visit.person))
    found = await visit.services.store.tasks(
        visit.workspace, where, Page(limit=PAGE + 1, before=cursor)
    )
    watched = [] if cursor else await _watched(visit, found)
    directory = await _directory(visit, [*found, *watched])
    entries = [_entry(each, visit, directory) for each in found[:PAGE]]
    older = urlencode({"before": found[PAGE - 1].task.id}) if len(found) > PAGE else None
    return pages.page(
        "inbox.html",
        entries=[entry for entry in entries if entry.standing is not Standing.READER],
        watched=[_entry(each, visit, directory) for each in watched],
        older=older,
        first=cursor is None,
        **visit.context,
    )


async def _watched(visit: Visit, asking: Sequence[FoundTask]) -> list[FoundTask]:
    """The newest open tasks this person watches, without those that ask them."""
    audience = tuple(watching(token) for token in tokens(visit.person))
    where = TaskFilter(states=(TaskState.OPEN, TaskState.CLAIMED), audience=audience)
    found = await visit.services.store.tasks(visit.workspace, where, Page(limit=WATCHED))
    asked = {each.task.id for each in asking}
    return [
        each
        for each in found
        if each.task.id not in asked and selected(each.task.watchers, visit.person)
    ]


async def _directory(visit: Visit, found: Sequence[FoundTask]) -> Directory:
    """Whoever has answered these tasks or has a deputy in them, by name."""
    people: set[str] = {visit.person.id}
    for each in found:
        people |= {vote.seat for vote in each.task.votes}
        people |= {stand_in.owner.id for stand_in in each.task.stand_ins}
    return await visit.services.store.directory(visit.workspace, people=sorted(people))


def _entry(found: FoundTask, visit: Visit, directory: Directory) -> Entry:
    task, person = found.task, visit.person
    requesters = (found.on_behalf_of,) if found.on_behalf_of else ()
    barred = tally.barred(task.ask, requesters)
    place = seating.place(task, person, directory, barred=barred)
    return Entry(
        found=found,
        standing=standing(task, person, place, barred=barred, now=visit.now),
        mine=task.claimed_by is not None and task.claimed_by.id == person.id,
        badges=tuple(_badges(found, place, visit, directory)),
    )


def _badges(
    found: FoundTask, place: seating.Place, visit: Visit, directory: Directory
) -> Iterator[str]:
    task = found.task
    if task.asked.need > 1:
        now = tally.progress(task, directory)
        yield f"{now.have} of {now.need}"
    if place.vote is not None:
        yield f"You answered {phrases.outcome_word(place.vote.outcome).lower()}"
    if place.seat is not None and place.seat.stand_in is not None:
        given = place.seat.stand_in
        why = "" if given.why is StandInReason.ABSENT else ", delegated"
        yield f"For {seating.name(given.owner, directory)}{why}"
    if task.paused_at is not None:
        yield "Paused"
    elif task.snoozed_until is not None and task.snoozed_until > visit.now:
        until = phrases.until_day(task.snoozed_until, visit.now, visit.zone)
        yield f"Snoozed{until}"
