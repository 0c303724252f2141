"""Reads canonical JSON (RFC 8785) by the letter; ``canonical`` has the rest, and these names too.

Read a text, write what was read, compare: so a key that occurs twice, a number in another form, an
escape too many or half a surrogate pair are all found, and nothing is looked at twice.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .errors import Malformed

LARGEST = 2**53 - 1


def decode_canonical(data: bytes) -> Any:
    """Read a value that must stand in its canonical form: these bytes and no others.

    :raises Malformed: it is another form of that value, or cannot be read at all.
    """
    value = loads(data)
    if written(value) != data:
        raise Malformed("the JSON is not in its canonical form (RFC 8785)")
    return value


def loads(data: bytes, decoder: json.JSONDecoder | None = None) -> Any:
    """Read a value whose bytes the caller compares with what ``written`` makes of it."""
    try:
        return (decoder or _PLAIN).decode(data.decode())
    except RecursionError:
        raise Malformed("the JSON is nested too deeply") from None
    except Malformed:
        raise
    except ValueError as error:
        raise Malformed(f"this is no strict JSON: {error}") from None


def written(value: object) -> bytes:
    """The canonical form of a value that was read here."""
    try:
        text = _SORTED(value)
        if not text.isascii() and max(text) > "\uffff":
            text = _AS_GIVEN(_ordered(value))
        return text.encode()
    except RecursionError:
        raise Malformed("the value is nested too deeply") from None
    except UnicodeEncodeError:
        raise Malformed("a text holds half a surrogate pair") from None


def whole(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > LARGEST:
        raise Malformed("a number is beyond 2**53")
    return number


def no_float(text: str) -> NoReturn:
    raise Malformed(f"{text[:20]} is no whole number")


def _ordered(value: object) -> object:
    """With keys in the order of UTF-16 (section 3.2.3), which is another beyond U+FFFF."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(each) for each in value] if isinstance(value, list | tuple) else value


# Made once: to make them anew costs as much as a small leaf.
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PLAIN = json.JSONDecoder(parse_float=no_float, parse_int=whole, parse_constant=no_float)
