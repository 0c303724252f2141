"""The events of one intent, all of them in order, read page by page."""

from __future__ import annotations

from signoff.core.events import Event
from signoff.core.words import IntentId, WorkspaceId
from signoff.engine.ports import Store

_AT_ONCE = 500


async def history(
    store: Store, workspace: WorkspaceId, intent_id: IntentId, *, pages: int | None = None
) -> list[Event]:
    """Everything that happened to the intent.

    :param pages: read at most so many pages of 500 events, where not all of them must be known.
    """
    found: list[Event] = []
    read = 0
    while pages is None or read < pages:
        more = await store.events(workspace, intent_id, after=len(found), limit=_AT_ONCE)
        found += more
        read += 1
        if len(more) < _AT_ONCE:
            break
    return found
