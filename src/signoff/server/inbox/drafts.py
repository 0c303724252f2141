"""Answers that people have begun: kept as they type or when they say so, there when they return.

A draft is theirs alone, and decides nothing. It goes once it is answered or thrown away.
"""

from __future__ import annotations

import json

from starlette.responses import Response

from signoff.engine.desks import Draft
from signoff.errors import TooLarge
from signoff.server.inbox import looking, pages
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.session import Visit
from signoff.server.inbox.showing import Standing

MOST_BYTES = 200_000
_NOT_TYPED = frozenset({"csrf", "view_digest", "more", "outcome", "code", "quietly", "assertion"})
"""What a form holds beside what somebody has typed."""


async def save(visit: Visit) -> Response:
    """Keep what is typed so far: ``quietly`` for a script, else the page is shown again."""
    posted = await looking.posted_form(visit)
    sight = await looking.see(visit)
    form = _typed(posted)
    if len(json.dumps(form).encode()) > MOST_BYTES:
        raise TooLarge(f"what is kept of an answer has at most {MOST_BYTES // 1000} kB")
    if sight.view.standing is Standing.MAY_ANSWER:
        draft = Draft(
            workspace=visit.workspace,
            task_id=sight.task.id,
            person_id=visit.person.id,
            view_digest=looking.first(posted, "view_digest")[:200],
            form=form,
            saved_at=visit.now,
        )
        await visit.services.store.save_draft(draft)
    if "quietly" in posted:
        return pages.data({"saved_at": visit.now.isoformat()})
    return pages.redirect(f"{looking.path_of(sight.task.id)}#decide")


async def discard(visit: Visit) -> Response:
    """Throw away what was kept."""
    await looking.posted_form(visit)
    sight = await looking.see(visit)
    await drop(visit, sight)
    return pages.redirect(f"{looking.path_of(sight.task.id)}#decide")


async def drop(visit: Visit, sight: looking.Sight) -> None:
    """Forget what was kept. Most answers have no draft, and looking for one writes nothing."""
    store, key = visit.services.store, (visit.workspace, sight.task.id, visit.person.id)
    if await store.draft(*key) is not None:
        await store.drop_draft(*key)


async def kept(visit: Visit, sight: looking.Sight) -> Draft | None:
    """What this person has begun to answer, where they still may."""
    if visit.by_link is not None or sight.view.standing is not Standing.MAY_ANSWER:
        return None
    return await visit.services.store.draft(visit.workspace, sight.task.id, visit.person.id)


def _typed(posted: Posted) -> dict[str, list[str]]:
    return {name: [*values] for name, values in posted.items() if name not in _NOT_TYPED}
