"""The frame around every request: its id, the headers of every answer, and what catches a refusal.

Whatever is raised inside leaves as a problem document. An exception nobody expected is logged with
its trace, and the client is told no more than the id to ask about.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signoff.errors import Broken, CallerError, NotFound, SignoffError
from signoff.logs import Log
from signoff.server import problems
from signoff.server.metrics import Metrics
from signoff.server.waiting import ClientGone

_log = Log("signoff.server")

HEADERS: Mapping[bytes, bytes] = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
REQUEST_ID = b"x-request-id"
NO_ROUTE = "unmatched"


class Frame:
    """The outermost application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        reply = _Reply(send, request_id=f"req_{os.urandom(8).hex()}")
        try:
            await self._app(scope, receive, reply.send)
        except ClientGone:
            pass
        except SignoffError as error:
            await self._refuse(scope, reply, error)
        except HTTPException as error:
            await self._refuse(scope, reply, _of_starlette(error))
        except Exception:
            self._metrics.broke()
            _log.exception("unexpected", **_where(scope, reply))
            await reply.problem(problems.unexpected(reply.request_id))
        finally:
            route = getattr(scope.get("endpoint"), "path", NO_ROUTE)
            seconds = time.perf_counter() - began
            status = reply.status or _CLIENT_GONE
            self._metrics.observe(route, scope["method"], status, seconds)

    async def _refuse(self, scope: Scope, reply: _Reply, error: SignoffError) -> None:
        if isinstance(error, Broken):
            _log.warning("broken", reason=error.message, **_where(scope, reply))
        await reply.problem(error)


_CLIENT_GONE = 499
"""What nginx counts such a request as; nobody is sent it."""


class _Reply:
    """One answer on its way out: adds what every answer carries, and notes its status."""

    __slots__ = ("_send", "request_id", "status")

    def __init__(self, send: Send, *, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            have = {name for name, _ in headers}
            headers += [each for each in HEADERS.items() if each[0] not in have]
            headers.append((REQUEST_ID, self.request_id.encode()))
            message = {**message, "headers": headers}
        await self._send(message)

    async def problem(self, error: SignoffError) -> None:
        """Answer with a problem document, unless an answer has begun already."""
        if self.status:
            return
        body = problems.encode(error)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *problems.headers(error),
        ]
        status = problems.status_of(type(error))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _of_starlette(error: HTTPException) -> SignoffError:
    if problems.status_of(NotFound) == error.status_code:
        return NotFound("there is nothing at this address; /docs lists what there is")
    return CallerError(error.detail)


def _where(scope: Scope, reply: _Reply) -> dict[str, Any]:
    """What a log line may say of a request: never its query, headers or body."""
    route = getattr(scope.get("endpoint"), "path", NO_ROUTE)
    return {"route": route, "method": scope["method"], "request_id": reply.request_id}
