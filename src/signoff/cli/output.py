"""What a command prints on stdout: one JSON document for programs, tables and cards for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signoff.cli.text import visible

_UNBOUNDED = 240


def emit(document: Any) -> None:
    """Print one JSON document on one line, in ASCII, so that a terminal is safe from it too."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def say(text: str = "") -> None:
    """Print one line for people."""
    print(visible(text, lines=True), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows, or the sentence for there being none. The first column is never cut."""
    found = [[Text(visible("-" if cell in (None, "") else cell)) for cell in row] for row in rows]
    if not found:
        say(empty)
        return
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, column in enumerate(columns):
        grid.add_column(column, no_wrap=index == 0, overflow="fold")
    for row in found:
        grid.add_row(*row)
    console().print(grid)


def card(fields: Mapping[str, object]) -> None:
    """Print what is known about one thing, a field a line; what is empty is left out."""
    shown = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    width = max((len(name) for name in shown), default=0)
    for name, value in shown.items():
        first, *rest = _lines(value)
        say(f"{name:<{width}}  {first}")
        for line in rest:
            say(f"{'':<{width}}  {line}")


def console() -> Console:
    """A console on the present stdout; wide where nobody's window limits it."""
    found = Console(highlight=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = _UNBOUNDED
    return found


def _lines(value: object) -> list[str]:
    if isinstance(value, str):
        text = visible(value, lines=True)
    elif isinstance(value, Mapping):
        text = json.dumps(value, ensure_ascii=False, indent=2)
    elif isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        text = ", ".join(visible(item) for item in value)
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text.splitlines() or [""]
