"""How what the rules know is written down: rows and JSON, the same for every store.

A row is a named tuple in the order of the table's columns; both dialects write and read these
very columns, so the shape of a row is decided here and nowhere else. Moments stay ``datetime``
here, in the fields named ``at`` or ``..._at``; a store without such a type converts those.

What is never searched for is JSON text in the last columns. Every value comes back as it went in,
but for a tuple inside free JSON, which comes back as a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

import msgspec

from signoff.core import tally
from signoff.core.events import BODIES, Body, Event, StepRecorded
from signoff.core.facts import FACTS, Fact, FactBody
from signoff.core.intent import Intent
from signoff.core.plan import Notify
from signoff.core.preferences import Preferences
from signoff.core.provenance import Custody, Provenance
from signoff.core.routing import Absence, Actor, Person
from signoff.core.task import Task
from signoff.core.words import (
    JSON,
    ActorKind,
    IntentId,
    IntentStatus,
    JSONObject,
    PersonId,
    Risk,
    TaskId,
    WaitingReason,
    WorkspaceId,
)
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.log.scribe import UNWRITTEN, leaf_of_event, leaf_of_fact
from signoff.engine.ports import FoundTask, PersonRow, Step

T = TypeVar("T")

RISKS = tuple(Risk)
"""From the least to the greatest, as the lists sort them."""


class IntentRecord(NamedTuple):
    """One row of ``intent``. ``payload`` never changes; ``progress`` is a ``_Progress``."""

    workspace: str
    id: str
    type: str
    title: str
    agent: str
    on_behalf_of: str | None
    handled: bool
    status: str
    waiting_reason: str | None
    seq: int
    submitted_at: datetime
    updated_at: datetime
    deadline_at: datetime | None
    payload: str
    progress: str
    subject: str | None = None
    retention_class: str | None = None


class TaskRecord(NamedTuple):
    """One row of ``task``. ``document`` is all of it, the rest is for lists and figures.

    :param search: what it is found by, in small letters.
    :param closed_by: the person who decided it.
    """

    workspace: str
    id: str
    intent_id: str
    agent: str
    type: str
    state: str
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None
    document: str
    search: str | None
    risk: str
    due_at: datetime
    closed_by: str | None


class FoundRecord(NamedTuple):
    """What a query for a task selects: its document, and columns of its intent."""

    workspace: str
    agent: str
    on_behalf_of: str | None
    intent_title: str
    intent_status: str
    document: str


class EventRecord(NamedTuple):
    """One row of ``event``. ``leaf`` never changes; the rest of what it is about can be erased."""

    workspace: str
    intent_id: str
    seq: int
    type: str
    at: datetime
    actor: str
    data: str
    leaf: str = ""
    salts: str = ""


class FactRecord(NamedTuple):
    """One row of ``fact``."""

    workspace: str
    id: str
    type: str
    at: datetime
    actor: str
    intent_id: str | None
    task_id: str | None
    data: str
    leaf: str
    salts: str


class PersonRecord(NamedTuple):
    """One row of ``person``. ``roles`` and ``groups`` are arrays, ``details`` is a ``_Details``."""

    workspace: str
    id: str
    email: str
    name: str
    region: str | None
    time_zone: str | None
    disabled: bool
    created_at: datetime
    roles: str
    groups: str
    details: str


class SettingsRecord(NamedTuple):
    """One row of ``settings``, but for who wrote it and when."""

    workspace: str
    version: int
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress:
    """What changes about an intent and is never searched for."""

    submitted_by: Actor
    sleeps: Mapping[str, datetime]
    result: JSON
    ended_because: str | None
    handed_over: bool = False
    provenance: Provenance | None = None
    custody: Custody | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Details:
    """What the rules know of a person and is never searched for."""

    aliases: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    calendar: str | None = None
    absences: tuple[Absence, ...] = ()


# JSON text


def encode(value: object) -> str:
    """Write any value of the rules, or plain JSON, as JSON text."""
    return msgspec.json.encode(value).decode()


def decode_json(text: str) -> JSON:
    """Read plain JSON back."""
    found: JSON = msgspec.json.decode(text)
    return found


def encode_notify(notify: Notify) -> str:
    """Write the body of a notice's outbox row."""
    return encode(notify)


def decode_notify(body: JSONObject) -> Notify:
    """Read the body of a notice's outbox row, as ``OutboxItem`` holds it."""
    return msgspec.convert(body, Notify)


# Intents


def intent_record(intent: Intent) -> IntentRecord:
    """The row of an intent, its tasks aside."""
    progress = _Progress(
        submitted_by=intent.submitted_by,
        sleeps=intent.sleeps,
        result=intent.result,
        ended_because=intent.ended_because,
        handed_over=intent.handed_over,
        provenance=intent.provenance,
        custody=intent.custody,
    )
    return IntentRecord(
        workspace=intent.workspace,
        id=intent.id,
        type=intent.type,
        title=intent.title,
        agent=intent.agent,
        on_behalf_of=intent.on_behalf_of,
        handled=intent.handled,
        status=intent.status.value,
        waiting_reason=intent.waiting_reason.value if intent.waiting_reason else None,
        seq=intent.seq,
        submitted_at=intent.submitted_at,
        updated_at=intent.updated_at,
        deadline_at=intent.deadline,
        payload=encode(intent.payload),
        progress=encode(progress),
        subject=intent.custody.subject if intent.custody else None,
        retention_class=intent.custody.retention_class if intent.custody else None,
    )


def read_intent(row: IntentRecord, tasks: Mapping[TaskId, Task]) -> Intent:
    """The intent of a row, with the tasks that were read beside it."""
    progress = _PROGRESS.decode(row.progress)
    return Intent(
        workspace=WorkspaceId(row.workspace),
        id=IntentId(row.id),
        type=row.type,
        title=row.title,
        agent=row.agent,
        handled=bool(row.handled),
        payload=decode_json(row.payload),
        status=IntentStatus(row.status),
        waiting_reason=WaitingReason(row.waiting_reason) if row.waiting_reason else None,
        seq=row.seq,
        submitted_by=progress.submitted_by,
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        on_behalf_of=row.on_behalf_of,
        deadline=row.deadline_at,
        sleeps=progress.sleeps,
        result=progress.result,
        ended_because=progress.ended_because,
        handed_over=progress.handed_over,
        provenance=progress.provenance,
        custody=progress.custody,
        tasks=tasks,
    )


# Tasks


def task_record(intent: Intent, task: Task) -> TaskRecord:
    """The row of one task of an intent."""
    found_by = (task.ask.title, intent.title, intent.agent)
    return TaskRecord(
        workspace=intent.workspace,
        id=task.id,
        intent_id=intent.id,
        agent=intent.agent,
        type=task.ask.type.value,
        state=task.state.value,
        outcome=task.decision.outcome if task.decision else None,
        opened_at=task.opened_at,
        closed_at=task.closed_at,
        document=encode(task),
        search="\n".join(found_by).casefold(),
        risk=task.ask.risk.value,
        due_at=task.due_at,
        closed_by=_decided_by(task),
    )


def _decided_by(task: Task) -> str | None:
    decision = task.decision
    person = decision is not None and decision.by.kind is ActorKind.PERSON
    return decision.by.id if decision is not None and person else None


def read_task(document: str) -> Task:
    """The task of a row's document."""
    return _TASK.decode(document)


def read_found(row: FoundRecord) -> FoundTask:
    """A task with what a reader wants of its intent beside it."""
    return FoundTask(
        workspace=WorkspaceId(row.workspace),
        agent=row.agent,
        on_behalf_of=row.on_behalf_of,
        intent_title=row.intent_title,
        intent_status=IntentStatus(row.intent_status),
        task=read_task(row.document),
    )


class Listing(NamedTuple):
    """What the lists sort a live task by. ``risk`` is its place in ``RISKS``."""

    risk: int
    due_at: datetime


def listing(task: Task) -> Listing:
    """How a task is sorted."""
    return Listing(RISKS.index(task.ask.risk), task.due_at)


def audience(task: Task | None) -> Mapping[str, Listing]:
    """The tokens a task is listed under, and how it is sorted there; none once it has closed.

    They are of those it asks now, of those who watch it, of who has claimed it and of who has
    answered it already.
    """
    if task is None or not task.live:
        return {}
    found = [selector.token for selector in task.asked.who]
    found += [f"person:{each.deputy.id}" for each in task.stand_ins]
    found += [watching(selector.token) for selector in task.watchers]
    found += [answered_by(vote.by.id) for vote in tally.votes(task)]
    if task.claimed_by is not None:
        found.append(claimed_by(task.claimed_by.id))
    return dict.fromkeys(found, listing(task))


def watching(token: str) -> str:
    """The token under which a task is listed for those whom a selector token lets watch it."""
    return f"watcher:{token}"


def claimed_by(person_id: str) -> str:
    """The token under which a task is listed for whoever has claimed it."""
    return f"claimed:{person_id}"


def answered_by(person_id: str) -> str:
    """The token under which a task waits for others that this person has answered already."""
    return f"answered:{person_id}"


# Events and steps


def event_record(intent: Intent, event: Event, *, logged: bool = True) -> EventRecord:
    """The row of one event of an intent, with its leaf where it is logged."""
    data = encode_body(event.body)
    leaf, salts = leaf_of_event(intent, event, data) if logged else UNWRITTEN
    return EventRecord(
        workspace=intent.workspace,
        intent_id=intent.id,
        seq=event.seq,
        type=event.body.type,
        at=event.at,
        actor=encode(event.actor),
        data=data,
        leaf=leaf,
        salts=salts,
    )


def encode_body(body: Body | FactBody) -> str:
    """Write the body of an event or fact. These very bytes are what is committed to."""
    return _encode_body(body).decode()


def fact_record(fact: Fact, *, logged: bool = True) -> FactRecord:
    """The row of one fact, with its leaf where it is logged."""
    data = encode_body(fact.body)
    leaf, salts = leaf_of_fact(fact, data) if logged else UNWRITTEN
    return FactRecord(
        workspace=fact.workspace,
        id=fact.id,
        type=fact.body.type,
        at=fact.at,
        actor=encode(fact.actor),
        intent_id=fact.intent_id,
        task_id=fact.task_id,
        data=data,
        leaf=leaf,
        salts=salts,
    )


def read_fact(row: FactRecord) -> Fact:
    """The fact of a row."""
    return Fact(
        workspace=WorkspaceId(row.workspace),
        id=row.id,
        at=row.at,
        actor=_ACTOR.decode(row.actor),
        body=_FACTS[row.type].decode(row.data),
        intent_id=IntentId(row.intent_id) if row.intent_id else None,
        task_id=TaskId(row.task_id) if row.task_id else None,
    )


def read_event(row: EventRecord) -> Event:
    """The event of a row."""
    return Event(
        seq=row.seq,
        at=row.at,
        actor=_ACTOR.decode(row.actor),
        body=_BODIES[row.type].decode(row.data),
    )


def read_step(row: EventRecord) -> Step:
    """The step that a ``step.recorded`` row journals."""
    recorded = _STEP.decode(row.data)
    return Step(
        intent_id=IntentId(row.intent_id),
        name=recorded.name,
        kind=recorded.kind,
        seq=row.seq,
        at=row.at,
        output=recorded.output,
    )


# People


def person_record(row: PersonRow) -> PersonRecord:
    """The row of one person."""
    person = row.person
    details = _Details(
        aliases=person.aliases,
        attributes=person.attributes,
        calendar=person.calendar,
        absences=person.absences,
    )
    return PersonRecord(
        workspace=row.workspace,
        id=person.id,
        email=person.email,
        name=person.name,
        region=person.region,
        time_zone=row.time_zone,
        disabled=person.disabled,
        created_at=row.created_at,
        roles=encode(person.roles),
        groups=encode(person.groups),
        details=encode(details),
    )


@lru_cache(maxsize=4096)
def read_person(row: PersonRecord) -> PersonRow:
    """The person of a row. A role brings all its members, most of them as they were last time."""
    details = _DETAILS.decode(row.details)
    person = Person(
        id=PersonId(row.id),
        email=row.email,
        name=row.name,
        roles=_WORDS.decode(row.roles),
        groups=_WORDS.decode(row.groups),
        region=row.region,
        disabled=bool(row.disabled),
        aliases=details.aliases,
        attributes=details.attributes,
        calendar=details.calendar,
        absences=details.absences,
    )
    return PersonRow(
        workspace=WorkspaceId(row.workspace),
        person=person,
        time_zone=row.time_zone,
        created_at=row.created_at,
    )


def addresses(person: Person) -> frozenset[str]:
    """Every mail address a person is found by: their own and their aliases."""
    return frozenset((person.email, *person.aliases))


# Settings


def settings_record(workspace: WorkspaceId, settings: WorkspaceSettings) -> SettingsRecord:
    """The row of one version of a workspace's settings."""
    return SettingsRecord(workspace=workspace, version=settings.version, document=encode(settings))


def read_settings(document: str) -> WorkspaceSettings:
    """The settings of a row's document."""
    return _SETTINGS.decode(document)


def read_preferences(document: str) -> Preferences:
    """What a row says somebody has chosen."""
    return _PREFERENCES.decode(document)


def _decoder(of: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(of)


_PROGRESS = _decoder(_Progress)
_TASK = _decoder(Task)
_ACTOR = _decoder(Actor)
_WORDS = _decoder(tuple[str, ...])
_DETAILS = _decoder(_Details)
_SETTINGS = _decoder(WorkspaceSettings)
_PREFERENCES = _decoder(Preferences)
_STEP = _decoder(StepRecorded)
_encode_body = msgspec.json.Encoder().encode  # what is free keeps its order
_FACTS: Mapping[str, msgspec.json.Decoder[FactBody]] = {
    name: _decoder(body) for name, body in FACTS.items()
}
_BODIES: Mapping[str, msgspec.json.Decoder[Body]] = {
    name: _decoder(body) for name, body in BODIES.items()
}
