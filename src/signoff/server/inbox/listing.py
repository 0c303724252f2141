"""The inbox itself: the open tasks that ask this person, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from signoff.core.routing import tokens
from signoff.core.words import TaskState
from signoff.engine.ports import FoundTask, Page, TaskFilter
from signoff.server.inbox import pages
from signoff.server.inbox.session import Visit
from signoff.server.inbox.showing import Standing, standing

PAGE = 25
_TASK_ID = re.compile(r"task_[0-9a-f]{32}(-handover)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list."""

    found: FoundTask
    standing: Standing
    mine: bool


async def show(visit: Visit) -> Response:
    """One page of the list; ``before`` is the id of the last task of the page before."""
    before = visit.request.query_params.get("before", "")
    cursor = before if _TASK_ID.fullmatch(before) else None
    where = TaskFilter(states=(TaskState.OPEN, TaskState.CLAIMED), audience=tokens(visit.person))
    found = await visit.services.store.tasks(
        visit.workspace, where, Page(limit=PAGE + 1, before=cursor)
    )
    entries = [_entry(each, visit) for each in found[:PAGE]]
    older = urlencode({"before": found[PAGE - 1].task.id}) if len(found) > PAGE else None
    return pages.page(
        "inbox.html",
        entries=[entry for entry in entries if entry.standing is not Standing.READER],
        older=older,
        first=cursor is None,
        **visit.context,
    )


def _entry(found: FoundTask, visit: Visit) -> Entry:
    claimed = found.task.claimed_by
    return Entry(
        found=found,
        standing=standing(found, visit.person, now=visit.now),
        mine=claimed is not None and claimed.id == visit.person.id,
    )
