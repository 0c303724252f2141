"""What a page that stands open is told: that its list or its task has changed since (server-sent
events, https://html.spec.whatwg.org/multipage/server-sent-events.html).

A stream says that there is news, never what it is: the page reads itself anew, by the usual way and
with the usual rights. It ends by itself after a while, and the browser opens another, which is when
a session that has ended meanwhile is found out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeAlias

from starlette.responses import Response, StreamingResponse

from signoff.core.task import Task
from signoff.core.words import TaskId
from signoff.engine.wakeups import Wakeups
from signoff.errors import Broken
from signoff.server.inbox import listing, looking, seating
from signoff.server.inbox.pages import HEADERS
from signoff.server.inbox.session import Visit
from signoff.server.inbox.wanted import wanted

LASTS_SECONDS = 300.0
BEAT_SECONDS = 20.0
GATHER_SECONDS = 1.0
RETRY_MILLISECONDS = 3000

_LEAVING: set[asyncio.Task[None]] = set()

Mark: TypeAlias = Mapping[str, Hashable]
"""What a page shows, by the name of the event that says that it has changed."""

_Mark: TypeAlias = Callable[[], Awaitable[Mark]]
_Next: TypeAlias = Callable[[float], Awaitable[bool]]


async def of_the_list(visit: Visit) -> Response:
    """Tell the list that it has changed: who is in it, in which state, and the counts."""
    services, asked = visit.services, wanted(visit.request.query_params)
    wakeups, store = services.wakeups, services.store
    known = wakeups.changes

    async def mark() -> Mark:
        nonlocal known
        known = wakeups.changes
        where = asked.filter(visit.person, visit.now)
        found = await store.queue(
            visit.workspace, where, order=asked.order, limit=listing.PAGE, after=asked.after
        )
        return {"changed": listing.mark(found, await listing.sizes(visit))}

    async def following(within: float) -> bool:
        return await wakeups.anything(known, within=within)

    return _stream(_told(wakeups, mark, following, shown=_shown(visit)))


async def of_a_task(visit: Visit) -> Response:
    """Tell the page of a task that something has happened in its run."""
    return _stream(_told_of_task(visit, (await looking.see(visit)).task))


async def present(visit: Visit, task_id: TaskId) -> Sequence[str]:
    """Who else has a task before them just now, by name."""
    store = visit.services.store
    since = await store.now() - timedelta(seconds=2 * BEAT_SECONDS + GATHER_SECONDS)
    people = await store.looking(visit.workspace, task_id, since=since)
    others = [each for each in people if each != visit.person.id]
    directory = await store.directory(visit.workspace, people=others)
    return sorted(seating.name_of(each, directory) for each in others)


async def _told_of_task(visit: Visit, task: Task) -> AsyncIterator[str]:
    """A page of a task is told apart that others look at it too, which changes nothing on it."""
    wakeups, store, key = visit.services.wakeups, visit.services.store, (visit.workspace, task.id)

    async def mark() -> Mark:
        await store.note_looking(*key, visit.person.id, await store.now())
        intent = await store.intent(visit.workspace, task.intent_id)
        others = await present(visit, task.id)
        seq = looking.mark_of(intent.seq) if intent else ""
        return {"changed": seq, "present": tuple(others)}

    await store.note_looking(*key, visit.person.id, await store.now())
    wakeups.ring([task.intent_id])
    with wakeups.listen(task.intent_id) as bell:

        async def following(within: float) -> bool:
            return await bell.ring(within=within)

        try:
            async for each in _told(wakeups, mark, following, shown=_shown(visit)):
                yield each
        finally:
            _leave(visit, task)


def _leave(visit: Visit, task: Task) -> None:
    """Somebody has closed the page, which ends what serves it: so this is done beside it."""

    async def leave() -> None:
        with suppress(Broken):
            services = visit.services
            await services.store.stop_looking(visit.workspace, task.id, visit.person.id)
            services.wakeups.ring([task.intent_id])

    leaving = asyncio.get_running_loop().create_task(leave())
    _LEAVING.add(leaving)
    leaving.add_done_callback(_LEAVING.discard)


def _stream(told: AsyncIterator[str]) -> Response:
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


def _event(name: str) -> str:
    return f"event: {name}\ndata: \n\n"


def _shown(visit: Visit) -> str | None:
    """The mark of the page that listens: what has changed since it was made is told at once."""
    return visit.request.query_params.get("mark")


async def _told(
    wakeups: Wakeups, mark: _Mark, following: _Next, *, shown: str | None
) -> AsyncIterator[str]:
    """What the browser is sent. A burst of changes is told once."""
    ends = time.monotonic() + LASTS_SECONDS
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    try:
        before = await mark()
        if shown is not None and shown != before["changed"]:
            yield _event("changed")
        while (left := ends - time.monotonic()) > 0 and not wakeups.closed:
            if not await following(min(left, BEAT_SECONDS)):
                yield ": still here\n\n"
            elif not wakeups.closed:
                await asyncio.sleep(GATHER_SECONDS)
            now = await mark()
            for event in now:
                if now[event] != before[event]:
                    yield _event(event)
            before = now
    except Broken:
        return  # the browser comes back once the store answers again
