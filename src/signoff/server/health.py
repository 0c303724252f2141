"""Health: whether the process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import UNSET

from signoff.errors import Broken, StoreUnavailable
from signoff.server import documents as d

if TYPE_CHECKING:
    from signoff.server.services import Services

STORE_SECONDS = 2.0


def live() -> d.Health:
    """The process answers; nothing else is asked."""
    return d.Health(status="ok")


async def ready(services: Services) -> d.Health:
    """The store answers and the background loops run.

    A log that stands still is said, and does not keep people from deciding.

    :raises Broken: they do not; the message says which.
    """
    failing = services.failing()
    if failing:
        raise Broken(f"not running just now: {', '.join(sorted(failing))}")
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await services.store.now()
    except TimeoutError:
        raise StoreUnavailable(f"no answer from the database in {STORE_SECONDS:.0f} s") from None
    return d.Health(status="ok", logs_broken=len(services.ledger.broken) or UNSET)
