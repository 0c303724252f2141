"""Times and spans as documents have them."""

from __future__ import annotations

from datetime import datetime

from signoff.core.moments import rfc3339


def time(moment: datetime | None) -> str | None:
    """A moment where there is one."""
    return None if moment is None else rfc3339(moment)
