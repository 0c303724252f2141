"""What happened, in the past tense. Events are frozen; replaying them gives the state.

``Event`` is the envelope (when, by whom, which number); its ``body`` is one of the closed union
below. ``type`` is the dotted word used on the wire and in storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, TypeAlias

from signoff.core.credential import UNSAID, Credential
from signoff.core.ladder import Schedule
from signoff.core.provenance import Custody, Provenance
from signoff.core.routing import Actor, Selector
from signoff.core.task import Ask, Evidence, Opening, StandIn
from signoff.core.words import JSON, PersonId, TaskId, WaitingReason, WorkspaceId


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
    provenance: Provenance | None = None
    custody: Custody | None = None


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
    opening: Opening


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
    """``late`` says why, where a rung fired noticeably later than it was due."""

    type: ClassVar[str] = "task.reminded"
    task_id: TaskId
    rung: int | None
    nth: int
    due_at: datetime
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskNotified:
    """People were told who are not asked."""

    type: ClassVar[str] = "task.notified"
    task_id: TaskId
    rung: int
    due_at: datetime
    to: tuple[Selector, ...]
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEscalated:
    """Further people are asked: beside those asked so far, or instead of them."""

    type: ClassVar[str] = "task.escalated"
    task_id: TaskId
    rung: int
    due_at: datetime
    to: tuple[Selector, ...]
    replaces: bool = False
    stand_ins: tuple[StandIn, ...] = ()
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReassigned:
    """Others are asked instead: ``who`` is everybody asked from now on, ``to`` who is new.

    ``rung`` and ``due_at`` are there where the ladder did it.
    """

    type: ClassVar[str] = "task.reassigned"
    task_id: TaskId
    who: tuple[Selector, ...]
    to: tuple[Selector, ...]
    reason: str | None
    rung: int | None = None
    due_at: datetime | None = None
    stand_ins: tuple[StandIn, ...] = ()
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDelegated:
    """Somebody asked lets another answer in their place, and stays on record."""

    type: ClassVar[str] = "task.delegated"
    task_id: TaskId
    stand_in: StandIn


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideAsked:
    """Nobody has decided: operators are asked, in a task of their own, to take the run over."""

    type: ClassVar[str] = "task.override_asked"
    task_id: TaskId
    rung: int
    due_at: datetime
    override_task_id: TaskId
    late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RungSkipped:
    type: ClassVar[str] = "task.rung_skipped"
    task_id: TaskId
    rung: int | None
    nth: int
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecovered:
    """The server was down while a rung was due, and the task is given the time back."""

    type: ClassVar[str] = "task.recovered"
    task_id: TaskId
    down_from: datetime
    down_until: datetime
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPaused:
    """The clock stands while the task waits on its requester, at most ``until`` then."""

    type: ClassVar[str] = "task.paused"
    task_id: TaskId
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResumed:
    """The clock goes on: ``schedule`` is what is still to come, and when."""

    type: ClassVar[str] = "task.resumed"
    task_id: TaskId
    reason: str
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSnoozed:
    """No reminder before ``until``, and one then."""

    type: ClassVar[str] = "task.snoozed"
    task_id: TaskId
    until: datetime
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExtended:
    """Whatever is still to come comes later by this much."""

    type: ClassVar[str] = "task.extended"
    task_id: TaskId
    by: timedelta
    reason: str
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCommented:
    type: ClassVar[str] = "task.commented"
    task_id: TaskId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWatched:
    """Somebody wants to be told how it goes, without being asked."""

    type: ClassVar[str] = "task.watched"
    task_id: TaskId
    who: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUnwatched:
    type: ClassVar[str] = "task.unwatched"
    task_id: TaskId
    who: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswered:
    """One person's answer, accepted. Whether it decides the task is the next event's to say.

    ``seat`` is in whose place it counts: usually the person's own. ``fills`` are the quotas of the
    stage that it may fill one place of, by their labels. ``answer_digest`` is over the answer as it
    was judged; ``first_viewed_at`` is when they were first shown what they answered.
    """

    type: ClassVar[str] = "task.answered"
    task_id: TaskId
    seat: Actor
    outcome: str
    stage: int
    round: int
    data: JSON
    comment: str | None
    evidence: tuple[Evidence, ...]
    view_digest: str
    channel: str
    fills: tuple[str, ...] = ()
    credential: Credential = UNSAID
    answer_digest: str = ""
    first_viewed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerVoided:
    """An earlier answer of an open quorum no longer counts: whoever gave it may not any more."""

    type: ClassVar[str] = "task.answer_voided"
    task_id: TaskId
    who: Actor
    seat: PersonId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAdvanced:
    """The next stage of the chain is asked."""

    type: ClassVar[str] = "task.advanced"
    task_id: TaskId
    stage: int
    opening: Opening


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
    opening: Opening


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
    late: str | None = None


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
    | TaskNotified
    | TaskEscalated
    | TaskReassigned
    | TaskDelegated
    | OverrideAsked
    | RungSkipped
    | TaskRecovered
    | TaskPaused
    | TaskResumed
    | TaskSnoozed
    | TaskExtended
    | TaskCommented
    | TaskWatched
    | TaskUnwatched
    | TaskAnswered
    | AnswerVoided
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
