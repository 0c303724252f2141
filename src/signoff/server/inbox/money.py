"""Amounts of money in a form: shown and read as exact decimals, never by way of binary fractions.

Pure. A comma or a point may divide; what could be read in two ways is asked about, not guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from signoff.language import _
from signoff.server.inbox.fields import ABSENT, Money

_EXACT = re.compile(r"-?\d{1,300}(\.\d{1,300})?")
_FORMATS = frozenset({"money", "decimal"})
_BLANKS = re.compile("[\\s\u00a0\u2009\u202f'’_]")
_SIGNED = re.compile(r"([+-]?)([\d.,]{1,400})")
_CODE = re.compile(r"[A-Z]{3}")
_GROUP = 3


class Unreadable(Exception):
    """What was typed is no amount; the message says what to type instead."""


def is_money(schema: Mapping[str, Any], kind: str) -> bool:
    """Whether a schema asks for an amount: a decimal as text, or a number of a currency."""
    if kind == "string":
        return schema.get("format") in _FORMATS or "x-currency" in schema
    return kind in ("number", "integer") and (
        schema.get("format") == "money" or "x-currency" in schema
    )


def money(schema: Mapping[str, Any], kind: str, common: dict[str, Any]) -> Money | None:
    """The field of an amount; None where what it starts from is none."""
    initial = common["initial"]
    blank = initial is ABSENT or initial is None
    if kind == "string":
        good = isinstance(initial, str) and bool(_EXACT.fullmatch(initial))
        shown = "" if blank else str(initial)
    else:
        good = isinstance(initial, int | float) and not isinstance(initial, bool)
        shown = "" if blank else json.dumps(initial)
    if not blank and not (good and _EXACT.fullmatch(shown)):
        return None
    said = schema.get("x-currency")
    code = said if isinstance(said, str) and _CODE.fullmatch(said) else None
    return Money(
        **common,
        shown=shown,
        currency=code,
        places=places_of(code) if code else None,
        numeric=kind != "string",
        integer=kind == "integer",
    )


def exact(text: str, places: int | None) -> str:
    """What was typed, as a decimal with a point.

    :param places: how many decimals the currency is counted in, where that is known.
    :raises Unreadable: it is no amount, or it could mean two.
    """
    found = _SIGNED.fullmatch(_BLANKS.sub("", text))
    if found is None or not any(letter.isdigit() for letter in found[2]):
        raise Unreadable(_("Enter an amount, like 240 or 240.50."))
    sign, digits = ("-" if found[1] == "-" else ""), found[2]
    whole, fraction = _divided(digits, places)
    if places is not None and len(fraction) > places:
        raise Unreadable(
            _("At most %(places)s decimals are counted in this currency.", places=places)
        )
    whole = whole.lstrip("0") or "0"
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def as_number(text: str, *, integer: bool) -> int | float:
    """An exact decimal as the JSON number that is written the same way."""
    if "." not in text:
        return int(text)
    if integer:
        raise Unreadable(_("Enter a whole number, like 42."))
    return float(text)


@cache
def places_of(code: str) -> int:
    """How many decimals a currency is counted in (ISO 4217)."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(code))


def _divided(digits: str, places: int | None) -> tuple[str, str]:
    """The digits before and behind the mark of the decimals."""
    marks = {mark for mark in ".," if mark in digits}
    if not marks:
        return digits, ""
    last = max(digits.rfind("."), digits.rfind(","))
    mark, other = digits[last], "," if digits[last] == "." else "."
    whole, fraction = digits[:last], digits[last + 1 :]
    if len(marks) == 1 and digits.count(mark) > 1:
        return _ungrouped(digits, mark), ""
    if len(marks) == 1 and len(fraction) == _GROUP and (mark == "," or places is not None):
        raise Unreadable(
            _(
                "This can be read in two ways. Enter it without a mark for thousands: "
                "%(one)s or %(other)s.",
                one=whole + fraction,
                other=f"{whole}.{fraction}",
            )
            if places is None or places >= _GROUP
            else _("Enter it without a mark for thousands: %(one)s.", one=f"{whole}{fraction}")
        )
    if mark in whole:
        raise Unreadable(_("Enter an amount, like 240 or 240.50."))
    return (_ungrouped(whole, other) if other in whole else whole), fraction


def _ungrouped(digits: str, mark: str) -> str:
    """Digits whose thousands are marked, without the marks."""
    first, *others = digits.split(mark)
    if not 0 < len(first) <= _GROUP or any(len(each) != _GROUP for each in others):
        raise Unreadable(_("Enter an amount, like 240 or 240.50."))
    return first + "".join(others)
