"""Who was told of a task, over what, and with what result."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.core.moments import rfc3339
from signoff.engine.notices import Notice
from signoff.server import documents as d
from signoff.server.api import finding
from signoff.server.api.operation import Call, NoQuery, Reply
from signoff.server.rendering.times import time


async def read_all(call: Call[None, NoQuery]) -> Reply:
    """Everybody told of a task, or to be told, in order, for whoever may see the task."""
    found = await finding.task(call)
    store, workspace = call.services.store, call.caller.workspace
    notices = await store.notices(workspace, found.task.id)
    emails = await _emails(call, notices)
    return Reply(document=d.Notices(notices=[_notice(each, emails) for each in notices]))


async def _emails(call: Call[None, NoQuery], notices: Sequence[Notice]) -> dict[str, str]:
    named = sorted({each.person_id for each in notices if each.person_id})
    if not named:
        return {}
    directory = await call.services.store.directory(call.caller.workspace, people=named)
    people = {each: directory.get(each) for each in named}
    return {each: person.email for each, person in people.items() if person is not None}


def _notice(notice: Notice, emails: dict[str, str]) -> d.Notice:
    person_id = notice.person_id
    return d.Notice(
        id=notice.id,
        person=emails.get(person_id, person_id) if person_id else None,
        place=notice.place,
        channel=notice.channel,
        reason=notice.reason,
        state=notice.state,
        detail=notice.detail,
        at=rfc3339(notice.at),
        due_at=time(notice.due_at),
        attempts=notice.attempts,
        provider_id=notice.provider_id,
    )
