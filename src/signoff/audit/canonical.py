"""Canonical JSON (RFC 8785) for what leaves are made of: texts, whole numbers, true, false, null.

Floats never occur in a leaf and are refused, so are whole numbers that JavaScript could not hold.
What is left of the standard is what the standard library's encoder does, but for the order of keys
beyond U+FFFF, which is by UTF-16 code units (section 3.2.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from .errors import Malformed

LARGEST = 2**53 - 1
DEEPEST = 64
_SHORT = (",", ":")


def encode(value: object) -> bytes:
    """Write a value in its one canonical form.

    :raises Malformed: it holds a float, a number beyond 2**53, half a surrogate pair, a key that is
        no text, or is nested deeper than 64.
    """
    _check(value, DEEPEST)
    return written(value)


def decode(data: bytes) -> Any:
    """Read one JSON value, strictly: each key once, and only what a leaf may hold.

    :raises Malformed: as for ``encode``; or it is no JSON in UTF-8.
    """
    value = _loads(data, _STRICT)
    if b"\\u" in data:
        written(value)  # half a surrogate pair comes in by an escape only
    return value


def decode_canonical(data: bytes) -> Any:
    """Read a value that must stand in its canonical form: these bytes and no others.

    :raises Malformed: it is another form of that value, or cannot be read at all.
    """
    value = loads(data)
    if written(value) != data:
        raise Malformed("the JSON is not in its canonical form (RFC 8785)")
    return value


def loads(data: bytes) -> Any:
    """Read a value whose bytes the caller compares with what ``written`` makes of it.

    So a key that occurs twice, or half a surrogate pair, is found there and not here.
    """
    return _loads(data, _PLAIN)


def written(value: object) -> bytes:
    """The canonical form of a value that was read here: ``encode`` without its checks."""
    text = _SORTED(value)
    if not text.isascii() and max(text) > "\uffff":
        text = _AS_GIVEN(_ordered(value))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("a text holds half a surrogate pair") from None


def _loads(data: bytes, decoder: json.JSONDecoder) -> Any:
    try:
        value = decoder.decode(data.decode())
    except RecursionError:
        raise Malformed("the JSON is nested too deeply") from None
    except Malformed:
        raise
    except ValueError as error:
        raise Malformed(f"this is no strict JSON: {error}") from None
    if data.count(b"[") + data.count(b"{") > DEEPEST:
        _check(value, DEEPEST)
    return value


def _check(value: object, depth: int) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise Malformed("a number is beyond 2**53")
        return
    inner: Iterable[object]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        inner = value.values()
    elif isinstance(value, list | tuple):
        inner = value
    else:
        raise Malformed(f"such a {type(value).__name__} does not occur in a leaf")
    if depth == 0:
        raise Malformed("the value is nested too deeply")
    for each in inner:
        _check(each, depth - 1)


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(each) for each in value] if isinstance(value, list | tuple) else value


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > LARGEST:
        raise Malformed("a number is beyond 2**53")
    return number


def _no_float(text: str) -> NoReturn:
    raise Malformed(f"{text[:20]} is no whole number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key occurs twice")
    return found


# Made once: to make them anew costs as much as a small leaf.
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=_SHORT).encode
_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, separators=_SHORT).encode
_PLAIN = json.JSONDecoder(parse_float=_no_float, parse_int=_whole, parse_constant=_no_float)
_STRICT = json.JSONDecoder(
    parse_float=_no_float, parse_int=_whole, parse_constant=_no_float, object_pairs_hook=_once
)
