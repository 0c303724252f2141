"""Who is looking: the session cookie, the token in every form, and where a form may come from.

The cookie holds a random secret and the store its SHA-256. The form token is derived from the
secret, so it needs no storage and dies with the session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from uuid6 import uuid7

from signoff.channels import phrases
from signoff.core.credential import Credential, Strength
from signoff.core.links import Link
from signoff.core.preferences import NONE, Preferences
from signoff.core.routing import Person
from signoff.core.words import WorkspaceId
from signoff.engine.ports import PersonRow
from signoff.engine.sessions import LASTS, SEEN_AGAIN, Session
from signoff.errors import Forbidden, InvalidInput, TooLarge
from signoff.language import preferred
from signoff.server import recording
from signoff.server.inbox import pages
from signoff.server.inbox.fields import Posted, one_newline
from signoff.server.preferences import chosen_by
from signoff.server.visibility import reads_all_by_role

if TYPE_CHECKING:
    from signoff.server.services import Services

MAX_BODY = 1_000_000
MAX_NAMES = 5000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLink:
    """The link somebody came by, and the address of the page it leads to."""

    link: Link
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of one person.

    :param secret: of their session, or of the link they came by.
    :param credential: what an answer of theirs comes with.
    :param session: the one they are signed in with.
    :param by_link: where they have not signed in but came by a link, which shows them one task.
    :param chosen: how they want to read.
    """

    request: Request
    services: Services
    row: PersonRow
    secret: str
    now: datetime
    credential: Credential
    session: Session | None = None
    by_link: ByLink | None = None
    chosen: Preferences = NONE

    @property
    def workspace(self) -> WorkspaceId:
        return self.row.workspace

    @property
    def person(self) -> Person:
        return self.row.person

    @property
    def zone(self) -> tzinfo:
        return phrases.zone(self.row.time_zone)

    @property
    def context(self) -> dict[str, Any]:
        """What every page of a signed-in person needs."""
        return {
            "me": self.person,
            "csrf": form_token(self.secret),
            "now": self.now,
            "zone": self.zone,
            "by_link": self.by_link is not None,
            "theme": self.chosen.theme,
            "operates": self.by_link is None and reads_all_by_role(self.person),
        }

    @property
    def language(self) -> str:
        """The language this person reads: the one they chose, or what their browser asks for."""
        accepted = self.request.headers.get("accept-language", "")
        return self.chosen.language or preferred(accepted)

    @property
    def channel(self) -> str:
        """Over what this person answers, for the record."""
        return "inbox" if self.by_link is None else "email"


def hashed(secret: str) -> str:
    """What the store keeps of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def cookie_name(services: Services, *, start: bool = False) -> str:
    """``__Host-`` names are only accepted by browsers over HTTPS, so plain HTTP has its own."""
    name = "signoff-start" if start else "signoff"
    if services.settings.secure_cookies:
        return f"__Host-{name}"
    return "signoff_start" if start else "signoff_session"


def set_cookie(
    response: Response, services: Services, secret: str, *, lasts: timedelta, start: bool = False
) -> None:
    response.set_cookie(
        cookie_name(services, start=start),
        secret,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def link_cookie_name(services: Services, ref: str) -> str:
    """A cookie for each link, so that two that are open do not take each other's place."""
    name = f"signoff-link-{ref}"
    return f"__Host-{name}" if services.settings.secure_cookies else name


def set_link_cookie(response: Response, services: Services, secret: str, *, ref: str) -> None:
    """Keep the secret of a link in this browser until it is closed."""
    response.set_cookie(
        link_cookie_name(services, ref),
        secret,
        path="/",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, services: Services, *, start: bool = False) -> None:
    set_cookie(response, services, "", lasts=timedelta(0), start=start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How somebody has proved who they are.

    :param provider: who vouches for them: ``local``, or an issuer.
    :param at: when they did, where that was not just now.
    """

    method: str
    strength: Strength = Strength.SESSION
    provider: str = "local"
    at: datetime | None = None


async def begin(request: Request, services: Services, row: PersonRow, proof: Proof) -> str:
    """Start a session for a person in this browser, in the place of one there, and return its
    secret."""
    await end(request, services)
    secret, store = secrets.token_urlsafe(32), services.store
    now = await store.now()
    session = Session(
        workspace=row.workspace,
        hash=hashed(secret),
        id=f"ses_{uuid7().hex}",
        person_id=row.person.id,
        expires_at=now + LASTS,
        created_at=now,
        authenticated_at=min(proof.at or now, now),
        seen_at=now,
        method=proof.method,
        strength=proof.strength,
        provider=proof.provider,
        device=device(request.headers.get("user-agent", "")),
    )
    told = await recording.signed_in(store, row, method=proof.method, strength=proof.strength)
    await store.add_session(session, told)
    return secret


async def signed_in(
    request: Request, services: Services, row: PersonRow, proof: Proof, *, to: str
) -> Response:
    """Begin a session and go on to a page of ours."""
    secret = await begin(request, services, row, proof)
    response = pages.redirect(to)
    set_cookie(response, services, secret, lasts=LASTS)
    drop_cookie(response, services, start=True)
    return response


async def end(request: Request, services: Services) -> None:
    """End the session of this browser in the store, where it has one."""
    secret, store = request.cookies.get(cookie_name(services)), services.store
    if not secret:
        return
    session = await store.session(hashed(secret))
    row = await store.person(session.workspace, session.person_id) if session else None
    told = await recording.signed_out(store, row) if row else ()
    await store.drop_session(hashed(secret), told)


async def visit(request: Request, services: Services) -> Visit | None:
    """The visit of whoever is signed in, or None. A disabled person is not."""
    secret = request.cookies.get(cookie_name(services))
    if not secret:
        return None
    session = await services.store.session(hashed(secret))
    if session is None:
        return None
    row = await services.store.person(session.workspace, session.person_id)
    if row is None or row.person.disabled:
        return None
    now = await services.store.now()
    if now - session.seen_at >= SEEN_AGAIN:
        await services.store.see_session(session.hash)
    return Visit(
        request=request,
        services=services,
        row=row,
        secret=secret,
        now=now,
        session=session,
        credential=_credential(session),
        chosen=await chosen_by(services.store, row.workspace, row.person.id),
    )


def _credential(session: Session) -> Credential:
    """A session is as sure as its beginning was."""
    return Credential(
        strength=session.strength,
        method="session",
        provider=session.provider,
        authenticated_at=session.authenticated_at,
    )


_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device(agent: str) -> str | None:
    """What a browser says it is, in the few words by which its person knows it again."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    return " on ".join(each for each in (browser, system) if each) or None


def form_token(secret: str) -> str:
    """The token that every form of a session carries."""
    return hmac.new(secret.encode(), b"signoff form token", hashlib.sha256).hexdigest()


def require_ours(request: Request, posted: Posted, secret: str, public_url: str) -> None:
    """Refuse a form that did not come from one of our own pages.

    Browsers send ``Origin: null`` from pages whose referrer policy is ``no-referrer``, as ours
    is, and ``Sec-Fetch-Site: none`` when a person sends a form again by hand; then, and where
    neither header is sent, the token alone has to prove it.

    :param secret: what the token is derived from; nothing is ours without one.
    :raises Forbidden: another site sent it, or the token is not this session's.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = {request.headers.get("host"), urlsplit(public_url).netloc}
    foreign = origin not in (None, "null") and urlsplit(origin or "").netloc not in ours
    token = next(iter(posted.get("csrf", ())), "")
    good = hmac.compare_digest(token.encode(), form_token(secret).encode())
    if not secret or site not in (None, "same-origin", "none") or foreign or not good:
        raise Forbidden(
            "This form did not come from a page of yours that is still valid, so nothing was "
            "sent. Go back, reload the page and try again."
        )


async def read_form(request: Request) -> Posted:
    """Read a posted form strictly.

    :raises InvalidInput: no form, not UTF-8, or it holds a NUL.
    :raises TooLarge: more than ``MAX_BODY`` bytes or ``MAX_NAMES`` fields.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidInput(f"a form must be sent as {_FORM}")
    body = await read_body(request)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_NAMES
        )
    except UnicodeError:
        raise InvalidInput("the form is not UTF-8") from None
    except ValueError:
        raise TooLarge(f"a form has at most {MAX_NAMES} fields") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise InvalidInput("the form holds a NUL character")
        found.setdefault(name, []).append(one_newline(value))
    return found


async def read_body(request: Request) -> bytes:
    """Read a body of at most ``MAX_BODY`` bytes."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BODY:
                raise TooLarge(f"a form may hold at most {MAX_BODY:,} bytes")
            parts.append(part)
    except ClientDisconnect:
        raise InvalidInput("the form did not arrive in full") from None
    return b"".join(parts)
