"""How people want to be told, and to read."""

from __future__ import annotations

from datetime import time

from signoff.core.preferences import Preferences
from signoff.server import documents as d


def preferences(chosen: Preferences) -> d.Preferences:
    quiet = chosen.quiet
    return d.Preferences(
        language=chosen.language,
        theme=chosen.theme,
        channels=None if chosen.channels is None else [str(each) for each in chosen.channels],
        everywhere=chosen.everywhere,
        muted=list(chosen.muted),
        quiet=d.QuietHours(start=_clock(quiet.start), end=_clock(quiet.end), urgent=quiet.urgent)
        if quiet
        else None,
        digest=chosen.digest,
        digest_at=_clock(chosen.digest_at),
        filters=[d.Filter(name=each.name, query=each.query) for each in chosen.filters],
    )


def _clock(at: time) -> str:
    return at.isoformat("minutes")
