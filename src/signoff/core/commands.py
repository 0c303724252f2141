"""What somebody wants to happen, in the imperative. The one door takes these and nothing else.

Every command names the intent it is for; ``actor`` is who asks, as the edge authenticated them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from signoff.core.asking import AskRequest
from signoff.core.credential import UNSAID, Credential
from signoff.core.provenance import Custody, Provenance
from signoff.core.routing import Actor
from signoff.core.task import RawAnswer
from signoff.core.words import JSON, IntentId, JSONObject, TaskId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitIntent:
    """Create an intent. ``handled``: an agent will report its result; else a task decides it."""

    actor: Actor
    workspace: WorkspaceId
    intent_id: IntentId
    type: str
    title: str
    agent: str
    payload: JSON = None
    handled: bool = False
    deadline: datetime | None = None
    on_behalf_of: str | None = None
    provenance: Provenance | None = None
    custody: Custody | None = None
    task: AskRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    actor: Actor
    task: AskRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """``view_digest``, where given, must still be what the task shows.

    ``first_viewed_at`` is filled in by the door, from what is on record.

    :param link: the hash of the link it comes by, which it spends.
    """

    actor: Actor
    task_id: TaskId
    raw: RawAnswer
    view_digest: str | None = None
    channel: str = "api"
    credential: Credential = UNSAID
    first_viewed_at: datetime | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTask:
    actor: Actor
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTask:
    actor: Actor
    task_id: TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseTask:
    actor: Actor
    task_id: TaskId
    content: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTask:
    actor: Actor
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateTask:
    """Let another person answer in one's place. ``to`` is a reference to a person."""

    actor: Actor
    task_id: TaskId
    to: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignTask:
    """Ask others instead: an administrator everybody's, anybody asked by name their own part."""

    actor: Actor
    task_id: TaskId
    to: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTask:
    """``who``: a reference to a person, where it is another than the actor."""

    actor: Actor
    task_id: TaskId
    who: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwatchTask:
    actor: Actor
    task_id: TaskId
    who: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentTask:
    actor: Actor
    task_id: TaskId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeTask:
    actor: Actor
    task_id: TaskId
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendTask:
    """``by`` is elapsed time by which whatever is to come comes later."""

    actor: Actor
    task_id: TaskId
    by: timedelta
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTask:
    """Stop the clock: the task waits on its requester."""

    actor: Actor
    task_id: TaskId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTask:
    actor: Actor
    task_id: TaskId
    reason: str = "the clock was started again"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStep:
    actor: Actor
    name: str
    kind: str
    output: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Wait for time, durably. ``name`` is the step it is journalled as."""

    actor: Actor
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteIntent:
    actor: Actor
    result: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class FailIntent:
    actor: Actor
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIntent:
    actor: Actor
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideIntent:
    """A person takes a running intent over. ``data`` is ``{action, result?, to?}``."""

    actor: Actor
    justification: str
    data: JSONObject = field(default_factory=dict)
    task_id: TaskId


class TimerKind(StrEnum):
    """What a timer is armed for; its subject is the task, or the intent itself."""

    RUNG = "rung"
    DEADLINE = "deadline"
    SLEEP = "sleep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """From when until when no server ran."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimer:
    """A timer has come due. Firing one that is no longer armed changes nothing.

    ``outage`` is there where it came due while no server ran. ``new_task``: the id of the override
    task, should the rung ask for one.
    """

    actor: Actor
    kind: TimerKind
    task_id: TaskId | None = None
    outage: Outage | None = None
    new_task: TaskId | None = None


Command: TypeAlias = (
    SubmitIntent
    | OpenTask
    | AnswerTask
    | ClaimTask
    | ReleaseTask
    | ReviseTask
    | WithdrawTask
    | DelegateTask
    | ReassignTask
    | WatchTask
    | UnwatchTask
    | CommentTask
    | SnoozeTask
    | ExtendTask
    | PauseTask
    | ResumeTask
    | RecordStep
    | Sleep
    | CompleteIntent
    | FailIntent
    | CancelIntent
    | OverrideIntent
    | FireTimer
)
