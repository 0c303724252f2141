"""The address that mail is handed in at: bounces become failed notices, replies become answers.

Whatever hands us mail, such as ``signoff mail receive`` behind a mail server, proves itself with a
secret. A reply answers only what is of low risk, only with one of the words its mail names, only
where the mail provider vouches for whom it is from, and only once.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from signoff.channels.email.incoming import MAX_SIZE, Bounced, Replied, read
from signoff.channels.email.sender import link_hash
from signoff.core.commands import AnswerTask
from signoff.core.credential import Credential, Strength
from signoff.core.links import Link, LinkKind
from signoff.core.preferences import NONE, Channel
from signoff.core.task import RawAnswer
from signoff.core.words import Risk
from signoff.engine.notices import NoticeState
from signoff.engine.noting import Attempt, noticed
from signoff.engine.ports import PersonRow
from signoff.errors import Broken, CredentialTooWeak, Forbidden, SignoffError
from signoff.logs import Log
from signoff.server import recording

if TYPE_CHECKING:
    from signoff.server.services import Services

_log = Log("signoff.mail")

PATH = "/inbound/mail"
CHANNEL = "email"
_NOTHING = "nothing to do"


async def receive(request: Request, services: Services) -> Response:
    """Take one mail, as it came: ``message/rfc822``."""
    settings = services.settings
    given = request.headers.get("authorization", "")
    right = f"Bearer {settings.mail_secret}"
    if not settings.mail_secret:
        return PlainTextResponse("mail is not set up here\n", status_code=404)
    if not hmac.compare_digest(given.encode(errors="replace"), right.encode()):
        return PlainTextResponse("the secret is not ours\n", status_code=401)
    raw = await request.body()
    if len(raw) > MAX_SIZE:
        return PlainTextResponse("too large\n", status_code=413)
    happened = read(raw, domain=settings.mail_domain, provider=settings.mail_provider)
    match happened:
        case Bounced():
            return PlainTextResponse(f"{await _bounced(services, happened)}\n")
        case Replied():
            return PlainTextResponse(f"{await _replied(services, happened)}\n")
        case None:
            return PlainTextResponse(f"{_NOTHING}\n")


async def _bounced(services: Services, bounced: Bounced) -> str:
    """Note that a mail did not arrive, and try the person's next channel."""
    store = services.store
    notice = await store.notice_of(bounced.message_id)
    if notice is None or notice.channel != Channel.EMAIL or notice.state is not NoticeState.SENT:
        return _NOTHING
    now = await store.now()
    failed = replace(
        notice, state=NoticeState.FAILED, detail=f"it bounced: {bounced.status}", at=now
    )
    settled = [failed]
    if services.addressing is not None and notice.person_id is not None:
        row = await store.person(notice.workspace, notice.person_id)
        chosen = await store.preferences(notice.workspace, [notice.person_id])
        if row is not None and not row.person.disabled:
            wanted = chosen.get(notice.person_id, NONE)
            other = await services.addressing.instead(notice, row.person, wanted)
            settled += [notice.over(other, now)] if other is not None else []
    await store.settle_notices(settled, noticed(settled))
    return "noted"


async def _replied(services: Services, replied: Replied) -> str:
    """Answer by a reply, or say in the log why not."""
    store = services.store
    link = await store.link(link_hash(replied.token))
    if link is None or link.kind is not LinkKind.REPLY:
        return _NOTHING
    row = await store.person(link.workspace, link.person_id)
    found = await store.task(link.workspace, link.task_id)
    if row is None or row.person.disabled or found is None:
        return _NOTHING
    known = (row.person.email, *row.person.aliases)
    if not replied.vouched or replied.sender not in known:
        why = Forbidden("the mail is not vouched for as theirs; a reply counts only if it is")
        return await _refused(services, link, row, why)
    allowed = (await store.settings(link.workspace)).reply_by_mail
    if not allowed or found.task.ask.risk is not Risk.LOW:
        weak = CredentialTooWeak(
            "a reply answers only what is of low risk, and only where it is on"
        )
        return await _refused(services, link, row, weak)
    if replied.word not in link.outcomes:
        return "no word that answers"
    command = AnswerTask(
        actor=row.person.actor,
        task_id=link.task_id,
        raw=RawAnswer(outcome=replied.word),
        view_digest=link.view_digest,
        channel=CHANNEL,
        credential=Credential(strength=Strength.LINK, method="mail_reply", id=link.hash[:16]),
        link=link.hash,
    )
    try:
        await services.door.execute(link.workspace, command)
    except Broken:
        raise
    except SignoffError as error:
        return f"refused: {error.code}"
    return "answered"


async def _refused(services: Services, link: Link, row: PersonRow, why: SignoffError) -> str:
    found = await services.store.task(link.workspace, link.task_id)
    if found is not None:
        attempt = Attempt(
            workspace=link.workspace,
            actor=row.person.actor,
            command=AnswerTask.__name__,
            channel=CHANNEL,
            intent_id=found.task.intent_id,
            task_id=link.task_id,
        )
        await recording.attempt_refused(services.store, attempt, why)
    return f"refused: {why.code}"
