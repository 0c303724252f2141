"""Where somebody is signed in, and with which accounts they can be: each can be ended and taken
away by its person."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from signoff.core import facts as f
from signoff.language import _
from signoff.server import recording
from signoff.server.inbox import looking, pages, sign_in_oidc
from signoff.server.inbox.session import Visit

PATH = "/inbox/sessions"


async def show(visit: Visit) -> Response:
    """Every session and account of this person."""
    store, person = visit.services.store, visit.person
    oidc = visit.services.oidc
    return pages.page(
        "sessions.html",
        path=PATH,
        sessions=await store.sessions(visit.workspace, person.id),
        here=visit.session.id if visit.session else "",
        accounts=await store.identities(visit.workspace, person.id),
        connect=sign_in_oidc.PATH if oidc else None,
        provider=visit.services.settings.oidc_name,
        methods=_methods(),
        **visit.context,
    )


async def end(visit: Visit) -> Response:
    """End one session, or all but this one."""
    posted = await looking.posted_form(visit)
    store, person = visit.services.store, visit.person
    which = looking.first(posted, "which")
    mine = await store.sessions(visit.workspace, person.id)
    here = visit.session.id if visit.session else ""
    ids = [each.id for each in mine if each.id != here] if which == "others" else [which]
    told = await recording.signed_out(store, visit.row)
    await store.end_sessions(visit.workspace, person.id, ids, told)
    return pages.redirect(PATH)


async def disconnect(visit: Visit) -> Response:
    """Take an account away."""
    posted = await looking.posted_form(visit)
    store, person = visit.services.store, visit.person
    issuer, subject = looking.first(posted, "issuer"), looking.first(posted, "subject")
    mine = await store.identities(visit.workspace, person.id)
    if any((each.issuer, each.subject) == (issuer, subject) for each in mine):
        removed = f.IdentityRemoved(person_id=person.id, issuer=issuer, subject=subject)
        told = await recording.told(store, visit.workspace, person.actor, removed)
        await store.remove_identity(visit.workspace, issuer, subject, told)
    return pages.redirect(PATH)


def _methods() -> Mapping[str, str]:
    return {
        "sign_in_link": _("with a one-time link"),
        "passkey": _("with a passkey"),
        "oidc": _("with an account"),
    }
