"""What one commit writes, table by table: rows for multi-row statements, the same on every store.

Pure. The order of the tables is the order of the foreign keys: intents, events, tasks, audience,
timers, outbox, steps, replays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from signoff.core.events import StepRecorded
from signoff.core.plan import Notify, SetTimer, WakeAgent
from signoff.engine.ports import Change, Commit, Lane
from signoff.engine.records import (
    EventRecord,
    FactRecord,
    IntentRecord,
    TaskRecord,
    audience,
    encode_notify,
    event_record,
    fact_record,
    intent_record,
    task_record,
)


class WriteConflict(RuntimeError):
    """What was to be written does not fit what is there. A defect, never a caller's fault."""


class IntentUpdate(NamedTuple):
    """What changes in the row of an intent whose ``seq`` is still ``before``."""

    workspace: str
    id: str
    before: int
    seq: int
    status: str
    waiting_reason: str | None
    updated_at: datetime
    deadline_at: datetime | None
    progress: str


class AudienceRow(NamedTuple):
    """One live task under one token, and what it is sorted by there."""

    workspace: str
    token: str
    task_id: str
    risk: int
    due_at: datetime


class AudienceKey(NamedTuple):
    """One task under one token."""

    workspace: str
    token: str
    task_id: str


class TimerKey(NamedTuple):
    """A timer's name. ``task_id`` is empty for a timer of the intent itself."""

    workspace: str
    intent_id: str
    task_id: str
    kind: str


class TimerRow(NamedTuple):
    """One armed timer, leased to nobody."""

    workspace: str
    intent_id: str
    task_id: str
    kind: str
    due_at: datetime


class OutboxRow(NamedTuple):
    """One duty to carry out; the store gives it its id."""

    workspace: str
    lane: str
    intent_id: str
    task_id: str
    body: str
    created_at: datetime


class StepRow(NamedTuple):
    """Where the event of a named step is found."""

    workspace: str
    intent_id: str
    name: str
    seq: int


class SpentLink(NamedTuple):
    """One link that has been answered by."""

    hash: str
    spent_at: datetime


class ReplayRow(NamedTuple):
    """One spent idempotency key."""

    workspace: str
    scope: str
    key: str
    fingerprint: str
    intent_id: str
    task_id: str | None
    created_at: datetime


@dataclass(slots=True)
class Writes:
    """Everything one commit writes. A timer is in one of its two lists, by its last duty."""

    new_intents: list[IntentRecord] = field(default_factory=list)
    intents: list[IntentUpdate] = field(default_factory=list)
    events: list[EventRecord] = field(default_factory=list)
    facts: list[FactRecord] = field(default_factory=list)
    new_tasks: list[TaskRecord] = field(default_factory=list)
    tasks: list[TaskRecord] = field(default_factory=list)
    asked: list[AudienceRow] = field(default_factory=list)
    asked_no_more: list[AudienceKey] = field(default_factory=list)
    timers: list[TimerRow] = field(default_factory=list)
    disarmed: list[TimerKey] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    steps: list[StepRow] = field(default_factory=list)
    replays: list[ReplayRow] = field(default_factory=list)
    spent: list[SpentLink] = field(default_factory=list)


def writes_of(commit: Commit, now: datetime) -> Writes:
    """Lay a commit out in rows.

    :param now: the moment the batch was judged at.
    """
    writes = Writes()
    for change in commit.changes:
        _intent(writes, change)
        _events(writes, change, logged=commit.logged)
        _tasks(writes, change)
        _duties(writes, change, now)
    for fact in commit.facts:
        writes.facts.append(fact_record(fact, logged=commit.logged))
    writes.spent += [SpentLink(link, now) for link in commit.spent]
    for replay in commit.replays:
        writes.replays.append(
            ReplayRow(
                replay.workspace,
                replay.scope,
                replay.key,
                replay.fingerprint,
                replay.intent_id,
                replay.task_id,
                now,
            )
        )
    return writes


def _intent(writes: Writes, change: Change) -> None:
    _require_no_gap(change)
    row = intent_record(change.after)
    if change.before is None:
        writes.new_intents.append(row)
        return
    writes.intents.append(
        IntentUpdate(
            workspace=row.workspace,
            id=row.id,
            before=change.before.seq,
            seq=row.seq,
            status=row.status,
            waiting_reason=row.waiting_reason,
            updated_at=row.updated_at,
            deadline_at=row.deadline_at,
            progress=row.progress,
        )
    )


def _require_no_gap(change: Change) -> None:
    first = (change.before.seq if change.before else 0) + 1
    numbers = [event.seq for event in change.events]
    if numbers != list(range(first, change.after.seq + 1)):
        raise WriteConflict(
            f"the events of {change.after.id} are numbered {numbers}, "
            f"not {first} to {change.after.seq}"
        )


def _events(writes: Writes, change: Change, *, logged: bool) -> None:
    after = change.after
    for event in change.events:
        writes.events.append(event_record(after, event, logged=logged))
        if isinstance(event.body, StepRecorded):
            writes.steps.append(StepRow(after.workspace, after.id, event.body.name, event.seq))


def _tasks(writes: Writes, change: Change) -> None:
    """Only tasks that changed: rules replace what they change and keep the rest as it is."""
    before = change.before.tasks if change.before else {}
    workspace = change.after.workspace
    for task_id, task in change.after.tasks.items():
        was = before.get(task_id)
        if task is was:
            continue
        rows = writes.new_tasks if was is None else writes.tasks
        rows.append(task_record(change.after, task))
        had, has = audience(was), audience(task)
        writes.asked.extend(
            AudienceRow(workspace, token, task_id, *sorted_by)
            for token, sorted_by in has.items()
            if had.get(token) != sorted_by
        )
        gone = had.keys() - has.keys()
        writes.asked_no_more.extend(AudienceKey(workspace, token, task_id) for token in gone)


def _duties(writes: Writes, change: Change, now: datetime) -> None:
    intent = change.after
    timers: dict[TimerKey, datetime | None] = {}
    for duty in change.duties:
        match duty:
            case SetTimer(kind=kind, task_id=task_id, at=at):
                timers[TimerKey(intent.workspace, intent.id, task_id or "", kind.value)] = at
            case Notify(task_id=task_id):
                body = encode_notify(duty)
                writes.outbox.append(
                    OutboxRow(intent.workspace, Lane.NOTICE.value, intent.id, task_id, body, now)
                )
            case WakeAgent(task_id=task_id):
                writes.outbox.append(
                    OutboxRow(intent.workspace, Lane.RESUME.value, intent.id, task_id, "{}", now)
                )
    for key, at in timers.items():
        if at is None:
            writes.disarmed.append(key)
        else:
            writes.timers.append(TimerRow(*key, due_at=at))
