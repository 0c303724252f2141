"""The strict edge: what a request must be like before anything looks at what it says.

A body is UTF-8 JSON as RFC 8259 and I-JSON (RFC 7493) have it, and an object: no duplicate names,
no lone surrogates, no NUL, no NaN or infinities, no integer that a double cannot hold, at most 64
levels deep and 256 kB long. Anything else is refused before it is parsed further. Nothing here
recurses, so no body can make it.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive

from signoff.core.words import JSON
from signoff.errors import FieldError, InvalidInput, InvalidJson, TooLarge, WrongMediaType

MAX_BODY = 256 * 1024
MAX_DEPTH = 64
MAX_INTEGER = 2**53
BODY_SECONDS = 30.0

Headers = Mapping[bytes, bytes]
T = TypeVar("T")

_HOSTILE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_STRUCTURE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_VISIBLE_ASCII = re.compile(rb"[\x21-\x7e]{1,255}")
_DIGEST = re.compile(rb'"(sha256:[0-9a-f]{64})"')
_INDEX = re.compile(r"\[(\d+)\]")
_AT = re.compile(r"(.*?)(?: - at `(?:key` in `)?\$?(.*?)`)?", re.DOTALL)


# Bodies


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """Read the body, never more than its limit, whatever its headers say.

    :raises TooLarge: it is, or says it is, longer than ``MAX_BODY``.
    :raises InvalidInput: it did not arrive in full within ``BODY_SECONDS``.
    """
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared[:20]) > MAX_BODY:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise InvalidInput("the body did not arrive in full")
                part = message.get("body", b"")
                size += len(part)
                if size > MAX_BODY:
                    raise _too_large()
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise InvalidInput(f"the body did not arrive within {BODY_SECONDS:.0f} s") from None


def require_json(headers: Headers) -> None:
    """Refuse a body that is not sent as JSON in UTF-8 and without compression.

    :raises WrongMediaType: it is not.
    """
    media, _, parameters = headers.get(b"content-type", b"").decode("latin-1").partition(";")
    charset = parameters.strip().lower().replace(" ", "").replace('"', "")
    if media.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise WrongMediaType("send the body with Content-Type: application/json")
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise WrongMediaType("send the body without Content-Encoding")


def read_json(body: bytes) -> JSON:
    """Parse strict JSON.

    :raises InvalidJson: it breaks any of the rules above; the message says which.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise InvalidJson(f"the body is not UTF-8: byte {error.start} is wrong") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _require_shallow(body)
    try:
        value: JSON = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidJson(f"the body is not JSON: {error.msg} at {where}") from None
    if _HOSTILE_ESCAPE.search(body):
        _require_characters(value)
    return value


def _require_shallow(body: bytes) -> None:
    depth = 0
    for found in _STRUCTURE.finditer(body):
        match found[0]:
            case b"[" | b"{":
                depth += 1
                if depth > MAX_DEPTH:
                    raise InvalidJson(f"the body is nested more than {MAX_DEPTH} levels deep")
            case b"]" | b"}":
                depth -= 1
            case _:
                pass


def _require_characters(value: JSON) -> None:
    """Refuse escapes of what no text can hold: NUL, and halves of surrogate pairs."""
    left: list[JSON] = [value]
    while left:
        match left.pop():
            case str() as text:
                if "\x00" in text:
                    raise InvalidJson("the body holds a NUL character")
                if not _encodes(text):
                    raise InvalidJson("the body holds half of a surrogate pair")
            case Mapping() as found:
                left.extend(found)
                left.extend(found.values())
            case Sequence() as found:
                left.extend(found)
            case _:
                pass


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise InvalidJson(f"the name {_shown(twice)} stands twice in the same object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > MAX_INTEGER:
        raise InvalidJson(f"{digits[:20]} is beyond 2^53; send large numbers as text")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidJson(f"{digits[:20]} is beyond what a number can hold")
    return number


def _constant(name: str) -> NoReturn:
    raise InvalidJson(f"{name} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_integer, parse_float=_float, parse_constant=_constant
)


def _too_large() -> TooLarge:
    return TooLarge(f"a body may hold at most {MAX_BODY // 1024} kB")


# From JSON and queries to values of the shape a route wants


def shaped(value: JSON, shape: type[T], *, field: str = "") -> T:
    """Convert parsed JSON to its struct.

    :param field: the dotted path of the value, where it is part of a body.
    :raises InvalidInput: a field is unknown, missing or malformed; it is named.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise refused(error, field=field) from None


def read_query(query: bytes, shape: type[T], *, lists: frozenset[str] = frozenset()) -> T:
    """Read a query string; a name in ``lists`` may be repeated.

    :raises InvalidInput: a name is unknown or repeated, or a value malformed; it is named.
    """
    if not query:
        return shape()
    found: dict[str, Any] = {}
    for name, value in _pairs(query):
        if name in lists:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise _wrong(name, "is given twice")
        elif value.lower() == "null":  # msgspec would take it for a parameter left out
            raise _wrong(name, "must not be null; leave it out")
        else:
            found[name] = value
    try:
        return msgspec.convert(found, shape, strict=False)
    except msgspec.ValidationError as error:
        raise refused(error) from None


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
        )
    except ValueError:
        raise InvalidInput("the query string cannot be read") from None
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise InvalidInput("the query string holds a NUL character")
    return pairs


def refused(error: msgspec.ValidationError, *, field: str = "") -> InvalidInput:
    """Name the field a conversion failed at, in the words of JSON."""
    found = _AT.fullmatch(str(error))
    said, at = (found[1], found[2] or "") if found else (str(error), "")
    steps = _INDEX.sub(r".\1", at.replace("[...]", ".*")).strip(".")
    path = [part for part in (field, steps) if part]
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", said, re.DOTALL):
        return _wrong(".".join([*path, unknown[1]]), "is no field here")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", said):
        return _wrong(".".join([*path, missing[1]]), "is missing")
    return _wrong(".".join(path), _in_words(said))


def _in_words(said: str) -> str:
    if "matching regex" in said:
        return "must not be blank" if said.endswith(r"'\\S'") else "is not of the right form"
    said = said.replace("`", "").replace("str", "string").replace("dict", "object")
    return said[:1].lower() + said[1:]


def _wrong(field: str, message: str) -> InvalidInput:
    named = _shown(field) if field else "the body"
    return InvalidInput(f"{named}: {message}", errors=[FieldError(field[:200], message)])


def _shown(name: str) -> str:
    return name if len(name) <= 100 else f"{name[:100]}..."


# Headers


def idempotency_key(headers: Headers) -> str | None:
    """Read the ``Idempotency-Key`` header.

    :raises InvalidInput: it is not 1 to 255 visible ASCII characters.
    """
    value = headers.get(b"idempotency-key")
    if value is None:
        return None
    if not _VISIBLE_ASCII.fullmatch(value):
        raise _wrong("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
    return value.decode("ascii")


def shown_view(headers: Headers) -> str | None:
    """Read the view digest a decision was made on from ``If-Match`` (RFC 9110, 13.1.1).

    :raises InvalidInput: it is neither ``*`` nor one quoted view digest.
    """
    value = headers.get(b"if-match")
    if value is None or value.strip() == b"*":
        return None
    found = _DIGEST.fullmatch(value.strip())
    if found is None:
        raise _wrong("If-Match", 'must be the task\'s view_digest in quotes: "sha256:..."')
    return found[1].decode("ascii")
