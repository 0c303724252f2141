"""From a refusal to the HTTP answer that says it: an RFC 9457 problem document.

The only module that knows which status an error has. Nothing here reveals how the server is made:
an exception nobody expected becomes a 500 that names the request and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from signoff import errors as e
from signoff.errors import SignoffError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
WORTH_RETRYING = (e.Broken, e.NotLoggedYet)
"""Refusals that say after how many seconds it may be otherwise."""

_STATUS: Mapping[type[SignoffError], int] = {
    e.InvalidJson: 400,
    e.Unauthenticated: 401,
    e.Forbidden: 403,
    e.NotFound: 404,
    e.WrongMethod: 405,
    e.AlreadyExists: 409,
    e.TooLarge: 413,
    e.WrongMediaType: 415,
    e.InvalidInput: 422,
    e.KeyReused: 422,
    e.CallerError: 400,
    e.WorldMoved: 409,
    e.Broken: 503,
    e.SignoffError: 500,
}

_REASONS: Mapping[int, str] = {
    400: "The body is not strict JSON",
    401: "No key, or not a good one",
    403: "The key is good but may not do this",
    404: "There is no such thing in this workspace",
    405: "This path does not take that method",
    409: "The world has moved since",
    413: "The body is over 256 kB",
    415: "The body is not application/json",
    422: "The request is not valid",
    500: "The server is broken",
    503: "The server, or its database, does not answer now",
}


def status_of(kind: type[SignoffError]) -> int:
    """The HTTP status of an error: its own, or that of the nearest ancestor that has one."""
    return next(_STATUS[each] for each in kind.__mro__ if each in _STATUS)


def reason(status: int) -> str:
    """What a status means here, in words."""
    return _REASONS[status]


def document(error: SignoffError) -> dict[str, Any]:
    """The problem document of an error."""
    found: dict[str, Any] = {
        "type": f"/docs#{error.code}",
        "title": error.title,
        "status": status_of(type(error)),
        "detail": error.message,
        "code": error.code,
    }
    if error.errors:
        found["errors"] = [{"field": each.field, "message": each.message} for each in error.errors]
    if error.about:
        found["about"] = error.about
    return found


def headers(error: SignoffError) -> Iterator[tuple[bytes, bytes]]:
    """The headers that belong to the refusal itself."""
    if isinstance(error, e.Unauthenticated):
        yield b"www-authenticate", b'Bearer realm="signoff"'
    if isinstance(error, WORTH_RETRYING):
        yield b"retry-after", str(RETRY_AFTER_SECONDS).encode()
    if isinstance(error, e.WrongMethod):
        yield b"allow", str(error.about.get("allow", "")).encode()
    if isinstance(error, e.TooLarge):
        yield b"connection", b"close"  # the rest of the body is not going to be read


def encode(error: SignoffError) -> bytes:
    """The problem document as bytes."""
    return msgspec.json.encode(document(error))


def unexpected(request_id: str) -> SignoffError:
    """What a client is told of an exception nobody expected."""
    return SignoffError(
        "Something went wrong on the server, and it has been logged. Try again; if it happens "
        f"again, tell the operator the request id {request_id}.",
        about={"request_id": request_id},
    )
