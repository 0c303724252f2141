"""What stands where a value was erased: something of the same type, so that it can still be read.

Pure, and about JSON: the body of an event or fact as it is stored. Structures that name people keep
their shape, for the rules read them; only who is named is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

ERASED = "[erased]"
_STRUCTURES = frozenset(
    {
        "ask.stages",
        "ask.ladder",
        "ask.watchers",
        "opening",
        "to",
        "who",
        "stand_ins",
        "stand_in",
    }
)
# Keys stay in the order in which they stand: what is not erased has to remain the very text that
# was committed to.
_encode = msgspec.json.Encoder().encode
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def blanked(data: str, names: Sequence[str]) -> str:
    """The body without the values of these commitments, and otherwise the same text.

    :param names: dotted paths, at most two deep.
    """
    body = _raw(data)
    inner: dict[str, dict[str, msgspec.Raw]] = {}
    for name in names:
        holder, _, last = name.rpartition(".")
        if holder and holder not in inner:
            inner[holder] = _raw(body[holder])
        fields = inner[holder] if holder else body
        fields[last] = msgspec.Raw(_encode(_blank(name, msgspec.json.decode(fields[last]))))
    body |= {holder: msgspec.Raw(_encode(fields)) for holder, fields in inner.items()}
    return _encode(body).decode()


def without(text: str, words: Mapping[str, str]) -> str:
    """The JSON text with these words replaced wherever they occur in its strings, in any case."""
    lowered = {word.lower(): instead for word, instead in words.items()}

    def replaced(value: str) -> str:
        for word, instead in lowered.items():
            if word in value.lower():
                value = _replace(value, word, instead)
        return value

    found = msgspec.json.decode(text)
    changed = _mapped(found, replaced)
    return text if changed == found else _encode(changed).decode()


def _blank(name: str, value: Any) -> Any:
    if name in _STRUCTURES:
        return _unnamed(value)
    if name == "ask.spec":
        return {key: _blank_of_spec(key, each) for key, each in value.items()}
    match value:
        case str():
            return ERASED
        case list():
            return []
        case _:
            return None


def _blank_of_spec(key: str, value: Any) -> Any:
    match value:
        case bool() | int():
            return value
        case str():
            return ERASED
        case list():
            return []
        case dict() if key == "action":
            return {"name": ERASED, "arguments": {}}
        case _:
            return None


def _unnamed(value: Any) -> Any:
    """Everything that says who is meant says only the id; words that people wrote are gone."""
    match value:
        case {"label": str(), "id": str(who)}:
            return value | {"label": who}
        case {"label": str(), "value": str(who), "kind": "person"}:
            return value | {"label": who}
        case dict():
            return {
                key: None if key in ("note", "when") else _unnamed(each)
                for key, each in value.items()
            }
        case list():
            return [_unnamed(each) for each in value]
        case _:
            return value


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case dict():
            return {change(key): _mapped(each, change) for key, each in value.items()}
        case list():
            return [_mapped(each, change) for each in value]
        case _:
            return value


def _replace(text: str, word: str, instead: str) -> str:
    parts, at, lowered = [], 0, text.lower()
    if len(lowered) != len(text):  # letters whose lower case is longer: rare enough to give all up
        return instead
    while (found := lowered.find(word, at)) >= 0:
        parts += [text[at:found], instead]
        at = found + len(word)
    return "".join([*parts, text[at:]])
