"""Events: what happened to an intent, as pages, as a long poll, or as server-sent events.

A stream can always be taken up again: its ids are the numbers of the events, gap-free from 1.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import msgspec

from signoff.core import events as e
from signoff.core.events import Event
from signoff.core.intent import Intent
from signoff.core.words import IntentId
from signoff.errors import FieldError, InvalidInput, SignoffError
from signoff.server import documents as d
from signoff.server import ids, rendering
from signoff.server.api import attempts, finding
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, Reply, Stream
from signoff.server.waiting import Patience

HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = b": still here\n\n"
_PAGE = 200
_ENDINGS = (e.IntentCompleted, e.IntentFailed, e.IntentCanceled, e.IntentTimedOut)


async def read_all(call: Call[None, b.EventsQuery]) -> Reply | Stream:
    """The events after a number, oldest first; as a stream where the client asks for one."""
    last = _last_event_id(call)
    if _wants_stream(call):
        return await _stream(call, after=max(call.query.after, last))
    query = call.query
    found = await _after_news(call) if query.wait > 0 else await _page(call, await _readable(call))
    after = found[-1].seq if len(found) == query.limit else None
    return Reply(document=d.Events(events=[rendering.event(each) for each in found], next=after))


def _wants_stream(call: Call[None, b.EventsQuery]) -> bool:
    accepted = call.headers.get(b"accept", b"").decode("latin-1")
    return any(
        media.partition(";")[0].strip().lower() == "text/event-stream"
        for media in accepted.split(",")
    )


async def _readable(call: Call[None, b.EventsQuery]) -> Intent:
    found = await finding.intent(call)
    finding.require_reader(call.caller, found)
    await attempts.reading(call, found)
    return found


async def _page(call: Call[None, b.EventsQuery], found: Intent) -> Sequence[Event]:
    query = call.query
    if found.seq <= query.after:
        return ()
    return await call.services.store.events(
        call.caller.workspace, found.id, after=query.after, limit=query.limit
    )


async def _after_news(call: Call[None, b.EventsQuery]) -> Sequence[Event]:
    intent_id = ids.intent_id(call.path["intent_id"])
    wakeups, wait = call.services.wakeups, call.query.wait
    with wakeups.listen(intent_id) as bell, Patience(call.receive, seconds=wait) as patience:
        found = await _readable(call)
        while found.seq <= call.query.after and not found.terminal and await patience.ring(bell):
            await call.recheck()
            found = await _readable(call)
        return await _page(call, found)


# Server-sent events (WHATWG HTML, 9.2)


async def _stream(call: Call[None, b.EventsQuery], *, after: int) -> Stream:
    intent_id = (await _readable(call)).id
    return Stream(chunks=_chunks(call, intent_id, after))


def _last_event_id(call: Call[None, b.EventsQuery]) -> int:
    value = call.headers.get(b"last-event-id", b"").strip()
    if not value:
        return 0
    if not value.isdigit() or len(value) > 15:
        message = "must be the number of an event"
        raise InvalidInput(
            f"Last-Event-ID: {message}", errors=[FieldError("Last-Event-ID", message)]
        )
    return int(value)


async def _chunks(
    call: Call[None, b.EventsQuery], intent_id: IntentId, after: int
) -> AsyncGenerator[bytes, None]:
    """Every event after a number as it happens, and a comment in long silences."""
    wakeups = call.services.wakeups
    with wakeups.listen(intent_id) as bell, Patience(call.receive) as patience:
        yield _HEARTBEAT
        while True:
            page = await call.services.store.events(
                call.caller.workspace, intent_id, after=after, limit=_PAGE
            )
            if page:
                after = page[-1].seq
                yield b"".join(_frame(each) for each in page)
            if await _is_over(call, page):
                return
            if len(page) == _PAGE:
                continue
            page = ()  # nobody holds events while waiting for the next
            while not await patience.ring(bell, within=HEARTBEAT_SECONDS):
                if bell.closed or not await _still_welcome(call):
                    return
                yield _HEARTBEAT
            if not await _still_welcome(call):
                return


async def _is_over(call: Call[None, b.EventsQuery], events: Sequence[Event]) -> bool:
    """Whether nothing will happen any more after these events."""
    if events:
        return isinstance(events[-1].body, _ENDINGS)
    return (await finding.intent(call)).terminal


async def _still_welcome(call: Call[None, b.EventsQuery]) -> bool:
    """A key revoked while the stream is open ends it."""
    try:
        await call.recheck()
    except SignoffError:
        return False
    return True


def _frame(happened: Event) -> bytes:
    """One event of a stream. JSON holds no raw line break, so one data line is enough."""
    document = rendering.event(happened)
    data = msgspec.json.encode(document)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (document.seq, document.type.encode(), data)
