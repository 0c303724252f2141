"""What stands where a value was erased: something of the same type, so that it can still be read.

Pure, and about JSON: the body of an event or fact as it is stored. Structures that name people keep
their shape, for the rules read them; only who is named is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
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


def is_blank(name: str, value: bytes) -> bool:
    """Whether nothing is left to erase of the JSON text that stands under this name."""
    return _encode(_blank(name, msgspec.json.decode(value))) == value


def without(text: str, words: Mapping[str, str], *, keep: Collection[str] = ()) -> str:
    """The JSON text without these words, in whatever case they occur in its strings.

    :param words: mail addresses in lower case, each with what stands in its place.
    :param keep: fields whose values stay, unless they say who somebody is.
    """
    if not words:
        return text
    pattern = _pattern(tuple(words))

    instead = next(iter(words.values()))

    def replaced(value: str) -> str:
        return pattern.sub(lambda found: words.get(found[0].lower(), instead), value)

    found = msgspec.json.decode(text)
    changed = {
        key: value if key in keep and not _labelled(value) else _mapped(value, replaced)
        for key, value in found.items()
    }
    return text if changed == found else _encode(changed).decode()


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """The words where they stand alone: an address may be the end, or the start, of another."""
    longest_first = sorted(words, key=len, reverse=True)
    some = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w.+-])(?:{some})(?![\w-]|\.\w)", re.IGNORECASE)


def _labelled(value: Any) -> bool:
    return isinstance(value, dict) and "label" in value


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
