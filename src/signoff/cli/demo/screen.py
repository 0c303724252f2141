"""What the visitor sees: news line by line, and one line of progress where there is a terminal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from signoff.cli.connection import Document
from signoff.cli.demo.cast import NAMES
from signoff.cli.demo.picture import Picture
from signoff.cli.demo.verify import Finding
from signoff.cli.text import visible

_EVERY_SECONDS = 3.0


class Screen:
    """News for people. Without a terminal there is a plain line of progress now and then."""

    def __init__(self, *, total: int, on_stderr: bool = False) -> None:
        self.total = total
        self.console = Console(highlight=False, markup=False, emoji=False, stderr=on_stderr)
        if not self.console.is_terminal:
            self.console.width = 120
        self._bar = Progress(
            TextColumn("refund requests", style="bold"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[waiting]} waiting for people"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._row = self._bar.add_task("requests", total=total, waiting=0)
        self._last = 0.0

    def __enter__(self) -> Screen:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the line of progress away; what is said later stays."""
        self._bar.stop()

    def say(self, text: str = "", *, style: str = "") -> None:
        self.console.print(Text(visible(text, lines=True), style=style), soft_wrap=True)

    def news(self, text: str, *, style: str = "") -> None:
        self.say(f"{time.strftime('%H:%M:%S')}  {text}", style=style)

    def progress(self, picture: Picture) -> None:
        self._bar.update(self._row, completed=picture.ended, waiting=picture.waiting)
        now = time.monotonic()
        if not self.console.is_terminal and now - self._last >= _EVERY_SECONDS:
            self._last = now
            self.news(
                f"{picture.ended} of {self.total} requests done, "
                f"{picture.waiting} waiting for people"
            )

    def decision(self, task: Document) -> None:
        self.news(f"{_name(task)}: {_outcome(task)}: {task['title']}")

    def summary(self, picture: Picture) -> None:
        """The table of what was decided by whom, per type."""
        grid = Table("type", "asked", "outcomes", "decided by", box=SIMPLE_HEAD, pad_edge=False)
        for kind in sorted({task["type"] for task in picture.tasks}):
            tasks = [task for task in picture.tasks if task["type"] == kind]
            decided = [task for task in tasks if task.get("decision")]
            grid.add_row(
                kind,
                str(len(tasks)),
                _counted([_outcome(task) for task in decided]),
                _counted([_name(task) for task in decided]),
            )
        by_agent = len(picture.intents) - len({task["intent_id"] for task in picture.tasks})
        self.say()
        self.say("What was decided, and by whom", style="bold")
        self.console.print(grid)
        self.say(f"{by_agent} requests needed nobody: the agent settled them by itself.")

    def findings(self, findings: Sequence[Finding]) -> None:
        self.say()
        self.say("What had to hold", style="bold")
        for finding in findings:
            mark, style = ("ok  ", "green") if finding.held else ("FAIL", "bold red")
            self.say(f"  {mark}  {finding.sentence}", style=style)
            for line in finding.against[:5]:
                self.say(f"          {line}")


def _name(task: Document) -> str:
    by = str(task["decision"]["by"])
    return NAMES.get(by, by)


def _outcome(task: Document) -> str:
    """The outcome in words, with what is special about how it came to be."""
    decision = task["decision"]
    data = decision.get("data")
    words = str(decision["outcome"]).replace("_", " ")
    if isinstance(data, dict) and data.get("edited"):
        words += " with an edit"
    if rounds := len(task.get("rounds") or ()):
        words += f" after {rounds} revision{'s' if rounds > 1 else ''}"
    return words


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{word} ({count})" for word, count in Counter(words).most_common())
