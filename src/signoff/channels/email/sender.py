"""The e-mail channel: hands letters in, with a link to the page on which each task is decided.

A link is kept before the mail is handed in. It proves a mailbox, not a person: what is of high risk
gets none, and of medium risk one that also takes the code beside it, which no follower of links
types.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from signoff.channels.answers import plain_outcomes
from signoff.channels.email.incoming import PREFIX
from signoff.channels.email.letters import CODE_DIGITS, Envelope, Way, mail, message_id
from signoff.core.links import Link, LinkKind, wants_code
from signoff.core.preferences import Channel
from signoff.core.routing import Person, Selector
from signoff.core.task import Task
from signoff.core.words import PersonId, Risk, WorkspaceId
from signoff.engine.addressing import ASKS
from signoff.engine.channels import (
    Became,
    Item,
    Later,
    Letter,
    Refused,
    Sent,
    address_digest,
)
from signoff.engine.ports import Store
from signoff.smtp import Mailer, NotTaken

LINK_PATH = "/l"
_NOWHERE = ("localhost", "invalid", "example")


class EmailSender:
    """Tells people by mail.

    :param address: how this server is reached, without a slash at the end.
    :param reply_domain: where replies come to that answer; empty where none do.
    """

    channel = Channel.EMAIL
    at_once = 8

    def __init__(
        self, store: Store, mailer: Mailer, address: str, *, reply_domain: str = ""
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._address = address
        self._reply_domain = reply_domain
        server = mailer.server
        self._envelope = Envelope(
            sender=server.sender, domain=server.domain, home=f"{address}/inbox"
        )

    async def reaches(
        self, workspace: WorkspaceId, people: Sequence[Person]
    ) -> Collection[PersonId]:
        """Everybody whose mail address is not one of names that lead nowhere (RFC 2606)."""
        return [
            each.id
            for each in people
            if each.email.rpartition("@")[2].rpartition(".")[2] not in _NOWHERE
        ]

    async def places(self, workspace: WorkspaceId, to: Sequence[Selector]) -> Sequence[str]:
        return ()

    def endpoint(self, letter: Letter) -> str:
        return self._mailer.server.host

    async def send(self, letter: Letter) -> Became:
        reader = letter.reader
        if reader is None:
            return Refused(detail="a mail goes to a person")
        went = address_digest(letter.workspace, reader.person.email)
        now = await self._store.now()
        ways = {item.notice.id: await self._way(letter, item, now) for item in letter.items}
        try:
            written = mail(letter, ways, self._envelope, now=now)
            await self._mailer.send(written, to=[reader.person.email])
        except ValueError:
            return Refused(detail="the address cannot be one of a mail", address=went)
        except NotTaken as error:
            if error.permanent:
                return Refused(detail=error.message, address=went)
            return Later(detail=error.message)
        return Sent(provider_id=message_id(letter.id, self._envelope.domain), address=went)

    async def _way(self, letter: Letter, item: Item, now: datetime) -> Way:
        task = item.found.task
        page = Way(url=f"{self._address}/inbox/tasks/{task.id}")
        asks = item.notice.reason in ASKS and task.live
        if letter.digest or not asks or task.ask.risk is Risk.HIGH:
            return page
        secret = secrets.token_urlsafe(32)
        code = _new_code() if wants_code(task.ask.risk) else None
        link = Link(
            hash=link_hash(secret),
            workspace=letter.workspace,
            kind=LinkKind.PAGE,
            person_id=_person(letter),
            task_id=task.id,
            notice_id=item.notice.id,
            view_digest=task.view_digest,
            outcomes=task.ask.outcomes,
            expires_at=task.due_at,
            created_at=now,
            code=code_hash(secret, code) if code else None,
        )
        await self._store.add_link(link)
        url = f"{self._address}{LINK_PATH}/{secret}"
        way = Way(url=url, code=code, until=link.expires_at)
        return await self._with_reply(way, link, task)

    async def _with_reply(self, way: Way, link: Link, task: Task) -> Way:
        """The way, and an address to reply to where a reply may answer this."""
        words = plain_outcomes(task.ask)
        if not self._reply_domain or task.ask.risk is not Risk.LOW or not words:
            return way
        if not (await self._store.settings(link.workspace)).reply_by_mail:
            return way
        token = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
        reply = replace(link, hash=link_hash(token), kind=LinkKind.REPLY, outcomes=words)
        await self._store.add_link(reply)
        return replace(way, reply_to=f"{PREFIX}{token}@{self._reply_domain}", replies=words)


def link_hash(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_hash(secret: str, code: str) -> str:
    """What is kept of a code: nobody can try codes out who does not hold the secret too."""
    return hashlib.sha256(f"{secret}\n{code}".encode()).hexdigest()


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def _person(letter: Letter) -> PersonId:
    assert letter.reader is not None
    return letter.reader.person.id
