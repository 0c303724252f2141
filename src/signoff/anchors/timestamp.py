"""Asks a timestamp authority for an RFC 3161 token over the SHA-256 of the checkpoint note.

It proves that the note existed by then. What comes back is held against what was asked; whose
certificate signed it is judged by whoever verifies, with the certificate they trust.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
from typing import TYPE_CHECKING

from signoff.anchors.http import post, shown
from signoff.engine.log.anchoring import Point
from signoff.errors import Broken

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

MISSING = 'timestamps need an extra: pip install "signoff[timestamps]"'
_LARGEST = 256 * 1024
_GRANTED = 0  # with modifications is refused too: verifiers take no such token


class TimestampAnchor:
    """A timestamp authority that is asked over HTTP (RFC 3161, section 3.4)."""

    kind = "timestamp"
    every_seconds: float | None = None

    def __init__(self, url: str) -> None:
        self.name = shown(url, setting="anchor_timestamp")
        self._url = url

    async def anchor(self, point: Point) -> str:
        """The evidence is the whole response in DER, as base64."""
        note = point.checkpoint.encode()
        request = _request(note)
        reply = await post(
            self._url,
            request.as_bytes(),
            media_type="application/timestamp-query",
            at_most=_LARGEST,
        )
        if reply.status != 200:
            raise Broken(f"the timestamp authority answered with HTTP {reply.status}")
        _require_answer(reply.body, request, note)
        return base64.b64encode(reply.body).decode()


def require_library() -> None:
    """:raises Broken: the library is not installed; the message says what to install."""
    try:
        importlib.import_module("rfc3161_client")
    except ImportError:
        raise Broken(MISSING) from None


def _request(note: bytes) -> TimeStampRequest:
    require_library()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256)
    return asked.nonce(nonce=True).cert_request(cert_request=True).build()


def _require_answer(der: bytes, request: TimeStampRequest, note: bytes) -> None:
    """:raises Broken: it is no answer to this request."""
    from rfc3161_client import decode_timestamp_response

    try:
        response = decode_timestamp_response(der)
        status = response.status
    except ValueError:
        raise Broken("the timestamp authority answered with no RFC 3161 response") from None
    if status != _GRANTED:
        raise Broken(f"the timestamp authority refused with status {status}")
    try:
        info = response.tst_info
        nonce, imprint = info.nonce, info.message_imprint.message
    except ValueError:
        raise Broken("the timestamp authority answered without a readable token") from None
    if imprint != hashlib.sha256(note).digest():
        raise Broken("the timestamp is for something else than this checkpoint")
    if nonce != request.nonce:
        raise Broken("the timestamp answers another request: its nonce is not ours")
