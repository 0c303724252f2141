"""One task as its page shows it: what is asked, how far it has come, and what this person may do.

Pure: a ``FoundTask``, its history and the time go in; a frozen view comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from signoff.channels import phrases
from signoff.core import tally
from signoff.core.events import Event, IntentSubmitted
from signoff.core.explaining import explain
from signoff.core.intent import Intent
from signoff.core.routing import Directory, Person, names
from signoff.core.task import Task
from signoff.core.words import JSON, TaskType
from signoff.engine.ports import FoundTask
from signoff.server.inbox import chronicle, clocks, explained, progress, seating
from signoff.server.inbox.offers import Act, offered
from signoff.server.inbox.rounds import RoundView, rounds
from signoff.server.visibility import asks_now
from signoff.visible import count_hidden


class Standing(StrEnum):
    """What a person is to a task, as far as the page is concerned."""

    MAY_ANSWER = "may_answer"
    ANSWERED_FOR = "answered_for"
    CLAIMED_BY_OTHER = "claimed_by_other"
    REQUESTER = "requester"
    REVISION = "revision"
    LATE = "late"
    READER = "reader"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """The typed thing that will run, exactly as the agent asked for it."""

    name: str | None
    arguments: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class EditView:
    """Arguments as they were asked for and as they were approved."""

    before: Mapping[str, JSON]
    after: Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Who looks at a task, when and from which zone, and what is known of those it speaks of."""

    person: Person
    now: datetime
    zone: tzinfo
    intent: Intent
    directory: Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """``submitted`` is what came with the intent, where the task does not show that anyway.

    :param place: in whose place this person answers, and what they have said.
    :param seats: what they are told about that, in sentences.
    :param recorded: that their answer is on record, and what is still missing.
    :param stand_ins: everybody who answers for another.
    :param clock: what has been done to the clock.
    :param signed: whether the answer that decided it is signed with a passkey.
    """

    found: FoundTask
    task: Task
    standing: Standing
    mine: bool
    place: seating.Place
    seats: tuple[str, ...]
    recorded: str | None
    stand_ins: tuple[str, ...]
    watchers: str
    why: explained.Why | None
    clock: tuple[str, ...]
    comments: tuple[chronicle.Comment, ...]
    history: tuple[chronicle.Line, ...]
    offers: frozenset[Act]
    action: ActionView | None
    words: str | None
    checklist: tuple[str, ...]
    editable: bool
    submitted: JSON
    stages: tuple[progress.StageView, ...]
    ladder: tuple[progress.RungView, ...]
    rounds: tuple[RoundView, ...]
    edit: EditView | None
    signed: bool
    overridden_by: str | None
    hidden: int


def show(found: FoundTask, history: Sequence[Event], looker: Looker) -> TaskView:
    """Make the view of a task for one person."""
    task, person, directory = found.task, looker.person, looker.directory
    now, zone = looker.now, looker.zone
    spec: Mapping[str, Any] = task.ask.spec
    submitted = _submitted(task, history)
    barred = tally.barred(task.ask, looker.intent.requesters)
    place = seating.place(task, person, directory, barred=barred)
    stands = standing(task, person, place, barred=barred, now=now)
    asked = place.seat is not None and task.live
    late = stands is Standing.LATE
    return TaskView(
        found=found,
        task=task,
        standing=stands,
        mine=task.claimed_by is not None and task.claimed_by.id == person.id,
        place=place,
        seats=tuple(seating.lines(task, place, person, directory, now=now, zone=zone)),
        recorded=seating.recorded(task, person, directory),
        stand_ins=seating.stand_ins(task, directory, now=now, zone=zone),
        watchers=phrases.who(task.watchers),
        why=_why(task, place, looker),
        clock=tuple(clocks.clock_lines(task, history, now=now, zone=zone)),
        comments=tuple(chronicle.comments(task, history, person)),
        history=tuple(chronicle.chronicle(task, history, zone)),
        offers=offered(task, person, directory.settings, asked=asked, late=late),
        action=_action(task),
        words=_words(task),
        checklist=tuple(spec.get("checklist") or ()),
        editable=bool(spec.get("editable")),
        submitted=submitted,
        stages=tuple(progress.stages(task, history, person, directory)),
        ladder=tuple(progress.ladder(task, now=now, zone=zone)),
        rounds=tuple(rounds(task, history)),
        edit=_edit(task),
        signed=progress.decided_signed(task, history),
        overridden_by=progress.overridden_by(task, history),
        hidden=_hidden_in(found, submitted),
    )


def _why(task: Task, place: seating.Place, looker: Looker) -> explained.Why | None:
    """Who may answer now and why, while anybody may."""
    if not task.live:
        return None
    found = explain(looker.intent, task, looker.directory, looker.now)
    return explained.why(found, place, looker.person, looker.directory, looker.zone)


def standing(
    task: Task, person: Person, place: seating.Place, *, barred: Sequence[str], now: datetime
) -> Standing:
    """What this person may do here now; the door judges again when they do it."""
    if not task.live:
        return Standing.CLOSED
    if place.seat is None:
        if place.taken:
            return Standing.ANSWERED_FOR
        requested = any(names(reference, person) for reference in barred)
        return Standing.REQUESTER if requested and asks_now(task, person) else Standing.READER
    if now >= task.due_at:
        return Standing.LATE
    if task.awaiting_revision:
        return Standing.REVISION
    if task.claimed_by is not None and task.claimed_by.id != person.id:
        return Standing.CLAIMED_BY_OTHER
    return Standing.MAY_ANSWER


def _action(task: Task) -> ActionView | None:
    action = task.ask.spec.get("action")
    if not isinstance(action, Mapping):
        return None
    name = action.get("name")
    return ActionView(name=name if isinstance(name, str) else None, arguments=_arguments(action))


def _arguments(action: Mapping[str, JSON]) -> JSON:
    return action.get("arguments", {})


def _words(task: Task) -> str | None:
    """What the type asks in words beside the title, where that says more than the title."""
    spec: Mapping[str, Any] = task.ask.spec
    said = next((spec[key] for key in _WORDS if spec.get(key)), None)
    return said if isinstance(said, str) and said != task.ask.title else None


_WORDS = ("statement", "question", "instructions", "reason")


def _submitted(task: Task, history: Sequence[Event]) -> JSON:
    """The intent's payload, unless it is what the action or the draft shows already."""
    first = history[0].body if history else None
    payload = first.payload if isinstance(first, IntentSubmitted) else None
    action = task.ask.spec.get("action")
    shown = [task.content, task.ask.spec.get("initial"), task.ask.description]
    if isinstance(action, Mapping):
        shown.append(_arguments(action))
    empty: tuple[JSON, ...] = ({}, [], "")
    return None if payload in empty or payload in shown else payload


def _edit(task: Task) -> EditView | None:
    won = task.decision
    if won is None or task.ask.type is not TaskType.APPROVAL or not isinstance(won.data, Mapping):
        return None
    before, after = won.data.get("original"), won.data.get("arguments")
    if won.data.get("edited") is not True:
        return None
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return None
    return EditView(before=before, after=after)


def _hidden_in(found: FoundTask, submitted: JSON) -> int:
    """How many hidden characters the agent's part of the page holds."""
    task = found.task
    spec = {key: value for key, value in task.ask.spec.items() if key != "content"}
    drafts = [each.content for each in task.rounds]
    texts = [found.intent_title, task.ask.title, task.ask.description, spec, task.ask.schema]
    return count_hidden([*texts, task.content, *drafts, submitted])
