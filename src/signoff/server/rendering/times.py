"""Times and spans as documents have them."""

from __future__ import annotations

from datetime import datetime, timedelta

from signoff.core.moments import rfc3339


def time(moment: datetime | None) -> str | None:
    """A moment where there is one."""
    return None if moment is None else rfc3339(moment)


def duration(span: timedelta) -> str:
    """An elapsed duration as ISO 8601 writes it, in seconds: ``PT86400S``."""
    return f"PT{span.total_seconds():.6f}".rstrip("0").rstrip(".") + "S"
