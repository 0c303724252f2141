"""Following the events of one intent, through restarts of the server, without missing one."""

from __future__ import annotations

from collections.abc import Sequence

from signoff.client._messages import Conversation, Document, Request
from signoff.client._operations import TERMINAL
from signoff.client._protocol import exchange, get, poll
from signoff.client.documents import EventDocument
from signoff.errors import SignoffError, StillWaiting

_PAGE = 200
_LAST = frozenset({"intent.completed", "intent.failed", "intent.canceled", "intent.timed_out"})


class Events:
    """Where one reader stands among the events of an intent.

    :param after: the number of the last event that is known already.
    :param follow: wait for those that have not happened yet, until the intent has ended.
    :param until: the moment of the shell's clock at which to stop waiting.
    """

    def __init__(
        self, intent_id: str, *, after: int = 0, follow: bool = True, until: float | None = None
    ) -> None:
        self._intent_id = intent_id
        self._path = f"/v1/intents/{intent_id}"
        self._after = after
        self._follow = follow
        self._until = until
        self._in_the_middle = after == 0
        self._ended = False

    def next(self) -> Conversation[Sequence[EventDocument]]:
        """The next events, at least one; none where there will be none.

        :raises StillWaiting: ``until`` has come.
        """
        if self._ended or (yield from self._was_at_the_end()):
            return ()
        page = yield from self._page()
        events: list[EventDocument] = page["events"]
        if events:
            self._after = events[-1]["seq"]
            self._ended = self._follow and events[-1]["type"] in _LAST
        else:
            self._ended = True
        return events

    def _page(self) -> Conversation[Document]:
        if not self._follow:
            return (yield from exchange(self._request(0.0)))
        return (
            yield from poll(
                self._request,
                lambda page: bool(page["events"]),
                until=self._until,
                still=self._still,
            )
        )

    def _was_at_the_end(self) -> Conversation[bool]:
        """Whether the intent had ended with an event this reader knows: nothing would come then."""
        if self._in_the_middle or not self._follow:
            return False
        self._in_the_middle = True
        found = (yield from exchange(get(self._path)))["intent"]
        self._ended = found["status"] in TERMINAL and found["seq"] <= self._after
        return self._ended

    def _request(self, wait: float) -> Request:
        return get(f"{self._path}/events", after=self._after, limit=_PAGE, wait=wait)

    def _still(self) -> SignoffError:
        return StillWaiting(
            f"nothing more has happened to intent {self._intent_id} yet",
            about={"intent_id": self._intent_id},
        )
