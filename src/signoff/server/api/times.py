"""Times in requests: a moment, or a duration that counts from now by the store's time."""

from __future__ import annotations

from datetime import datetime, timedelta

from signoff.core.durations import parse_elapsed
from signoff.core.moments import read_moment
from signoff.engine.ports import Store
from signoff.errors import FieldError, InvalidInput

LATEST = timedelta(days=3660)


async def moment_or_duration(store: Store, text: str, *, field: str) -> datetime:
    """Read either.

    :raises InvalidInput: it is neither, or further away than ten years.
    """
    found = read_moment(text)
    if found is None:
        return await moment_after(store, text, field=field)
    return await _soon_enough(store, found, field=field)


def recorded(text: str, *, field: str) -> datetime:
    """Read a moment in RFC 3339 that says when something had happened, however long ago.

    :raises InvalidInput: it is none.
    """
    found = read_moment(text)
    if found is None:
        raise _wrong(field, f"{text!r} is no moment; write e.g. 2026-11-24T09:30:00Z")
    return found


async def moment(store: Store, text: str, *, field: str) -> datetime:
    """Read a moment in RFC 3339.

    :raises InvalidInput: it is none, or further away than ten years.
    """
    return await _soon_enough(store, recorded(text, field=field), field=field)


async def moment_after(store: Store, text: str, *, field: str) -> datetime:
    """The moment a duration from now.

    :raises InvalidInput: it is no duration, or longer than ten years.
    """
    return await store.now() + parse_elapsed(text, field=field)


async def _soon_enough(store: Store, found: datetime, *, field: str) -> datetime:
    if found - await store.now() > LATEST:
        raise _wrong(field, "is further away than ten years")
    return found


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(f"{field}: {message}", errors=[FieldError(field, message)])
