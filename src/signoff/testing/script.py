"""What a person in a test is going to do, and when: acts, and how far each task has come in them.

Pure. A script is played anew for every task the person is asked in. An act's time counts from the
act before it, or from when they are asked anew (a further stage, or a revision), whichever is
later; then, once the script is through, its last act is played again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from signoff.core.calendar import Calendars
from signoff.core.durations import parse_duration
from signoff.core.scheduling import reckon

Document = Mapping[str, Any]
Span = str | timedelta

AT_ONCE = timedelta(0)

YES: Mapping[str, str] = {
    "approval": "approved",
    "review": "approved",
    "confirmation": "confirmed",
    "assignment": "assigned",
    "form": "submitted",
    "clarification": "answered",
    "manual_action": "completed",
    "override": "overridden",
}
NO: Mapping[str, str] = {
    "approval": "rejected",
    "review": "rejected",
    "confirmation": "denied",
    "assignment": "declined",
    "form": "declined",
    "clarification": "declined",
    "manual_action": "failed",
    "override": "refused",
}
"""The outcomes by which each type of task goes ahead, and by which it does not."""


class Verb(StrEnum):
    """What a person can do with a task; each is an address of the API."""

    ANSWER = "answer"
    CLAIM = "claim"
    RELEASE = "release"
    DELEGATE = "delegate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing a person does.

    :param outcomes: for an answer that does not say its outcome, the one for each type of task.
    :param about: a part of the title of the tasks it is for, where it is not for every task.
    """

    verb: Verb
    after: Span = AT_ONCE
    body: Document = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=lambda: YES)
    about: str | None = None

    def request(self, task: Document) -> Document:
        """The body of its request."""
        if self.verb is not Verb.ANSWER or "outcome" in self.body:
            return self.body
        return {"outcome": self.outcomes[task["type"]], **self.body}


@dataclass(slots=True)
class Place:
    """How far a task has come in the script of one person."""

    asked: tuple[int, int]
    since: datetime
    position: int = 0
    lateness: timedelta | None = None


class Script:
    """The acts of one person in order, and the place of every task in them."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self._places: dict[str, Place] = {}
        self._moods: random.Random | None = None

    def become_flaky(self, seed: str) -> random.Random:
        """From now on every act comes late, by chance."""
        self._moods = random.Random(seed)  # noqa: S311
        return self._moods

    def next(
        self, task: Document, *, now: datetime, calendars: Calendars, zone: str
    ) -> tuple[datetime, Act] | None:
        """What the person does next about a task that asks them now, and when; None for nothing."""
        acts = self._acts(task)
        place = self._place(task, len(acts), now)
        if place.position >= len(acts):
            return None
        act = acts[place.position]
        due = after(act.after, place.since, calendars=calendars, zone=zone)
        return due + self._lateness(place, due - place.since), act

    def played(self, task: Document, *, now: datetime) -> None:
        """The next act about the task has been played."""
        place = self._places[task["id"]]
        place.position += 1
        place.since = now
        place.lateness = None

    def _acts(self, task: Document) -> Sequence[Act]:
        return [act for act in self.acts if act.about is None or act.about in task["title"]]

    def _place(self, task: Document, length: int, now: datetime) -> Place:
        asked = task["stage"], len(task["rounds"])
        place = self._places.get(task["id"])
        if place is None:
            place = self._places[task["id"]] = Place(asked=asked, since=now)
        elif place.asked != asked:
            place.asked, place.since = asked, now
            place.position = min(place.position, max(length - 1, 0))
        return place

    def _lateness(self, place: Place, after: timedelta) -> timedelta:
        if self._moods is None:
            return AT_ONCE
        if place.lateness is None:
            place.lateness = self._moods.random() * max(after, timedelta(hours=1))
        return place.lateness


def after(span: Span, start: datetime, *, calendars: Calendars = (), zone: str = "UTC") -> datetime:
    """When this span from ``start`` is over: ``2d``, ``8 working hours``, or a timedelta."""
    if isinstance(span, timedelta):
        return start + span
    return reckon(start, parse_duration(span, field="after"), calendars, zone)
