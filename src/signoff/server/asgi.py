"""The whole server as one ASGI application: the API, the inbox, and what operators look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from signoff.errors import NotFound
from signoff.server import health, inbound, inbox, metrics, openapi, reference
from signoff.server.api.finding import Owners
from signoff.server.api.operation import Endpoint, Surroundings
from signoff.server.api.table import OPERATIONS
from signoff.server.auth import KeyRing
from signoff.server.frame import Frame
from signoff.server.resource import gathered, routes

if TYPE_CHECKING:
    from signoff.server.services import Services


def application(services: Services) -> ASGIApp:
    """Put the server together around services that are running."""
    measured = metrics.Metrics(services)
    around = Surroundings(services=services, keys=KeyRing(services.store), owners=Owners())
    found: list[BaseRoute] = [
        *routes(_api(around)),
        *gathered(_for_operators(services, measured)),
        *gathered(inbound.routes(services)),
        *gathered(inbox.routes(services)),
    ]
    return Frame(Router(found, redirect_slashes=False, default=_nothing_here), measured)


def _api(around: Surroundings) -> Mapping[str, Mapping[str, ASGIApp]]:
    by_path: dict[str, dict[str, ASGIApp]] = {}
    for operation in OPERATIONS:
        by_method = by_path.setdefault(operation.path, {})
        by_method[operation.method] = Endpoint(operation, around)
    return by_path


def _for_operators(services: Services, measured: metrics.Metrics) -> list[BaseRoute]:
    document = msgspec.json.encode(openapi.document())
    page = reference.render(openapi.document())

    async def live(request: Request) -> Response:
        return _json(msgspec.json.encode(health.live()))

    async def ready(request: Request) -> Response:
        return _json(msgspec.json.encode(await health.ready(services)))

    async def numbers(request: Request) -> Response:
        return Response(await measured.render(), media_type=metrics.MEDIA_TYPE)

    async def described(request: Request) -> Response:
        return _json(document)

    async def docs(request: Request) -> Response:
        return reference.page(page)

    async def style(request: Request) -> Response:
        return Response(reference.style(), media_type="text/css; charset=utf-8")

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", numbers),
        Route("/openapi.json", described),
        Route("/docs", docs),
        Route(reference.STYLE_PATH, style),
    ]


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotFound("there is nothing at this address; /docs lists what there is")
