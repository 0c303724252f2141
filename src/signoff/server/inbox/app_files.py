"""What makes the inbox an app that can be installed (https://www.w3.org/TR/appmanifest/).

Its manifest, its service worker, and the page that is shown where there is no connection.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from signoff.language import _
from signoff.server.inbox import pages

MANIFEST = "/manifest.webmanifest"
WORKER = "/sw.js"
OFFLINE = "/inbox/offline"
_ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"))
_MASKABLE = ("icon-maskable-512.png", 512, "maskable")


async def manifest(request: Request) -> Response:
    """How the app is called, looks and begins."""
    said = {
        "id": "/inbox",
        "name": "Signoff",
        "short_name": "Signoff",
        "start_url": "/inbox",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f8",
        "theme_color": "#1b57b0",
        "icons": [
            {
                "src": pages.asset(name),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in (*_ICONS, _MASKABLE)
        ],
    }
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(json.dumps(said), media_type="application/manifest+json", headers=headers)


async def worker(request: Request) -> Response:
    """The service worker: browsers compare it with the one they have. It may fetch our pages."""
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(pages.content("sw.js"), media_type="text/javascript", headers=headers)


async def offline(request: Request) -> Response:
    """What is shown where there is no connection."""
    return pages.message(
        _("There is no connection"),
        _("Nothing is lost: what waits for you waits on the server. Try again in a moment."),
        status=200,
        way_on=(_("Try again"), "/inbox"),
    )
