"""The leaves of a form: one field for one node of a schema, or None where no field would do.

Pure. A field does where every value it can start from comes back from a browser unharmed. What
a field starts from is ``initial`` among the ``common`` parts every field has.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from signoff.core.words import JSON
from signoff.server.inbox.fields import (
    ABSENT,
    Choice,
    Choices,
    Fixed,
    Flag,
    Lines,
    Maybe,
    Number,
    Option,
    Raw,
    Text,
)
from signoff.server.inbox.schemas import Node, Schema

_RADIOS_UP_TO = 6
_LONG = 120
_LONG_NAMES = re.compile(
    r"body|message|notes?|reason|comment|description|summary|instructions|text"
)
_LONG_FORMATS = frozenset({"textarea", "multiline", "markdown", "html"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNPOSTABLE = re.compile("[\x00\ud800-\udfff]")


def choice(node: Node, common: dict[str, Any]) -> Choice | Fixed | None:
    initial = common["initial"]
    if len(node.options) == 1 and (common["required"] or initial == node.options[0][1]):
        fixed = node.options[0][1]
        return Fixed(**common, value=fixed) if initial in (ABSENT, fixed) else None
    options = _options(node, common["label"])
    shown = _key_of(initial, options)
    if shown is None:
        return None
    return Choice(**common, options=options, shown=shown, radios=len(options) <= _RADIOS_UP_TO)


def choices(item: Node, values: Sequence[JSON], common: dict[str, Any]) -> Choices | None:
    options = _options(item, common["label"])
    keys = [_key_of(value, options) for value in values]
    if None in keys:
        return None
    shown = frozenset(key for key in keys if key is not None)
    return Choices(**common, options=options, shown=shown)


def _options(node: Node, label: str) -> tuple[Option, ...]:
    values = [value for _, value in node.options]
    speaking = all(isinstance(v, str) and v and not _CONTROL.search(v) for v in values)
    found: dict[str, Option] = {}
    for index, (title, value) in enumerate(node.options):
        key = str(value) if speaking else str(index)
        said = value if isinstance(value, str) and value else json.dumps(value)
        named = title if title and title != label else said
        found.setdefault(key, Option(key=key, label=named, value=value))
    return tuple(found.values())


def _key_of(value: Maybe, options: Sequence[Option]) -> str | None:
    """The key of a value, empty for no value, None for a value that is no option."""
    if value is ABSENT or value is None:
        return ""
    for option in options:
        if option.value == value and isinstance(option.value, bool) is isinstance(value, bool):
            return option.key
    return None


def boolean(common: dict[str, Any]) -> Flag | Choice | None:
    """A checkbox where there is a value; otherwise *no* must be told from *not answered*."""
    initial = common["initial"]
    if isinstance(initial, bool) and not common["nullable"]:
        return Flag(**common, shown=initial)
    options = (
        Option(key="yes", label="Yes", value=True),
        Option(key="no", label="No", value=False),
    )
    shown = _key_of(initial, options)
    return None if shown is None else Choice(**common, options=options, shown=shown)


def text(schema: Schema, common: dict[str, Any]) -> Text | None:
    initial = common["initial"]
    shown = "" if initial is ABSENT or initial is None else initial
    if not isinstance(shown, str) or _UNPOSTABLE.search(shown):
        return None
    form = schema.get("format")
    longest, shortest = _count(schema, "maxLength"), _count(schema, "minLength")
    wide = (
        "\n" in shown
        or "\r" in shown
        or len(shown) > _LONG
        or (longest or 0) > _LONG
        or form in _LONG_FORMATS
        or (longest is None and form is None and _is_long_name(common["name"]))
    )
    return Text(
        **common,
        shown=shown,
        multiline=wide,
        input_type="text" if wide else _input_type(form, shown, initial is ABSENT),
        format=form if isinstance(form, str) else None,
        min_length=shortest,
        max_length=longest,
        pattern=schema.get("pattern"),
        hints=_text_hints(form, longest, shortest, schema.get("pattern")),
    )


def _is_long_name(name: str) -> bool:
    return bool(_LONG_NAMES.fullmatch(name.rpartition(".")[2].rpartition("_")[2].lower()))


def _input_type(form: object, shown: str, fresh: bool) -> str:
    """The HTML type whose own rules would not change what is shown."""
    match form:
        case "email" | "uri" if shown == shown.strip():
            return "email" if form == "email" else "url"
        case "date" if not shown or _is_date(shown):
            return "date"
        case "date-time" if fresh:
            return "datetime-local"
        case _:
            return "text"


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _text_hints(
    form: object, longest: int | None, shortest: int | None, pattern: object
) -> tuple[str, ...]:
    by_format = {
        "date-time": "Date and time in UTC.",
        "time": "Time with its zone, like 14:30:00Z.",
        "uuid": "An id such as 123e4567-e89b-12d3-a456-426614174000.",
    }
    found = [by_format[form]] if isinstance(form, str) and form in by_format else []
    if longest is not None:
        found.append(f"At most {longest} characters.")
    if shortest is not None and shortest > 1:
        found.append(f"At least {shortest} characters.")
    if isinstance(pattern, str):
        found.append(f"Pattern: {pattern}")
    return tuple(found)


def number(node: Node, common: dict[str, Any]) -> Number | None:
    initial = common["initial"]
    blank = initial is ABSENT or initial is None
    if not blank and not _is_number(initial):
        return None
    return Number(
        **common,
        shown="" if blank else json.dumps(initial),
        integer=node.type == "integer",
        hints=_range_hints(node.schema, whole=node.type == "integer"),
    )


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def _range_hints(schema: Schema, *, whole: bool) -> tuple[str, ...]:
    parts = [
        f"{words} {json.dumps(schema[name])}"
        for name, words in _BOUNDS.items()
        if _is_number(schema.get(name))
    ]
    kind = "A whole number" if whole else "A number"
    if parts:
        return (f"{kind}, {' and '.join(parts)}.",)
    return ("A whole number.",) if whole else ()


def lines(item: Node, values: Sequence[JSON], common: dict[str, Any]) -> Lines | None:
    numbers = item.type != "string"
    fits = _is_number if numbers else _is_line
    if not all(fits(value) for value in values):
        return None
    return Lines(
        **common,
        shown="\n".join(json.dumps(v) if numbers else str(v) for v in values),
        numbers=numbers,
        integers=item.type == "integer",
        hints=("One per line.",),
    )


def item_hints(schema: Schema) -> tuple[str, ...]:
    least, most = _count(schema, "minItems"), _count(schema, "maxItems")
    return (
        *([f"At least {least}."] if least else []),
        *([f"At most {most}."] if most is not None else []),
    )


def raw(common: dict[str, Any]) -> Raw:
    initial = common["initial"]
    blank = initial is ABSENT
    shown = "" if blank else json.dumps(initial, indent=2, ensure_ascii=_is_awkward(initial))
    return Raw(**common, shown=shown)


def _is_awkward(value: JSON) -> bool:
    return bool(_UNPOSTABLE.search(json.dumps(value, ensure_ascii=False)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_line(value: object) -> bool:
    return (
        isinstance(value, str)
        and value == value.strip()
        and bool(value)
        and value.splitlines() == [value]
        and not _UNPOSTABLE.search(value)
    )


def _count(schema: Schema, name: str) -> int | None:
    found = schema.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
