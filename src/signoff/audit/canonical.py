"""Canonical JSON (RFC 8785) for what leaves are made of: texts, whole numbers, true, false, null.

Floats never occur in a leaf and are refused, so are whole numbers that JavaScript could not hold.
What is left of the standard is what the standard library's encoder does, but for the order of keys
beyond U+FFFF, which is by UTF-16 code units (section 3.2.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .errors import Malformed
from .exact import LARGEST, decode_canonical, loads, no_float, whole, written

__all__ = ["DEEPEST", "LARGEST", "decode", "decode_canonical", "encode"]

DEEPEST = 64


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
    value = loads(data, _STRICT)
    if data.count(b"[") + data.count(b"{") > DEEPEST:
        _check(value, DEEPEST)
    if b"\\u" in data:
        written(value)  # half a surrogate pair comes in by an escape only
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


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key occurs twice")
    return found


_STRICT = json.JSONDecoder(
    parse_float=no_float, parse_int=whole, parse_constant=no_float, object_pairs_hook=_once
)
