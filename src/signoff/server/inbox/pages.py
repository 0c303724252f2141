"""Pages: templates, the headers every page carries, and the static files they link to.

Nothing here knows a task. No page loads from elsewhere, or may be framed or cached. Scripts are
files of our own alone, and every page works without them but for passkeys, which only a script can
ask for. Static files are named by the hash of their content and may be kept for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from signoff import language, visible
from signoff.channels import phrases
from signoff.core.words import JSON
from signoff.server.inbox import applying, fields

STATIC = "/inbox/static"

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

PASSKEYS = ("passkeys.js",)
"""The scripts of a page on which passkeys are used."""

_MEDIA = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
}
_SCRIPTED = {
    **HEADERS,
    "Content-Security-Policy": (
        f"{HEADERS['Content-Security-Policy']}; script-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'"
    ),
}


def page(
    template: str,
    *,
    status: int = 200,
    scripts: Sequence[str] = (),
    live: bool = False,
    **context: Any,
) -> Response:
    """Render a template as a page.

    :param scripts: which of our scripts it runs.
    :param live: whether it runs those that keep it current and take keys.
    """
    html = _environment().get_template(template).render(scripts=scripts, live=live, **context)
    headers = _SCRIPTED if scripts or live else HEADERS
    return HTMLResponse(html, status_code=status, headers=dict(headers))


def data(document: Mapping[str, JSON], *, status: int = 200) -> Response:
    """What our script is answered with."""
    return JSONResponse(document, status_code=status, headers=dict(HEADERS))


def message(
    title: str, text: str, *, status: int, way_on: tuple[str, str] | None = None, **context: Any
) -> Response:
    """A page that says one thing. ``way_on`` is a link, as its text and address."""
    said: dict[str, Any] = {"title": title, "text": text, "way_on": way_on}
    return page("message.html", status=status, **said, **context)


def redirect(path: str) -> Response:
    """Send the browser on with a GET. ``path`` is one of ours."""
    return RedirectResponse(path, status_code=303, headers=dict(HEADERS))


def away(address: str) -> Response:
    """Send the browser to a page of somebody else's, by a link of our own making."""
    return RedirectResponse(address, status_code=303, headers=dict(HEADERS))


async def static(request: Request) -> Response:
    """Serve one static file by its hashed name."""
    found = {path: (body, media) for path, body, media in _assets().values()}
    file = found.get(request.url.path)
    if file is None:
        return message("Not found", "There is no such file.", status=404)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file[0], media_type=file[1], headers=headers)


def asset(name: str) -> str:
    """The hashed path of a static file."""
    return _assets()[name][0]


def content(name: str) -> bytes:
    """What a static file holds."""
    return _assets()[name][1]


@cache
def _assets() -> dict[str, tuple[str, bytes, str]]:
    """Every static file: its hashed path, its bytes and its media type."""
    found = {}
    for file in (files(__package__) / "static").iterdir():
        stem, _, kind = file.name.rpartition(".")
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:12]
        found[file.name] = (f"{STATIC}/{stem}.{digest}.{kind}", body, _MEDIA[kind])
    return found


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.plural, newstyle=True
    )
    environment.filters |= {
        "visible": _visible,
        "plain": visible.plain,
        "kind": _kind,
        "as_text": phrases.as_text,
        "agent_name": phrases.agent_name,
        "outcome_word": phrases.outcome_word,
        "outcome_tone": phrases.outcome_tone,
        "who": phrases.who,
    }
    environment.globals |= {
        "asset": asset,
        "when": _when,
        "text_in": fields.text_in,
        "keys_in": fields.keys_in,
        "picked_in": fields.picked_in,
        "condition_as_data": applying.as_data,
        "removal": fields.Rows.removal,
        "phrases": phrases,
        "hidden_in": visible.hidden_in,
        "me": None,
        "csrf": None,
        "by_link": False,
        "operates": False,
        "theme": "system",
        "language": language.spoken,
    }
    return environment


def _visible(text: object) -> Markup:
    """Text as HTML with its hidden characters as marked escapes."""
    return Markup().join(
        Markup('<span class="esc">{}</span>').format(piece.text)
        if piece.escaped
        else escape(piece.text)
        for piece in visible.pieces(str(text))
    )


def _when(moment: datetime, now: datetime, zone: tzinfo) -> Markup:
    """A moment in words and exactly, as one ``time`` element."""
    return Markup('<time datetime="{}"><span>{}</span> <small>{}</small></time>').format(
        moment.isoformat(), phrases.relative(moment, now), phrases.exact(moment, zone)
    )


def _kind(value: JSON) -> str:
    """What sort of value this is, for the template that lays it out."""
    match value:
        case None:
            return "none"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case Mapping():
            return "object" if value else "empty"
        case _:
            return "list" if value else "empty"
