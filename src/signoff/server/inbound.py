"""Where other systems send what people say elsewhere. Each address knows who may send to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signoff.server import mail_inbound as mail
from signoff.server.slack import inbound as slack

if TYPE_CHECKING:
    from signoff.server.services import Services


def routes(services: Services) -> list[BaseRoute]:
    """Every address, whether what sends to it is set up or not."""

    async def from_slack(request: Request) -> Response:
        return await slack.receive(request, services)

    async def from_mail(request: Request) -> Response:
        return await mail.receive(request, services)

    return [
        Route(slack.PATH, from_slack, methods=["POST"]),
        Route(mail.PATH, from_mail, methods=["POST"]),
    ]
