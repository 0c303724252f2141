"""From what a browser posted, back to the value a form asks for: values, mistakes, places.

Pure. A field posted as it was shown gives its initial value back exactly, whatever browsers do to
line ends. Optional fields left empty are left out, never sent as ``""``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from signoff.core.schema import errors_in
from signoff.core.words import JSON
from signoff.errors import FieldError, InvalidJson
from signoff.server.edge import MAX_INTEGER, read_json
from signoff.server.inbox.applying import applies
from signoff.server.inbox.fields import (
    ABSENT,
    Branch,
    Choice,
    Choices,
    Field,
    Fixed,
    Flag,
    Group,
    Lines,
    Maybe,
    Money,
    Number,
    Posted,
    Raw,
    Rows,
    Text,
    Variant,
    below,
    keys_in,
    one_newline,
    picked_in,
    text_in,
)
from signoff.server.inbox.money import Unreadable, as_number, exact

_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,4})?")
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")
_TRIMMED = frozenset({"email", "uri", "date", "date-time", "time", "uuid"})
NEEDED = "Fill this in."


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a posted form says. ``places`` maps a path in the value to the field it came from."""

    value: Maybe = ABSENT
    errors: list[FieldError] = field(default_factory=list)
    places: dict[str, Field] = field(default_factory=dict)


class _Mistake(Exception):
    """What a person typed cannot be read; the message says what to type instead."""


def read(form: Field, posted: Posted) -> Reading:
    """Read a posted form. Where there are errors the value is of no use."""
    reading = Reading()
    reading.value = _value(form, posted, reading, form.path)
    return reading


def touched(form: Field, posted: Posted) -> bool:
    """Whether a person changed anything in the field or below it."""
    match form:
        case Fixed():
            return False
        case Flag() | Choices():
            return keys_in(form, posted) != keys_in(form, None)
        case Group():
            return any(touched(child, posted) for child in below(form))
        case Variant():
            chosen = picked_in(form, posted)
            inside = any(
                touched(each.field, posted) for each in form.branches if each.key == chosen
            )
            return chosen != form.shown or inside
        case Rows():
            removals = any(Rows.removal(row) in posted for row in form.rows)
            return removals or any(touched(row, posted) for row in form.rows)
        case _:
            return one_newline(text_in(form, posted)) != one_newline(form.shown)


def _value(form: Field, posted: Posted, into: Reading, path: str) -> Maybe:
    into.places[path] = form
    match form:
        case Group():
            return _group(form, posted, into, path)
        case Variant():
            return _variant(form, posted, into, path)
        case Rows():
            return _rows(form, posted, into, path)
        case Fixed():
            return form.value if form.required or form.initial is not ABSENT else ABSENT
        case Flag():
            return "yes" in keys_in(form, posted)
        case _:
            if form.initial is not ABSENT and not touched(form, posted):
                return form.initial
            try:
                return _leaf(form, posted)
            except _Mistake as mistake:
                into.errors.append(FieldError(path, str(mistake)))
                return ABSENT


def _group(form: Group, posted: Posted, into: Reading, path: str) -> Maybe:
    if form.initial in (ABSENT, None) and not touched(form, posted):
        if form.initial is None or (form.required and form.nullable):
            return None
        if not form.required:
            return ABSENT
    found: dict[str, JSON] = {}
    for key, child in zip(form.keys, form.children, strict=True):
        value = _value(child, posted, into, f"{path}.{key}")
        if value is not ABSENT:
            found[key] = value
    for part in form.parts:
        if applies(part.when, found):
            for key, child in zip(part.keys, part.children, strict=True):
                value = _value(child, posted, into, f"{path}.{key}")
                if value is not ABSENT:
                    found[key] = value
    return found


def _variant(form: Variant, posted: Posted, into: Reading, path: str) -> Maybe:
    if form.initial is not ABSENT and not touched(form, posted):
        return form.initial
    chosen = picked_in(form, posted)
    for branch in form.branches:
        if branch.key == chosen:
            known = len(into.errors)
            value = _value(branch.field, posted, into, path)
            if len(into.errors) == known and value is not ABSENT:
                into.errors += _unlike(value, branch, path)
            return value
    if form.nullable and (form.required or form.initial is not ABSENT):
        return None
    if form.required:
        into.errors.append(FieldError(path, "Choose one of the options."))
    return ABSENT


def _unlike(value: JSON, branch: Branch, path: str) -> Sequence[FieldError]:
    """What is wrong with a value of the chosen shape; the whole schema would name every shape."""
    try:
        return errors_in(value, branch.schema, field=path)
    except ValueError:
        return ()


def _rows(form: Rows, posted: Posted, into: Reading, path: str) -> Maybe:
    found: list[JSON] = []
    for row in form.rows:
        if Rows.removal(row) in posted:
            continue
        value = _value(row, posted, into, f"{path}.{len(found)}")
        if value is not ABSENT:
            found.append(value)
    return found or _none_of(form)


def _none_of(form: Rows | Choices | Lines) -> Maybe:
    """What a list is with nothing in it."""
    if form.initial is ABSENT and not form.required:
        return ABSENT
    return None if form.nullable and form.initial in (None, ABSENT) else []


def _leaf(form: Text | Money | Number | Choice | Choices | Lines | Raw, posted: Posted) -> Maybe:
    if isinstance(form, Choices):
        keys = keys_in(form, posted)
        picked = [option.value for option in form.options if option.key in keys]
        return picked or _none_of(form)
    text = text_in(form, posted)
    if not text.strip() and not (isinstance(form, Text) and text):
        return _empty(form)
    match form:
        case Text():
            return _text(form, text)
        case Money():
            return _amount(form, text)
        case Number():
            return _number(text, integer=form.integer)
        case Choice():
            for option in form.options:
                if option.key == text:
                    return option.value
            raise _Mistake("Choose one of the options.")
        case Lines():
            return _lines(form, text)
        case Raw():
            return _raw(text)
        case _:
            assert_never(form)


def _empty(form: Text | Money | Number | Choice | Lines | Raw) -> Maybe:
    if isinstance(form, Lines):
        return _none_of(form)
    if form.nullable and (form.required or form.initial is not ABSENT):
        return None
    if isinstance(form, Text) and form.required and form.min_length == 0:
        return ""
    if form.required:
        choice = isinstance(form, Choice)
        raise _Mistake("Choose one of the options." if choice else NEEDED)
    return ABSENT


def _text(form: Text, text: str) -> Maybe:
    if form.format in _TRIMMED:
        text = text.strip()
    if form.format == "date-time" and _LOCAL_TIME.fullmatch(text):
        text = f"{text}Z" if text.count(":") == 2 else f"{text}:00Z"
    if form.format == "date" and not _is_date(text):
        raise _Mistake("Enter a date as year-month-day, like 2026-11-24.")
    if form.max_length is not None and len(text) > form.max_length:
        over = f"This is {len(text)} characters; at most {form.max_length} are allowed."
        raise _Mistake(over)
    return text


def _amount(form: Money, text: str) -> Maybe:
    try:
        amount = exact(text, form.places)
        return as_number(amount, integer=form.integer) if form.numeric else amount
    except Unreadable as error:
        raise _Mistake(str(error)) from None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _number(text: str, *, integer: bool) -> int | float:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        like = "a whole number, like 42" if integer else "a number, like 42 or 3.5"
        raise _Mistake(f"Enter {like}, without spaces or signs for thousands.")
    whole = text.lstrip("+-").isdecimal()
    number: int | float = int(text) if whole else float(text)
    if not math.isfinite(number):
        raise _Mistake("This number is too large.")
    if integer and number != int(number):
        raise _Mistake("Enter a whole number, like 42.")
    number = int(number) if integer else number
    if isinstance(number, int) and abs(number) > MAX_INTEGER:
        raise _Mistake("This number is too large.")
    return number


def _lines(form: Lines, text: str) -> Maybe:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return [_number(line, integer=form.integers) for line in lines] if form.numbers else lines


def _raw(text: str) -> Maybe:
    """Read JSON as strictly as the API does, so that no surface lets in what another refuses."""
    try:
        return read_json(text.encode())
    except InvalidJson as error:
        message = error.message.replace("the body", "this")
        raise _Mistake(f"{message[:1].upper()}{message[1:]}.") from None
