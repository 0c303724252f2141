"""Signing in with a one-time link, and out again.

A link is spent by a button, never by being opened: mail scanners and previews open links. The
button carries a nonce from a cookie, so that nobody can be signed in as somebody else from outside.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from signoff.core.routing import Actor
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.ports import SignInToken
from signoff.errors import InvalidInput
from signoff.server import passkeys, recording
from signoff.server.inbox import pages, session

if TYPE_CHECKING:
    from signoff.server.services import Services

HOME = "/inbox"
LINK_LASTS = timedelta(minutes=30)
START_LASTS = timedelta(hours=1)


async def new_sign_in_url(
    services: Services,
    workspace: WorkspaceId,
    person_id: PersonId,
    *,
    by: Actor = recording.CONSOLE,
    next_path: str = HOME,
) -> tuple[str, datetime]:
    """Make a one-time sign-in link for a person: its address, and when it ends (30 minutes).

    :param by: who makes it; whoever runs the server where nobody else does.
    :param next_path: the page of the inbox to show after signing in.
    """
    token = secrets.token_urlsafe(32)
    expires_at = await services.store.now() + LINK_LASTS
    told = await recording.sign_in_offered(services.store, workspace, by, person_id)
    await services.store.add_sign_in(
        SignInToken(
            workspace=workspace,
            hash=session.hashed(token),
            person_id=person_id,
            expires_at=expires_at,
        ),
        told,
    )
    query = {"token": token}
    if next_path != HOME:
        query["next"] = next_path
    return f"{services.settings.address}/sign-in?{urlencode(query)}", expires_at


def sign_in_path(next_path: str) -> str:
    """Where somebody who is not signed in is sent, to come back afterwards."""
    return f"/sign-in?next={quote(safe_next(next_path))}"


def safe_next(path: str) -> str:
    """The path, where it is one of the inbox's own pages; the inbox otherwise."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    if plain and (path == HOME or path.startswith(("/inbox/", "/inbox?"))):
        return path
    return HOME


async def show(request: Request, services: Services) -> Response:
    """The page with the button. Changes nothing, however often it is opened."""
    token = request.query_params.get("token")
    going_to = safe_next(request.query_params.get("next", HOME))
    again = "again" in request.query_params
    if not token and not again and await session.visit(request, services) is not None:
        return pages.redirect(going_to)
    return page(services, going_to, token=token, again=again)


def page(
    services: Services,
    going_to: str,
    *,
    status: int = 200,
    token: str | None = None,
    again: bool = False,
    spent: bool = False,
) -> Response:
    """The page of signing in: the button that spends a link, or whatever else leads in here.

    :param again: whether somebody shall show once more that it is they.
    :param spent: whether a link was tried that no longer works.
    """
    start, settings = secrets.token_urlsafe(32), services.settings
    able = token is None and _allows_passkeys(settings.address)
    response = pages.page(
        "sign_in.html",
        status=status,
        scripts=pages.PASSKEYS if able else (),
        token=token,
        again=again,
        spent=spent,
        passkeys=able,
        mail=bool(settings.smtp),
        provider=settings.oidc_name if services.oidc else None,
        csrf=session.form_token(start),
        going_to=going_to,
    )
    session.set_cookie(response, services, start, lasts=START_LASTS, start=True)
    return response


def _allows_passkeys(address: str) -> bool:
    try:
        passkeys.site(address)
    except InvalidInput:
        return False
    return True


async def spend(request: Request, services: Services) -> Response:
    """Spend the token, once, and begin a session."""
    posted = await session.read_form(request)
    start = request.cookies.get(session.cookie_name(services, start=True), "")
    session.require_ours(request, posted, start, services.settings.address)
    token = next(iter(posted.get("token", ())), "")
    going_to = safe_next(next(iter(posted.get("next", ())), HOME))
    spent = await services.store.spend_sign_in(session.hashed(token))
    row = await services.store.person(spent.workspace, spent.person_id) if spent else None
    if spent is None or row is None or row.person.disabled:
        return page(services, going_to, status=410, spent=True)
    proof = session.Proof(method="sign_in_link")
    return await session.signed_in(request, services, row, proof, to=going_to)


async def sign_out(visit: session.Visit) -> Response:
    """End the session here and in the store."""
    services = visit.services
    posted = await session.read_form(visit.request)
    session.require_ours(visit.request, posted, visit.secret, services.settings.address)
    await session.end(visit.request, services)
    response = pages.message(
        "You are signed out", "This browser no longer has access to your inbox.", status=200
    )
    session.drop_cookie(response, services)
    return response
