"""Signing in with a passkey: the browser names its person, and shows that it is theirs.

The challenge proves by itself that it was made for this browser: an HMAC under the secret of the
cookie that every page of signing in sets. An authenticator that verifies its person is two factors,
so the session that begins is as strong.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from signoff import base64url
from signoff.core.credential import Strength
from signoff.engine.ports import PasskeyRow, PersonRow
from signoff.errors import InvalidInput
from signoff.language import _
from signoff.server import passkeys, replies
from signoff.server.inbox import pages, session, sign_in
from signoff.server.inbox.fields import Posted
from signoff.server.inbox.passkey_page import reply_in

if TYPE_CHECKING:
    from signoff.server.services import Services

PATH = "/sign-in/passkey"
_SIGNING_IN = passkeys.Challenges("sign-in")


async def challenge(request: Request, services: Services) -> Response:
    """What the script asks the browser for: any passkey of this site."""
    import webauthn
    from webauthn import helpers
    from webauthn.helpers.structs import UserVerificationRequirement

    start, _posted = await _ours(request, services)
    try:
        here = passkeys.site(services.settings.address)
    except InvalidInput as error:
        return pages.data({"message": error.message}, status=422)
    options = webauthn.generate_authentication_options(
        rp_id=here.rp_id,
        challenge=_SIGNING_IN.new(start, await services.store.now()),
        timeout=replies.PROMPT_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return pages.data({"options": helpers.options_to_json_dict(options)})


async def use(request: Request, services: Services) -> Response:
    """Begin a session for the person whose passkey it is."""
    start, posted = await _ours(request, services)
    going_to = sign_in.safe_next(next(iter(posted.get("next", ())), sign_in.HOME))
    try:
        row = await _believed(services, reply_in(posted, "credential"), start)
    except (replies.Disbelieved, InvalidInput) as error:
        return pages.message(
            _("You are not signed in"),
            str(error) if isinstance(error, replies.Disbelieved) else error.message,
            status=422,
            way_on=(_("Try again"), sign_in.sign_in_path(going_to)),
        )
    proof = session.Proof(method="passkey", strength=Strength.MFA)
    return await session.signed_in(request, services, row, proof, to=going_to)


async def _ours(request: Request, services: Services) -> tuple[str, Posted]:
    posted = await session.read_form(request)
    start = request.cookies.get(session.cookie_name(services, start=True), "")
    session.require_ours(request, posted, start, services.settings.address)
    return start, posted


async def _believed(services: Services, given: Mapping[str, Any], start: str) -> PersonRow:
    """Whose passkey it is, which its authenticator has used for this sign-in.

    :raises Disbelieved: it is nobody's, or does not verify.
    """
    store, here = services.store, passkeys.site(services.settings.address)
    reply = replies.parts(given, replies.ASSERTION)
    now = await store.now()
    for workspace in await store.workspaces():
        used = await store.passkey(workspace, reply["id"])
        row = await store.person(workspace, used.person_id) if used else None
        if used is None or row is None or row.person.disabled:
            continue
        count = replies.believed(partial(_assertion, here, reply, used, start, now))
        if not await store.used_passkey(workspace, used.credential_id, count):
            raise replies.Disbelieved("its counter did not go up, as that of a copy would not")
        return row
    raise replies.Disbelieved("it is nobody's here, or was removed")


def _assertion(
    here: passkeys.Site, reply: replies.Reply, used: PasskeyRow, start: str, now: datetime
) -> int:
    said = replies.client_data(reply["response"]["clientDataJSON"])
    challenge = base64url.decoded(str(said.get("challenge", "")))
    if not _SIGNING_IN.are_ours(challenge, start, now):
        raise replies.Disbelieved("it took too long, or was begun in another window; try again")
    return passkeys.count_of_use(here, reply, used, challenge)
