"""Where the server is and who we are, and how a request of ours becomes one of httpx2."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx2

from signoff.client._json import seconds
from signoff.client._messages import Request
from signoff.errors import InvalidInput, Unauthenticated

DEFAULT_URL = "http://127.0.0.1:8600"
_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 30.0  # the server hangs up after 75, proxies after 60; that moment is best not met


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the server is, who we are, and how many seconds a plain answer may take."""

    url: str
    key: str
    timeout: float

    @classmethod
    def of(cls, url: str | None, key: str | None, timeout: float | timedelta) -> Address:
        """Take what was given, or what ``SIGNOFF_URL`` and ``SIGNOFF_KEY`` say.

        :raises InvalidInput: the URL is none.
        :raises Unauthenticated: there is no key.
        """
        url = (url or os.environ.get("SIGNOFF_URL") or DEFAULT_URL).rstrip("/")
        key = (key or os.environ.get("SIGNOFF_KEY") or "").strip()
        if not _is_url(url):
            raise InvalidInput(f"SIGNOFF_URL must be like https://signoff.acme.test, not {url!r}")
        if not (key and key.isascii() and key.isprintable()):
            raise Unauthenticated(
                "no usable key: set SIGNOFF_KEY or give key=. Make one with `signoff keys create`"
            )
        return cls(url=url, key=key, timeout=seconds(timeout))

    def settings(self) -> dict[str, Any]:
        return {
            "base_url": self.url,
            "verify": _trusted(),
            "headers": {"Authorization": f"Bearer {self.key}", "User-Agent": "signoff-python"},
            "limits": httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=None,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        }

    def arguments(self, request: Request) -> dict[str, Any]:
        """The arguments of httpx2 for one request."""
        headers = {}
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        if request.view is not None:
            headers["If-Match"] = f'"{request.view}"'
        return {
            "method": request.method,
            "url": request.path,
            "params": request.query,
            "json": request.body,
            "headers": headers,
            "timeout": httpx2.Timeout(
                self.timeout + request.wait,
                connect=min(self.timeout, _CONNECT_SECONDS),
                pool=None,
            ),
        }


@cache
def _trusted() -> SSLContext:
    """Whom TLS trusts. Reading that takes longer than anything else here, so it is read once."""
    return httpx2.create_ssl_context()


def _is_url(text: str) -> bool:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)
