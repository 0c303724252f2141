"""The rounds of a review: what was asked for, and what the agent changed, line by line.

Pure. Lines that did not change are counted where they are left out; nothing goes missing silently.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.channels import phrases
from signoff.core.events import Event, TaskRevised
from signoff.core.task import Task
from signoff.core.words import JSON

MAX_DIFF_LINES = 2000
CONTEXT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """``kind`` is ``same``, ``added``, ``removed`` or ``skip`` (text says how much)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """What was asked for, by whom, and what the agent changed; no diff before it revised."""

    number: int
    by: str
    at: datetime
    comment: str
    diff: tuple[DiffLine, ...]
    revised: bool


def rounds(task: Task, history: Sequence[Event]) -> Iterator[RoundView]:
    """Every request for changes, oldest first."""
    revisions = sum(
        isinstance(event.body, TaskRevised) and event.body.task_id == task.id for event in history
    )
    for index, told in enumerate(task.rounds):
        last = index + 1 == len(task.rounds)
        following = task.content if last else task.rounds[index + 1].content
        revised = index < revisions
        yield RoundView(
            number=index + 1,
            by=told.by.label,
            at=told.at,
            comment=told.comment,
            diff=tuple(line_diff(told.content, following)) if revised else (),
            revised=revised,
        )


def line_diff(before: JSON, after: JSON) -> Iterator[DiffLine]:
    """What changed, line by line, with three lines of context and a word for what is left out."""
    old, new = (phrases.as_text(value).split("\n") for value in (before, after))
    if max(len(old), len(new)) > MAX_DIFF_LINES:
        yield DiffLine(kind="skip", text="Too long to compare here; the new version is above.")
        return
    if old == new:
        yield DiffLine(kind="skip", text="Nothing changed.")
        return
    shown_to = 0
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield from _skipped(group[0][1] - shown_to)
        shown_to = group[-1][2]
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (DiffLine(kind="same", text=line) for line in old[i1:i2])
                continue
            yield from (DiffLine(kind="removed", text=line) for line in old[i1:i2])
            yield from (DiffLine(kind="added", text=line) for line in new[j1:j2])
    yield from _skipped(len(old) - shown_to)


def _skipped(count: int) -> Iterator[DiffLine]:
    if count > 0:
        lines = "1 unchanged line" if count == 1 else f"{count} unchanged lines"
        yield DiffLine(kind="skip", text=lines)
