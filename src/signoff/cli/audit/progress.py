"""How far something is that takes a while: one bar on stderr, where somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
)


class Advanced(Protocol):
    """Told how much is done, of how much where that is known."""

    def __call__(self, done: int, of: int | None = None, /) -> None: ...


@contextmanager
def bar(what: str, *, unit: Literal["bytes", "entries"]) -> Iterator[Advanced]:
    """A bar while the block runs. It is gone afterwards; without a terminal there is none."""
    console = Console(stderr=True, markup=False, emoji=False)
    counted = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(
        *columns, counted, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=None)

        def advanced(done: int, of: int | None = None, /) -> None:
            progress.update(task, completed=done, total=of)

        yield advanced
