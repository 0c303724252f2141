"""What operators look at: what waits and for how long, what came of it, and where it sticks.

Only those who read everything by their role come here. Pictures are drawn by this server, as SVG.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from signoff.channels import phrases
from signoff.core.facts import AnswerPickedUp
from signoff.core.words import IntentId, TaskId
from signoff.engine.figures import MOST, figures
from signoff.engine.history import history
from signoff.engine.ports import Page, TaskFilter
from signoff.errors import NotFound
from signoff.language import _
from signoff.server.inbox import looking, pages, seating
from signoff.server.inbox.session import Visit
from signoff.server.inbox.timeline import PickUp, timeline
from signoff.server.visibility import reads_all_by_role

PATH = "/inbox/operate"
PERIODS: Mapping[str, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
UNREAD_AFTER = timedelta(minutes=5)
"""A decision that its agent has not picked up for so long is shown."""

_LISTED = 50
_TASKS = 100
_HISTORY_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One bar of a chart, in its own units."""

    x: float
    y: float
    width: float
    height: float
    says: str


async def show(visit: Visit) -> Response:
    """The figures of a period, what waits, and what sticks."""
    _require(visit)
    store, workspace, now = visit.services.store, visit.workspace, visit.now
    asked = visit.request.query_params.get("period", "")
    period = asked if asked in PERIODS else "week"
    since = _whole_hour(now - PERIODS[period])
    closed = await store.closed_tasks(workspace, since=since, limit=MOST)
    found = figures(closed, since=since, until=now)
    waiting = await store.unread(workspace, before=now - UNREAD_AFTER, limit=_LISTED)
    failed = await store.failed_notices(workspace, since=since, limit=_LISTED)
    people = [each.person_id for each in found.deciders] + [
        each.person_id for each in failed if each.person_id
    ]
    directory = await store.directory(workspace, people=sorted({*people}))
    return pages.page(
        "operate.html",
        live=True,
        path=PATH,
        period=period,
        periods=_periods(),
        figures=found,
        open=await store.open_tasks(workspace),
        columns=_columns(found.hours, since, visit),
        unread=waiting,
        failed=failed,
        agents=await store.agents(workspace),
        name_of=lambda person_id: seating.name_of(person_id, directory) if person_id else "",
        span=_span,
        percent=lambda share: f"{share:.0%}",
        **visit.context,
    )


async def tell_again(visit: Visit) -> Response:
    """Tell an agent once more of a decision it has not picked up; of all where none is named."""
    _require(visit)
    posted = await looking.posted_form(visit)
    store, workspace = visit.services.store, visit.workspace
    named = [TaskId(each) for each in posted.get("task", ())]
    if not named:
        waiting = await store.unread(workspace, before=visit.now, limit=_LISTED)
        named = [each.task_id for each in waiting]
    await store.tell_again(workspace, named)
    tasks = [await store.task(workspace, each) for each in named]
    visit.services.wakeups.ring(each.task.intent_id for each in tasks if each is not None)
    return pages.redirect(PATH)


async def run(visit: Visit) -> Response:
    """One run as a picture, and all of it as a list."""
    _require(visit)
    store, workspace = visit.services.store, visit.workspace
    intent_id = IntentId(visit.request.path_params["intent_id"])
    intent = await store.intent(workspace, intent_id) if looking.is_id(intent_id) else None
    if intent is None:
        raise NotFound("There is no such run.")
    events = await history(store, workspace, intent_id, pages=_HISTORY_PAGES)
    tasks = await store.tasks(workspace, TaskFilter(intent_id=intent_id), Page(limit=_TASKS))
    notices = [notice for each in tasks for notice in await store.notices(workspace, each.task.id)]
    return pages.page(
        "run.html",
        live=True,
        path=PATH,
        intent=intent,
        tasks=tasks,
        picture=timeline(events, notices, await _pickups(visit, intent_id), now=visit.now),
        **visit.context,
    )


async def _pickups(visit: Visit, intent_id: IntentId) -> Sequence[PickUp]:
    """When the agent read what became of its tasks, as the log was told."""
    entries = await visit.services.store.log_entries_of(visit.workspace, intent_id)
    told = [each for each in entries if each.type == AnswerPickedUp.type and each.task_id]
    return [
        PickUp(
            task_id=TaskId(each.task_id or ""),
            at=datetime.fromisoformat(json.loads(each.leaf)["occurred_at"]),
        )
        for each in told
    ]


def _require(visit: Visit) -> None:
    if not reads_all_by_role(visit.person):
        raise NotFound("There is no page at this address.")


def _whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _columns(hours: Sequence[int], since: datetime, visit: Visit) -> Sequence[Column]:
    """The decisions as columns, a hundred high; of a long time several hours in each."""
    together = max(1, len(hours) // 48)
    sums = [sum(hours[at : at + together]) for at in range(0, len(hours), together)]
    highest = max(sums, default=0) or 1
    width = 1000 / max(1, len(sums))
    found = []
    for place, count in enumerate(sums):
        at = phrases.exact(since + timedelta(hours=place * together), visit.zone)
        height = 100 * count / highest
        found.append(
            Column(
                x=round(place * width, 2),
                y=round(100 - height, 2),
                width=round(width * 0.8, 2),
                height=round(height, 2),
                says=f"{at}: {count}",
            )
        )
    return found


def _periods() -> Mapping[str, str]:
    return {"day": _("24 hours"), "week": _("7 days"), "month": _("30 days")}


def _span(length: timedelta | None) -> str:
    if length is None:
        return "–"
    seconds = length.total_seconds()
    return phrases.span(length) if seconds >= 60 else f"{seconds:.0f} s"
