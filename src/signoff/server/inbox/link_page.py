"""The page a mailed link leads to: one task, for one person, to be answered once.

Opening the link changes nothing: its secret goes from the address into a cookie of its own, and is
in no address after that. Whoever is signed in as the same person goes to the task itself. A link
that was used, or is over, still shows what was decided and by whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from signoff.channels.email.sender import link_hash
from signoff.core.credential import Credential, Strength
from signoff.core.links import Link, LinkKind
from signoff.engine.ports import PersonRow
from signoff.language import _, speaking
from signoff.server.inbox import pages, session, sign_in, task_page
from signoff.server.inbox.looking import path_of
from signoff.server.inbox.session import ByLink, Visit
from signoff.server.preferences import chosen_by

if TYPE_CHECKING:
    from signoff.server.services import Services

OPEN = "/l/{secret:str}"
PAGE = "/link/{ref:str}"
_REF = 16


async def arrive(request: Request, services: Services) -> Response:
    """Take the secret out of the address. Nothing is spent, however often it is opened."""
    secret = request.path_params["secret"]
    link, row = await _found(services, secret)
    if link is None or row is None:
        return _no_link()
    signed_in = await session.visit(request, services)
    if signed_in is not None and signed_in.person.id == link.person_id:
        return pages.redirect(path_of(link.task_id))
    response = pages.redirect(f"/link/{link.hash[:_REF]}")
    session.set_link_cookie(response, services, secret, ref=link.hash[:_REF])
    return response


async def show(request: Request, services: Services) -> Response:
    """The task as it is now."""
    visit = await _visit(request, services)
    if visit is None:
        return _no_link()
    with speaking(visit.language):
        return await task_page.show(visit)


async def answer(request: Request, services: Services) -> Response:
    """Send the answer through the door with the link, which is spent with it."""
    visit = await _visit(request, services)
    if visit is None:
        return _no_link()
    with speaking(visit.language):
        return await task_page.answer(visit)


async def _visit(request: Request, services: Services) -> Visit | None:
    """The visit of whoever holds the cookie of this link."""
    ref = request.path_params["ref"]
    secret = request.cookies.get(session.link_cookie_name(services, ref))
    if not secret:
        return None
    link, row = await _found(services, secret)
    if link is None or row is None or link.hash[:_REF] != ref:
        return None
    return Visit(
        request=request,
        services=services,
        row=row,
        secret=secret,
        now=await services.store.now(),
        credential=Credential(strength=Strength.LINK, method="mail_link", id=link.hash[:_REF]),
        by_link=ByLink(link=link, path=f"/link/{ref}"),
        chosen=await chosen_by(services.store, row.workspace, row.person.id),
    )


async def _found(services: Services, secret: str) -> tuple[Link | None, PersonRow | None]:
    link = await services.store.link(link_hash(secret))
    if link is None or link.kind is not LinkKind.PAGE:
        return None, None
    row = await services.store.person(link.workspace, link.person_id)
    return link, None if row is None or row.person.disabled else row


def _no_link() -> Response:
    return pages.message(
        _("This link leads nowhere any more"),
        _(
            "It is too old, was copied in part, or this browser has not opened it. Open the "
            "latest mail about the task, or sign in."
        ),
        status=404,
        way_on=(_("Sign in"), sign_in.sign_in_path(sign_in.HOME)),
    )
