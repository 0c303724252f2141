"""Whether what happened is what the page shows, where ``...`` stands for anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

ANYTHING = "..."


def require_text(shown: str, happened: str) -> None:
    """Compare line by line; ``...`` is any text within a line, and alone any number of lines."""
    pattern = "".join(_line_pattern(line.strip()) for line in shown.strip().splitlines())
    plain = "\n".join(line.strip() for line in happened.strip().splitlines()) + "\n"
    if not re.fullmatch(pattern, plain):
        raise AssertionError(f"the page shows:\n{shown}\nwhat came was:\n{happened}")


def require_json(shown: Any, happened: Any, *, at: str = "the document") -> None:
    """Every field that is shown must be there and equal; fields that are not shown may be there."""
    if isinstance(shown, str) and ANYTHING in shown:
        if not isinstance(happened, str) or not re.fullmatch(_within(shown), happened, re.DOTALL):
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


def _line_pattern(line: str) -> str:
    return r"(?:.*\n)*" if line.strip() == ANYTHING else f"{_within(line)} *\n"


def _within(text: str) -> str:
    """A pattern in which runs of blanks are any run: tables are as wide as what is in them."""
    parts = (r"\s+".join(re.escape(word) for word in re.split(r" +", part))
             for part in text.split(ANYTHING))  # fmt: skip
    return ".*".join(parts)
