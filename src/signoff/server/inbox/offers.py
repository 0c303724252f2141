"""What a person may do with a task beside answering it, and what they had typed where it failed.

Pure. It decides what a page offers; whether it may be done is the door's to say when it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from signoff.core.routing import Person, SelectorKind, named_by
from signoff.core.task import Task
from signoff.core.workspace import WorkspaceSettings
from signoff.server.inbox.fields import Posted
from signoff.server.visibility import reads_all_by_role


class Act(StrEnum):
    """One thing to do with a task: the last part of the address its form is posted to."""

    COMMENT = "comment"
    DELEGATE = "delegate"
    SNOOZE = "snooze"
    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    REASSIGN = "reassign"
    WATCH = "watch"
    UNWATCH = "unwatch"


LABELS: Mapping[str, str] = {
    "text": "Comment",
    "to": "To whom",
    "note": "Note",
    "for": "Until when",
    "until": "Date and time",
    "by": "How much more time",
    "reason": "Reason",
}
"""What the fields of the forms are called, where what was typed is shown without its form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An act that was refused: what was typed, and what is wrong with it, field by field."""

    act: Act
    posted: Posted
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    status: int = 409

    @property
    def typed(self) -> tuple[tuple[str, str], ...]:
        """What was typed, for a page that has no form for it any more."""
        return tuple(
            (label, text)
            for name, label in LABELS.items()
            if (text := next(iter(self.posted.get(name, ())), "").strip())
        )


def offered(
    task: Task, person: Person, settings: WorkspaceSettings, *, asked: bool, late: bool
) -> frozenset[Act]:
    """What the page of a task offers this person.

    :param asked: whether they may answer it, in a seat of their own or another's.
    :param late: whether its deadline has passed, so that it is only waiting to be closed.
    """
    if not task.live or late:
        return frozenset()
    found = {Act.COMMENT, Act.UNWATCH if watches(task, person) else Act.WATCH}
    turn, running = not task.awaiting_revision, task.paused_at is None
    if asked and turn:
        found.add(Act.DELEGATE)
    if asked and turn and running:
        found.add(Act.SNOOZE)
    if turn and (reads_all_by_role(person) or (asked and named(task, person))):
        found.add(Act.REASSIGN)
    if running and named_by(settings.may_extend, person):
        found.add(Act.EXTEND)
    if asked and not running:
        found.add(Act.RESUME)
    if asked and running and task.ask.pause:
        found.add(Act.PAUSE)
    return frozenset(found)


def watches(task: Task, person: Person) -> bool:
    """Whether this very person watches the task, not only as one of a group that does."""
    return any(
        each.kind is SelectorKind.PERSON and each.value == person.id for each in task.watchers
    )


def named(task: Task, person: Person) -> bool:
    """Whether the task asks this very person by name."""
    return any(
        each.kind is SelectorKind.PERSON and each.value == person.id for each in task.asked.who
    )
