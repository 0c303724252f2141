"""The push channel: every browser somebody has asked to ring, through the push service it names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from signoff.channels.post import Answered, Poster
from signoff.channels.push import messages
from signoff.channels.push.encoding import encrypted
from signoff.channels.push.vapid import ServerKey, server_key
from signoff.core.preferences import Channel
from signoff.core.routing import Person, Selector
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.channels import Became, Later, Letter, Refused, Sent, address_digest
from signoff.engine.log.keys import Seal
from signoff.engine.ports import Store
from signoff.engine.push import Subscription
from signoff.language import speaking

_UNKNOWN = frozenset({404, 410})  # the browser is not subscribed any more (RFC 8030, 7.3)
_BUSY = frozenset({408, 429})
_TRY_OUT = {"ttl": "60", "urgency": "high"}


class PushSender:
    """Tells people in their browsers.

    :param poster: what goes out goes out by it, to addresses that may be reached.
    :param address: how this server is reached, without a slash at the end.
    """

    channel = Channel.PUSH
    at_once = 8

    def __init__(self, store: Store, poster: Poster, seal: Seal, address: str) -> None:
        self._store = store
        self._poster = poster
        self._seal = seal
        self._home = f"{address}/inbox"
        secure = address.startswith("https://")
        self._contact = address if secure else "mailto:signoff@localhost"
        self._key: ServerKey | None = None

    async def reaches(
        self, workspace: WorkspaceId, people: Sequence[Person]
    ) -> Collection[PersonId]:
        """Those who have asked a browser to ring."""
        found = await self._store.subscriptions(workspace, [each.id for each in people])
        return {each.person_id for each in found}

    async def places(self, workspace: WorkspaceId, to: Sequence[Selector]) -> Sequence[str]:
        return ()

    def endpoint(self, letter: Letter) -> str:
        return letter.reader.person.id if letter.reader else ""

    async def send(self, letter: Letter) -> Became:
        """Ring every browser of the reader: it is told once one of them has been."""
        reader = letter.reader
        if reader is None:
            return Refused(detail="a browser is somebody's")
        now = await self._store.now()
        with speaking(reader.chosen.language):
            written = messages.message(letter, self._home)
        wanted = messages.headers(letter, now)
        browsers = await self._store.subscriptions(letter.workspace, [reader.person.id])
        became = [await self._ring(each, written, wanted, now) for each in browsers]
        for kind in (Sent, Later, Refused):
            for each in became:
                if isinstance(each, kind):
                    return each
        return Refused(detail="no browser of theirs rings any more")

    async def try_out(self, browsers: Sequence[Subscription]) -> Sequence[Became]:
        """Ring browsers about nothing, in the language that is spoken."""
        written, now = messages.try_out(self._home), await self._store.now()
        return [await self._ring(each, written, _TRY_OUT, now) for each in browsers]

    async def public_key(self) -> str:
        """What browsers are told when they are asked to subscribe."""
        return (await self._server_key()).public

    async def _ring(
        self, browser: Subscription, written: bytes, wanted: dict[str, str], now: datetime
    ) -> Became:
        key = await self._server_key()
        answered = await self._poster.post(
            browser.endpoint,
            encrypted(written, browser.p256dh, browser.auth),
            {
                **wanted,
                "authorization": key.authorization(browser.endpoint, now),
                "content-encoding": "aes128gcm",
                "content-type": "application/octet-stream",
            },
        )
        if answered.status in _UNKNOWN:
            await self._store.drop_subscription(browser.workspace, browser.id)
        return _became(answered, address_digest(browser.workspace, browser.endpoint))

    async def _server_key(self) -> ServerKey:
        if self._key is None:
            self._key = await server_key(self._store, self._seal, self._contact)
        return self._key


def _became(answered: Answered, address: str) -> Became:
    detail = answered.detail or "it did not answer"
    match answered.status:
        case _ if answered.got_through:
            return Sent(address=address)
        case None:
            return Later(detail=detail)
        case status if status >= 500 or status in _BUSY:
            return Later(detail=detail, seconds=answered.seconds)
        case status if status in _UNKNOWN:
            return Refused(detail="the browser rings no more", address=address)
        case _:
            return Refused(detail=detail, address=address)
