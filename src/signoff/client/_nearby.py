"""Servers that run in this very process, by their address: tests reach them without a network."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """What carries the requests of either client to such a server."""

    plainly: httpx2.BaseTransport
    awaited: httpx2.AsyncBaseTransport


NEARBY: dict[str, Nearby] = {}
"""Whoever starts such a server writes it down here, and takes it out again when it stops."""
