"""Text from elsewhere, made harmless for a terminal: nothing invisible, nothing that moves.

Titles, comments and arguments come from agents and from strangers. Whatever could move the cursor,
colour the screen, reorder what is read or hide itself is printed as a visible escape instead.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDDEN = frozenset("\u00ad\u180e\u200b\u2060\ufeff\u2028\u2029")
_TAGS = range(0xE0000, 0xE0080)


def visible(text: object, *, lines: bool = False) -> str:
    """Return the text with every control, reordering or hidden character spelled out.

    :param lines: keep line breaks; otherwise they are spelled out as well.
    """
    return "".join(_shown(character, lines) for character in str(text))


def moment(value: str | None) -> str:
    """An RFC 3339 time as people read it, in UTC, to the second."""
    if not value:
        return "-"
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        return visible(value)
    return at.strftime("%Y-%m-%d %H:%M:%SZ")


def _shown(character: str, lines: bool) -> str:
    if lines and character in "\n\t":
        return character
    if _harmless(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _harmless(character: str) -> bool:
    if character in _REORDERING or character in _HIDDEN or ord(character) in _TAGS:
        return False
    return unicodedata.category(character) not in ("Cc", "Cs")
