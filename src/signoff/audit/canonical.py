"""Canonical JSON (RFC 8785) for what leaves are made of: texts, whole numbers, true, false, null.

Floats never occur in a leaf and are refused, so are whole numbers that JavaScript could not hold.
What is left of the standard is what the standard library's encoder does, but for the order of keys
beyond ASCII, which is by UTF-16 code units (section 3.2.3).
"""

from __future__ import annotations

import json
from typing import Any

from .errors import Malformed

LARGEST = 2**53 - 1
DEEPEST = 64

_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_AS_GIVEN = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def encode(value: object) -> bytes:
    """Write a value in its one canonical form.

    :raises Malformed: it holds a float, a number beyond 2**53, half a surrogate pair, a key that is
        no text, or is nested deeper than 64.
    """
    return _bytes(_ordered(value, 0))


def decode(data: bytes) -> Any:
    """Read one JSON value, strictly: each key once, and only what a leaf may hold.

    :raises Malformed: as for ``encode``; or it is no JSON in UTF-8.
    """
    return _loads(data, pairs=_once)


def decode_canonical(data: bytes) -> Any:
    """Read a value that must stand in its canonical form: these bytes and no others.

    A key that occurs twice is found by writing the value again, so nothing is looked at twice.

    :raises Malformed: it is another form of that value, or cannot be read at all.
    """
    value = _loads(data)
    text = _SORTED(value)
    if not text.isascii():
        text = _AS_GIVEN(_ordered(value, 0))
    if _bytes_of(text) != data:
        raise Malformed("the JSON is not in its canonical form (RFC 8785)")
    return value


def _loads(data: bytes, *, pairs: Any = None) -> Any:
    try:
        return json.loads(
            data.decode(),
            parse_int=_whole,
            parse_float=_no_float,
            parse_constant=_no_float,
            object_pairs_hook=pairs,
        )
    except RecursionError:
        raise Malformed("the JSON is nested too deeply") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise Malformed(f"this is no strict JSON: {error}") from None


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > LARGEST:
        raise Malformed("a number is beyond 2**53")
    return number if digits[0] != "-" else -abs(number)


def _no_float(text: str) -> None:
    raise Malformed(f"{text[:20]} is no whole number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key occurs twice")
    return found


def _bytes(value: object) -> bytes:
    return _bytes_of(_AS_GIVEN(value))


def _bytes_of(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("a text holds half a surrogate pair") from None


def _ordered(value: Any, depth: int) -> Any:
    """The value with its keys in order, once it is known to be one that may occur."""
    if depth > DEEPEST:
        raise Malformed("the value is nested too deeply")
    match value:
        case None | bool() | str():
            return value
        case int():
            if abs(value) > LARGEST:
                raise Malformed("a number is beyond 2**53")
            return value
        case list() | tuple():
            return [_ordered(each, depth + 1) for each in value]
        case dict() if all(isinstance(key, str) for key in value):
            keys = sorted(value, key=_by_utf16)
            return {key: _ordered(value[key], depth + 1) for key in keys}
        case _:
            raise Malformed(f"{type(value).__name__} does not occur in a leaf")


def _by_utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")
