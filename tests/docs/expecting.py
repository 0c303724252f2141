"""Whether what happened is what the page shows, where ``...`` stands for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ANYTHING = "..."


def require_text(shown: str, happened: str) -> None:
    """Compare line by line; ``...`` is any text within a line, and alone any number of lines.

    Runs of blanks count as one, since tables are as wide as what is in them.
    """
    if not _lines_fit(_lines(shown), _lines(happened)):
        raise AssertionError(f"the page shows:\n{shown}\nwhat came was:\n{happened}")


def require_json(shown: Any, happened: Any, *, at: str = "the document") -> None:
    """Every field that is shown must be there and equal; fields that are not shown may be there."""
    if isinstance(shown, str) and ANYTHING in shown:
        if not isinstance(happened, str) or not _fits(shown, happened):
            raise AssertionError(f"{at} is {happened!r}, the page shows {shown!r}")
    elif isinstance(shown, Mapping) and isinstance(happened, Mapping):
        for name, value in shown.items():
            if name not in happened:
                raise AssertionError(f"{at} has no {name!r}; it has {sorted(happened)}")
            require_json(value, happened[name], at=f"{at}.{name}")
    elif isinstance(shown, list) and isinstance(happened, Sequence):
        if len(shown) != len(happened):
            raise AssertionError(f"{at} has {len(happened)} items, the page shows {len(shown)}")
        for index, (one, other) in enumerate(zip(shown, happened, strict=True)):
            require_json(one, other, at=f"{at}.{index}")
    elif shown != happened or isinstance(shown, bool) != isinstance(happened, bool):
        raise AssertionError(f"{at} is {happened!r}, the page shows {shown!r}")


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def _lines_fit(shown: list[str], happened: list[str]) -> bool:
    """Whether the lines fit one after the other: ``fit`` holds how many of them may be used up."""
    fit = {0}
    for line in shown:
        if line == ANYTHING:
            fit = set(range(min(fit), len(happened) + 1))
        else:
            fit = {at + 1 for at in fit if at < len(happened) and _fits(line, happened[at])}
        if not fit:
            return False
    return len(happened) in fit


def _fits(shown: str, happened: str) -> bool:
    """Whether the text is what is shown: its fixed parts in their order, from end to end."""
    first, *others = (part.strip() for part in shown.split(ANYTHING))
    if not others:
        return shown == happened
    if not happened.startswith(first):
        return False
    *between, last = others
    at = len(first)
    for part in between:
        found = happened.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return happened.endswith(last) and at <= len(happened) - len(last)
