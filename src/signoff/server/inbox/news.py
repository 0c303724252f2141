"""What a page that stands open is told: that its list or its task has changed since (server-sent
events, https://html.spec.whatwg.org/multipage/server-sent-events.html).

A stream says that there is news, never what it is: the page reads itself anew, by the usual way and
with the usual rights. It ends by itself after a while, and the browser opens another, which is when
a session that has ended meanwhile is found out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import TypeAlias

from starlette.responses import Response, StreamingResponse

from signoff.core.words import IntentId
from signoff.engine.wakeups import Wakeups
from signoff.errors import Broken
from signoff.server.inbox import looking
from signoff.server.inbox.listing import MOST, PAGE
from signoff.server.inbox.pages import HEADERS
from signoff.server.inbox.session import Visit
from signoff.server.inbox.wanted import views, wanted

LASTS_SECONDS = 300.0
BEAT_SECONDS = 20.0
GATHER_SECONDS = 1.0
RETRY_MILLISECONDS = 3000

_Mark: TypeAlias = Callable[[], Awaitable[Hashable]]
_Next: TypeAlias = Callable[[float], Awaitable[bool]]


async def of_the_list(visit: Visit) -> Response:
    """Tell the list that it has changed: who is in it, in which state, and the counts."""
    services, asked = visit.services, wanted(visit.request.query_params)
    wakeups, store = services.wakeups, services.store
    known = wakeups.changes

    async def mark() -> Hashable:
        nonlocal known
        known = wakeups.changes
        where = asked.filter(visit.person, visit.now)
        found = await store.queue(
            visit.workspace, where, order=asked.order, limit=PAGE, after=asked.after
        )
        sizes = [
            await store.queue_size(visit.workspace, listed, most=MOST)
            for listed in views(visit.person).values()
        ]
        shown = [(each.task.id, each.task.state, len(each.task.votes)) for each in found]
        return (*shown, *sizes)

    async def following(within: float) -> bool:
        return await wakeups.anything(known, within=within)

    return _stream(_told(wakeups, mark, following))


async def of_a_task(visit: Visit) -> Response:
    """Tell the page of a task that something has happened in its run."""
    intent_id = (await looking.see(visit)).task.intent_id
    return _stream(_told_of_intent(visit, intent_id))


async def _told_of_intent(visit: Visit, intent_id: IntentId) -> AsyncIterator[str]:
    wakeups, store = visit.services.wakeups, visit.services.store

    async def mark() -> Hashable:
        intent = await store.intent(visit.workspace, intent_id)
        return intent and intent.seq

    with wakeups.listen(intent_id) as bell:

        async def following(within: float) -> bool:
            return await bell.ring(within=within)

        async for each in _told(wakeups, mark, following):
            yield each


def _stream(told: AsyncIterator[str]) -> Response:
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _told(wakeups: Wakeups, mark: _Mark, following: _Next) -> AsyncIterator[str]:
    """What the browser is sent. A burst of changes is told once."""
    ends = time.monotonic() + LASTS_SECONDS
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    try:
        before = await mark()
        while (left := ends - time.monotonic()) > 0 and not wakeups.closed:
            if not await following(min(left, BEAT_SECONDS)):
                yield ": still here\n\n"
            elif not wakeups.closed:
                await asyncio.sleep(GATHER_SECONDS)
            now = await mark()
            if now != before:
                before = now
                yield "event: changed\ndata: \n\n"
    except Broken:
        return  # the browser comes back once the store answers again
