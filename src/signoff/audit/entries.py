"""One entry of a log with what is opened of it, as it stands in bundles and in receipts."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from .errors import Malformed, Refuted
from .exact import loads, written
from .merkle import leaf_hash

_SALT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # 32 bytes, and no bit beyond them


class Entry(NamedTuple):
    """``opened`` has for a commitment its ``salt`` and its ``value``: nothing is checked yet."""

    index: int  # type: ignore[assignment]  # not that of tuples
    leaf: Mapping[str, Any]
    opened: Mapping[str, Any]
    hash: bytes

    def text(self, name: str) -> str:
        """A field of the leaf that has to be a text."""
        value = self.leaf.get(name)
        if not isinstance(value, str):
            raise Refuted(f"the leaf has no {name}", self.index)
        return value

    def part(self, name: str) -> Mapping[str, Any]:
        """A field of the leaf that has to be an object, or is not there."""
        value = self.leaf.get(name, {})
        if not isinstance(value, dict):
            raise Refuted(f"{name} in the leaf is no object", self.index)
        return value

    def unopened(self) -> list[str]:
        """Which commitments nothing opens, once whatever is opened is what was committed to.

        :raises Refuted: something else is opened.
        """
        committed = self.part("commitments")
        for name, opening in self.opened.items():
            if name not in committed or committed[name] != _commitment(opening):
                raise Refuted(f"the value of {name} is not the one that was recorded", self.index)
        return [name for name in committed if name not in self.opened]


def parsed(line: bytes) -> Entry:
    """Read a line of a bundle.

    :raises Malformed: it is not in canonical form, or has other keys.
    """
    value = loads(line)
    if not isinstance(value, dict) or value.keys() != {"index", "leaf", "open"}:
        raise Malformed("it has other keys than index, leaf and open")
    index, leaf, opened = value["index"], value["leaf"], value["open"]
    if not isinstance(index, int) or not isinstance(leaf, dict) or not isinstance(opened, dict):
        raise Malformed("it has no number, leaf and values")
    text = written(leaf)
    if line != b'{"index":%d,"leaf":%b,"open":%b}' % (index, text, written(opened)):
        raise Malformed("it is not in canonical form (RFC 8785)")
    return Entry(index, leaf, opened, leaf_hash(text))


def _commitment(opening: Any) -> str | None:
    """SHA-256 over the salt and the exact bytes of the value; None where it is no opening."""
    try:
        salt, value = opening["salt"], opening["value"]
        if len(opening) != 2 or not _SALT.fullmatch(salt):
            return None
        raw = a2b_base64(salt.replace("-", "+").replace("_", "/") + "=")
        return sha256(raw + value.encode()).hexdigest()
    except (TypeError, KeyError, AttributeError, ValueError):
        return None
