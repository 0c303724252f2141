"""Bytes as base64url without padding (RFC 4648, 5)."""

from __future__ import annotations

import base64


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes, whether or not the text is padded.

    :raises ValueError: it is no base64url.
    """
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
