"""An answer over the API: what the body says, what it came with, and what to sign it with."""

from __future__ import annotations

import msgspec

from signoff.core.credential import Credential
from signoff.core.decide import why_closed
from signoff.core.task import Evidence, RawAnswer
from signoff.errors import FieldError, InvalidInput, NotAPerson, SignatureRefused, StaleView
from signoff.server import documents as d
from signoff.server import edge, passkeys, signatures
from signoff.server.api import attempts, finding
from signoff.server.api import bodies as b
from signoff.server.api.operation import Call, NoQuery, Reply


async def challenge(call: Call[b.Answer, NoQuery]) -> Reply:
    """What to sign this answer with. It is judged as it would be, and nothing is recorded."""
    task, raw = (await finding.task(call)).task, raw_answer(call.body)
    if not task.live:
        raise why_closed(task)
    if edge.shown_view(call.headers) not in (None, task.view_digest):
        raise StaleView("the task changed after it was shown to you; look at it again")
    store, row = call.services.store, call.caller.row
    here = passkeys.site(call.services.settings.address)
    text = signatures.statement_of(call.caller.workspace, task, raw)
    known = await store.passkeys(row.workspace, row.person.id) if row else ()
    if not known:
        raise InvalidInput("you have no passkey; add one with POST /v1/me/passkeys")
    options = signatures.request_options(here, known, text)
    return Reply(document=d.SigningRequest(statement=text, options=options))


async def credential(call: Call[b.Answer, NoQuery], raw: RawAnswer) -> Credential:
    """What an answer came with: its signature where there is one, else the key.

    :raises SignatureRefused: it does not verify. That it was tried is on record.
    """
    given, caller = call.body.signature, call.caller
    if given is None:
        return caller.credential
    if caller.row is None:
        raise NotAPerson("only a person signs")
    task = (await finding.task(call)).task
    if not task.live:
        return caller.credential  # the door says by whom it was closed, or answers a repetition
    text = signatures.statement_of(caller.workspace, task, raw)
    reply = msgspec.to_builtins(given)
    try:
        return await signatures.signed(call.services, caller.row, reply, text=text)
    except SignatureRefused as error:
        await attempts.refused(call.around, caller, call.path, error, operation="answerTask")
        raise


def raw_answer(body: b.Answer) -> RawAnswer:
    """What a person says, shaped and not yet judged."""
    return RawAnswer(
        outcome=body.outcome,
        data=body.data,
        comment=body.comment,
        evidence=tuple(_evidence(each) for each in body.evidence or ()),
    )


def _evidence(given: str | b.GivenEvidence) -> Evidence:
    if isinstance(given, str):
        return Evidence(kind="link", value=given)
    if given.kind == "link" and not given.value.startswith(("https://", "http://")):
        message = "a link starts with https:// or http://"
        raise InvalidInput(message, errors=[FieldError("evidence", message)])
    return Evidence(kind=given.kind, value=given.value)
