"""Signing the answer to a task: what the page's script is told, and what its form came with.

What is signed is judged first, as it will be judged: so nobody signs what cannot be recorded.
"""

from __future__ import annotations

from starlette.responses import Response

from signoff import visible
from signoff.channels import phrases
from signoff.core.credential import Credential
from signoff.core.task import RawAnswer, Task
from signoff.errors import InvalidInput
from signoff.server import passkeys, signatures
from signoff.server.inbox import pages
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.looking import first, posted_form, see
from signoff.server.inbox.passkey_page import reply_in
from signoff.server.inbox.questions import given
from signoff.server.inbox.session import Visit
from signoff.server.inbox.showing import Standing

_MOVED, _WRONG = 409, 422


async def challenge(visit: Visit) -> Response:
    """What to sign this answer with. Where it would be refused, the form says why when it is sent.

    Nothing is recorded.
    """
    posted = await posted_form(visit)
    sight = await see(visit)
    task = sight.task
    shown = first(posted, "view_digest") == task.view_digest
    if sight.view.standing is not Standing.MAY_ANSWER or not shown or not sight.ways.signed:
        return pages.data({}, status=_MOVED)
    said = given(task, posted)
    try:
        statement = signatures.statement_of(visit.workspace, task, said.answer)
    except InvalidInput:
        return pages.data({}, status=_WRONG)
    if said.errors:
        return pages.data({}, status=_WRONG)
    here = passkeys.site(visit.services.settings.address)
    return pages.data(
        {
            "says": f"Follow your device to sign: {_in_words(task, said.answer)}",
            "statement": statement,
            "options": signatures.request_options(here, sight.passkeys, statement),
        }
    )


def _in_words(task: Task, answer: RawAnswer) -> str:
    button = phrases.BUTTONS.get(answer.outcome, phrases.outcome_word(answer.outcome))
    return f"{button}, “{visible.plain(task.ask.title)}”"


async def credential(visit: Visit, task: Task, answer: RawAnswer, posted: Posted) -> Credential:
    """What this answer came with: a signature where one was meant, else the session.

    :raises InvalidInput: a signature was meant and is not there, or does not verify.
    """
    if not first(posted, "signing"):
        return visit.credential
    statement = signatures.statement_of(visit.workspace, task, answer)
    reply = reply_in(posted, "signature")
    return await signatures.signed(visit.services, visit.row, reply, text=statement)
