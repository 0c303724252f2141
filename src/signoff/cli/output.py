"""What a command prints on stdout: one JSON document for programs, tables and cards for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from signoff.cli.text import visible

_UNBOUNDED = 10_000


def emit(document: Any) -> None:
    """Print one JSON document on one line, in ASCII, so that a terminal is safe from it too."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def say(text: str = "") -> None:
    """Print one line for people."""
    print(visible(text, lines=True), flush=True)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    empty: str,
    prose: Sequence[str] = (),
) -> None:
    """Print rows, or the sentence for there being none; a block each where rows are too wide.

    :param prose: columns of sentences; where there are any, they are folded instead.
    """
    found = [[visible("" if cell is None else cell) for cell in row] for row in rows]
    screen = console()
    grid = _grid(columns, found, prose)
    if not found:
        say(empty)
    elif prose or _width(grid, screen) <= screen.width:
        screen.print(grid)
    else:
        for row in found:
            screen.print(_block(columns, row))


def _width(grid: Table, screen: Console) -> int:
    """How wide the rows are with nothing cut or folded."""
    return Measurement.get(screen, screen.options.update(width=_UNBOUNDED), grid).maximum


def _grid(columns: Sequence[str], rows: Iterable[Sequence[str]], prose: Sequence[str]) -> Table:
    grid = Table(*columns, box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in grid.columns:
        column.no_wrap = column.header not in prose
        column.overflow = "fold"
    for row in rows:
        grid.add_row(*(Text(cell or "-") for cell in row))
    return grid


def _block(columns: Sequence[str], row: Sequence[str]) -> Group:
    """One row for a narrow window: what it is called, and the rest of it below, indented."""
    facts = [f"{name}: {cell}" for name, cell in zip(columns[1:], row[1:], strict=True) if cell]
    return Group(Text(row[0], style="bold"), Padding(Text("   ".join(facts)), (0, 0, 0, 2)))


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
