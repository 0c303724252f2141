"""Between Python's values and SQLite's: moments are whole microseconds since 1970 in UTC.

Integers sort, compare and index without parsing, and lose nothing that a ``datetime`` holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar, cast

Value = None | int | str | bytes
"""What a column holds."""

_AS_IS = frozenset({type(None), int, str, bytes})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LAST_ID = "\U0010ffff"
"""Sorts after every id: where a page without a ``before`` begins."""


R = TypeVar("R", bound=NamedTuple)


def micros(moment: datetime) -> int:
    """The stored form of an aware moment."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(stored: int) -> datetime:
    """The moment of a stored one, in UTC."""
    return _EPOCH + timedelta(microseconds=stored)


def maybe_moment(stored: int | None) -> datetime | None:
    """The moment, where there is one."""
    return None if stored is None else moment(stored)


def bound(row: Iterable[object]) -> list[Value]:
    """The stored form of a row's values."""
    return [value if type(value) in _AS_IS else _stored(value) for value in row]  # type: ignore[misc]


def record(of: type[R], row: Sequence[object]) -> R:
    """Read a row back into its record; fields named ``at`` or ``..._at`` are moments."""
    values = list(row)
    for index in _moments_in(of):
        if values[index] is not None:
            values[index] = moment(values[index])  # type: ignore[arg-type]
    made: R = cast(Any, of)._make(values)
    return made


_KNOWN: dict[type[NamedTuple], tuple[int, ...]] = {}


def _moments_in(of: type[NamedTuple]) -> tuple[int, ...]:
    found = _KNOWN.get(of)
    if found is None:
        names = enumerate(of._fields)
        found = tuple(index for index, name in names if name == "at" or name.endswith("_at"))
        _KNOWN[of] = found
    return found


def _stored(value: object) -> Value:
    match value:
        case None | str() | bytes():
            return value
        case datetime():
            return micros(value)
        case int():  # bool is one
            return int(value)
        case _:
            raise TypeError(f"a column holds no {type(value).__name__}")
