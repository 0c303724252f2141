"""What happened, in the past tense. Events are frozen; replaying them gives the state.

``Event`` is the envelope (when, by whom, which number); its ``body`` is one of the closed union
below. ``type`` is the dotted word used on the wire and in storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from signoff.core.routing import Actor, Selector
from signoff.core.task import Ask, Evidence
from signoff.core.words import JSON, TaskId, WaitingReason, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentSubmitted:
    type: ClassVar[str] = "intent.submitted"
    workspace: WorkspaceId
    intent_type: str
    title: str
    agent: str
    handled: bool
    payload: JSON
    deadline: datetime | None
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentStarted:
    type: ClassVar[str] = "intent.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentWaiting:
    type: ClassVar[str] = "intent.waiting"
    reason: WaitingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentResumed:
    type: ClassVar[str] = "intent.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentSleeping:
    type: ClassVar[str] = "intent.sleeping"
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentAwoke:
    type: ClassVar[str] = "intent.awoke"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentCompleted:
    type: ClassVar[str] = "intent.completed"
    result: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFailed:
    type: ClassVar[str] = "intent.failed"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentCanceled:
    type: ClassVar[str] = "intent.canceled"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentTimedOut:
    type: ClassVar[str] = "intent.timed_out"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentOverridden:
    """Break glass: a person took the run over. What becomes of it follows as its own event."""

    type: ClassVar[str] = "intent.overridden"
    action: str
    justification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecorded:
    type: ClassVar[str] = "step.recorded"
    name: str
    kind: str
    output: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOpened:
    type: ClassVar[str] = "task.opened"
    task_id: TaskId
    ask: Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClaimed:
    type: ClassVar[str] = "task.claimed"
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReleased:
    type: ClassVar[str] = "task.released"
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReminded:
    type: ClassVar[str] = "task.reminded"
    task_id: TaskId
    rung: int
    nth: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEscalated:
    type: ClassVar[str] = "task.escalated"
    task_id: TaskId
    rung: int
    due_at: datetime
    to: tuple[Selector, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RungSkipped:
    type: ClassVar[str] = "task.rung_skipped"
    task_id: TaskId
    rung: int
    nth: int
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswered:
    """One person's answer, accepted. Whether it decides the task is the next event's to say."""

    type: ClassVar[str] = "task.answered"
    task_id: TaskId
    outcome: str
    stage: int
    round: int
    data: JSON
    comment: str | None
    evidence: tuple[Evidence, ...]
    view_digest: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAdvanced:
    """The next stage of the chain is asked."""

    type: ClassVar[str] = "task.advanced"
    task_id: TaskId
    stage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesRequested:
    """The round is over without a decision; the agent is asked to revise."""

    type: ClassVar[str] = "task.changes_requested"
    task_id: TaskId
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRevised:
    type: ClassVar[str] = "task.revised"
    task_id: TaskId
    content: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskConcluded:
    type: ClassVar[str] = "task.concluded"
    task_id: TaskId
    outcome: str
    data: JSON
    comment: str | None
    evidence: tuple[Evidence, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExpired:
    type: ClassVar[str] = "task.expired"
    task_id: TaskId
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWithdrawn:
    type: ClassVar[str] = "task.withdrawn"
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOverridden:
    type: ClassVar[str] = "task.overridden"
    task_id: TaskId
    justification: str


IntentBody: TypeAlias = (
    IntentSubmitted
    | IntentStarted
    | IntentWaiting
    | IntentResumed
    | IntentSleeping
    | IntentAwoke
    | IntentCompleted
    | IntentFailed
    | IntentCanceled
    | IntentTimedOut
    | IntentOverridden
    | StepRecorded
)
TaskBody: TypeAlias = (
    TaskOpened
    | TaskClaimed
    | TaskReleased
    | TaskReminded
    | TaskEscalated
    | RungSkipped
    | TaskAnswered
    | TaskAdvanced
    | ChangesRequested
    | TaskRevised
    | TaskConcluded
    | TaskExpired
    | TaskWithdrawn
    | TaskOverridden
)
Body: TypeAlias = IntentBody | TaskBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one intent: ``seq`` counts from 1 without gaps."""

    seq: int
    at: datetime
    actor: Actor
    body: Body


BODIES: Mapping[str, type[Body]] = {
    body.type: body for body in (*IntentBody.__args__, *TaskBody.__args__)
}
