"""Signing in with an account at an identity provider, and connecting such an account.

Whom the provider vouches for is somebody here by issuer and subject. Whoever is signed in can
connect their account; where that is set, a mail address that the provider has verified does so too.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from signoff.core import facts as f
from signoff.engine.identities import Identity
from signoff.engine.ports import PersonRow
from signoff.errors import AlreadyExists, NotFound
from signoff.language import _
from signoff.server import recording
from signoff.server.inbox import pages, session, sign_in
from signoff.server.oidc import Known, Provider

if TYPE_CHECKING:
    from signoff.server.services import Services

PATH = "/sign-in/oidc"
BACK = f"{PATH}/callback"
_COOKIE_SPLIT = "."


def _provider(services: Services) -> Provider:
    """The provider that is set up.

    :raises NotFound: none is.
    """
    if services.oidc is None:
        raise NotFound("There is no page at this address.")
    return services.oidc


async def begin(request: Request, services: Services) -> Response:
    """Send the browser to the provider."""
    provider = _provider(services)
    posted = await session.read_form(request)
    start = request.cookies.get(session.cookie_name(services, start=True), "")
    session.require_ours(request, posted, start, services.settings.address)
    going_to = sign_in.safe_next(next(iter(posted.get("next", ())), sign_in.HOME))
    fresh = secrets.token_urlsafe(32)
    away = await provider.begin(fresh, again="again" in posted)
    response = pages.away(away)
    kept = f"{fresh}{_COOKIE_SPLIT}{going_to}"
    session.set_cookie(response, services, kept, lasts=sign_in.START_LASTS, start=True)
    return response


async def back(request: Request, services: Services) -> Response:
    """Begin a session for whom the provider vouches for."""
    provider = _provider(services)
    kept = request.cookies.get(session.cookie_name(services, start=True), "")
    start, _mark, going_to = kept.partition(_COOKIE_SPLIT)
    going_to = sign_in.safe_next(going_to or sign_in.HOME)
    query = request.query_params
    if "code" not in query:
        return _refused(_("The identity provider did not sign you in."), going_to)
    known = await provider.finish(start, state=query.get("state", ""), code=query["code"])
    here = await session.visit(request, services)
    row = await _whom(services, known, here.row if here else None)
    if row is None:
        return _refused(
            _(
                "Your account there is connected to nobody here. Sign in another way and connect "
                "it under Sign-in, or ask whoever runs this server."
            ),
            going_to,
        )
    proof = session.Proof(
        method="oidc", strength=known.strength, provider=known.issuer, at=known.at
    )
    return await session.signed_in(request, services, row, proof, to=going_to)


def _refused(text: str, going_to: str) -> Response:
    way_on = (_("Sign in another way"), sign_in.sign_in_path(going_to))
    return pages.message(_("You are not signed in"), text, status=403, way_on=way_on)


async def _whom(services: Services, known: Known, here: PersonRow | None) -> PersonRow | None:
    """Who that is here: whoever it stands for, or else whoever may be connected with it now."""
    store = services.store
    for identity in await store.identified(known.issuer, known.subject):
        row = await store.person(identity.workspace, identity.person_id)
        if row is not None and not row.person.disabled and _fits(row, here):
            return row
    candidate = here or await _by_mail(services, known)
    return await _connected(services, known, candidate) if candidate else None


def _fits(row: PersonRow, here: PersonRow | None) -> bool:
    """Whoever is signed in stays who they are."""
    return here is None or (row.workspace, row.person.id) == (here.workspace, here.person.id)


async def _by_mail(services: Services, known: Known) -> PersonRow | None:
    if not services.settings.oidc_trust_mail or not known.verified or known.email is None:
        return None
    store = services.store
    found = [await store.person(each, known.email) for each in await store.workspaces()]
    enabled = [row for row in found if row is not None and not row.person.disabled]
    return enabled[0] if len(enabled) == 1 else None


async def _connected(services: Services, known: Known, row: PersonRow) -> PersonRow | None:
    store, person = services.store, row.person
    identity = Identity(
        workspace=row.workspace,
        issuer=known.issuer,
        subject=known.subject,
        person_id=person.id,
        label=known.email,
        created_at=await store.now(),
    )
    added = f.IdentityAdded(person_id=person.id, issuer=known.issuer, subject=known.subject)
    try:
        told = await recording.told(store, row.workspace, person.actor, added)
        await store.add_identity(identity, told)
    except AlreadyExists:
        return None
    return row
