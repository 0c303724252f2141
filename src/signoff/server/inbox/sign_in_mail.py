"""A one-time sign-in link by mail, for whoever knows their mailbox.

Whoever asks is told the same whether there is such a person or not, and just as fast: the mail is
sent afterwards. A mailbox is asked about a few times an hour at most.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from signoff.engine.ports import PersonRow
from signoff.errors import Broken
from signoff.language import _, speaking
from signoff.logs import Log
from signoff.server.inbox import pages, session, sign_in
from signoff.server.inbox.fields import Posted
from signoff.server.preferences import chosen_by

if TYPE_CHECKING:
    from signoff.server.services import Services

PATH = "/sign-in/mail"
MOST_AN_HOUR = 5
MOST_ADDRESSES = 10_000
_HOUR = timedelta(hours=1)
_log = Log("signoff.sign_in")


@dataclass(slots=True)
class Asked:
    """How often each mailbox was asked about within the last hour, in this process."""

    _times: dict[str, deque[datetime]] = field(default_factory=dict)

    def again(self, address: str, now: datetime) -> bool:
        """Note that one is asked about; whether that was not too often."""
        if len(self._times) >= MOST_ADDRESSES:
            self._times.clear()
        times = self._times.setdefault(address, deque())
        while times and times[0] <= now - _HOUR:
            times.popleft()
        if len(times) >= MOST_AN_HOUR:
            return False
        times.append(now)
        return True


_ASKED = Asked()
_SENDING: set[asyncio.Task[None]] = set()


async def ask(request: Request, services: Services) -> Response:
    """Promise a mail to whoever has this mailbox."""
    posted = await session.read_form(request)
    start = request.cookies.get(session.cookie_name(services, start=True), "")
    session.require_ours(request, posted, start, services.settings.address)
    address = _one(posted, "email").strip().lower()[:320]
    going_to = sign_in.safe_next(_one(posted, "next") or sign_in.HOME)
    now = await services.store.now()
    if services.settings.smtp and address and _ASKED.again(address, now):
        sending = asyncio.get_running_loop().create_task(_mail(services, address, going_to, now))
        _SENDING.add(sending)
        sending.add_done_callback(_SENDING.discard)
    return pages.message(
        _("Look into your mailbox"),
        _(
            "If this is the address of somebody here, a link is on its way to it. It works once "
            "and for 30 minutes."
        ),
        status=200,
        way_on=(_("Back"), sign_in.sign_in_path(going_to)),
    )


async def sent() -> None:
    """Wait for what is being sent just now."""
    await asyncio.gather(*_SENDING)


async def _mail(services: Services, address: str, going_to: str, now: datetime) -> None:
    from signoff.smtp import Mailer, mail_server

    server = mail_server(services.settings.smtp)
    try:
        for row in await _people(services, address):
            mail = await _letter(services, row, going_to, now)
            mail["From"] = server.sender
            mail["Message-ID"] = make_msgid(domain=server.domain)
            await Mailer(server).send(mail)
    except (Broken, TimeoutError) as error:
        _log.warning("sign_in_mail_failed", reason=type(error).__name__)


async def _people(services: Services, address: str) -> list[PersonRow]:
    store = services.store
    found = [await store.person(each, address) for each in await store.workspaces()]
    return [row for row in found if row is not None and not row.person.disabled]


async def _letter(services: Services, row: PersonRow, going_to: str, now: datetime) -> EmailMessage:
    url, _until = await sign_in.new_sign_in_url(
        services, row.workspace, row.person.id, by=row.person.actor, next_path=going_to
    )
    chosen = await chosen_by(services.store, row.workspace, row.person.id)
    with speaking(chosen.language):
        mail = EmailMessage()
        mail["To"] = row.person.email
        mail["Subject"] = _("Sign in to Signoff")
        mail["Date"] = format_datetime(now)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            _(
                "Open this address and press the button there; it works once and for 30 minutes:"
                "\n\n%(url)s\n\nIf you did not ask for it, do nothing.\n",
                url=url,
            )
        )
    return mail


def _one(posted: Posted, name: str) -> str:
    return next(iter(posted.get(name, ())), "")
