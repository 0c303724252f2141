"""Signatures on answers: what is signed, what a browser is asked, what is believed of its reply.

The challenge is the SHA-256 of a statement that names the workspace, the task in the form it was
shown in, and the answer. So it needs no memory: it fits no other answer, and given once more it
finds the task answered. Never says whether an answer is allowed: that is the rules' to say, which
make the statement anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from signoff import base64url
from signoff.core.credential import Credential, Signature, Strength, statement
from signoff.core.judging import judge
from signoff.core.task import RawAnswer, Task, answer_digest
from signoff.core.words import JSON, WorkspaceId
from signoff.engine.ports import PasskeyRow, PersonRow, Store
from signoff.errors import SignatureRefused
from signoff.server import replies
from signoff.server.passkeys import Site, count_of_use, site

if TYPE_CHECKING:
    from signoff.server.services import Services


def statement_of(workspace: WorkspaceId, task: Task, raw: RawAnswer) -> str:
    """What is signed for this answer to the task as it stands: the rules make the same of it.

    :raises InvalidAnswer: it does not satisfy the task, so there is nothing to sign.
    """
    _, data = judge(task.ask, raw)
    return statement(
        workspace=workspace,
        task_id=task.id,
        outcome=raw.outcome,
        answer_digest=answer_digest(raw, data),
        view_digest=task.view_digest,
    )


def request_options(here: Site, known: Sequence[PasskeyRow], text: str) -> dict[str, JSON]:
    """What a browser is asked to sign with: ``PublicKeyCredentialRequestOptionsJSON``."""
    import webauthn
    from webauthn import helpers
    from webauthn.helpers.structs import UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=here.rp_id,
        challenge=challenge_of(text),
        timeout=replies.PROMPT_MILLISECONDS,
        allow_credentials=replies.named(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return helpers.options_to_json_dict(options)


def challenge_of(text: str) -> bytes:
    """What an authenticator signs for this statement: its SHA-256."""
    return hashlib.sha256(text.encode()).digest()


async def signed(
    services: Services, row: PersonRow, given: Mapping[str, Any], *, text: str
) -> Credential:
    """The credential of an answer that this person signed with a passkey of theirs.

    :param given: the browser's reply, as ``AuthenticationResponseJSON``.
    :param text: the statement of the answer that came with it, to the task as it stands.
    :raises SignatureRefused: it is no signature of theirs over this statement, made here, by
        somebody whom the authenticator verified; or its counter says that the passkey was copied.
    """
    here = site(services.settings.address)
    try:
        signature = await _believed(services.store, here, row, given, text)
    except replies.Disbelieved as error:
        raise SignatureRefused(str(error)) from None
    return Credential(
        strength=Strength.SIGNED,
        method="passkey",
        id=signature.credential_id,
        authenticated_at=await services.store.now(),
        signature=signature,
    )


async def _believed(
    store: Store, here: Site, row: PersonRow, given: Mapping[str, Any], text: str
) -> Signature:
    reply = replies.parts(given, replies.ASSERTION)
    known = await store.passkeys(row.workspace, row.person.id)
    used = next((each for each in known if each.credential_id == reply["id"]), None)
    if used is None:
        raise replies.Disbelieved("it is none of yours, or was removed")
    count = replies.believed(lambda: _assertion(here, reply, used, text))
    if not await store.used_passkey(row.workspace, used.credential_id, count):
        raise replies.Disbelieved("its counter did not go up, as that of a copy would not")
    response = reply["response"]
    return Signature(
        credential_id=used.credential_id,
        statement=text,
        authenticator_data=_again(response["authenticatorData"]),
        client_data=_again(response["clientDataJSON"]),
        signature=_again(response["signature"]),
    )


def _assertion(here: Site, reply: replies.Reply, used: PasskeyRow, text: str) -> int:
    """The counter of a reply that verifies."""
    challenge = challenge_of(text)
    said = replies.client_data(reply["response"]["clientDataJSON"])
    if said.get("challenge") != base64url.encoded(challenge):
        raise replies.Disbelieved("it signs another answer, or a task as it no longer is")
    return count_of_use(here, reply, used, challenge)


def _again(text: str) -> str:
    """The same bytes in the one way to write them."""
    return base64url.encoded(base64url.decoded(text))
