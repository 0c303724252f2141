"""The closed vocabularies of Signoff: one concept, one word, in code, SQL, API, docs and inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType, TypeAlias

if TYPE_CHECKING:
    JSON: TypeAlias = "None | bool | int | float | str | Sequence[JSON] | Mapping[str, JSON]"
    JSONObject: TypeAlias = Mapping[str, JSON]
else:  # A decoder that reads annotations at run time cannot follow an alias into itself.
    JSON = Any
    JSONObject = Mapping[str, Any]

WorkspaceId = NewType("WorkspaceId", str)
IntentId = NewType("IntentId", str)
TaskId = NewType("TaskId", str)
PersonId = NewType("PersonId", str)
KeyId = NewType("KeyId", str)


class IntentStatus(StrEnum):
    """Where an intent is in its life. The last four are terminal."""

    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    DELIVERED = "DELIVERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TIMED_OUT = "TIMED_OUT"


class WaitingReason(StrEnum):
    """What a waiting intent waits for."""

    HUMAN = "WAITING_FOR_HUMAN"
    TOOL = "WAITING_FOR_TOOL"
    AGENT = "WAITING_FOR_AGENT"
    TIME = "WAITING_FOR_TIME"


class TaskType(StrEnum):
    """The eight ways a human is involved; each has its file in ``signoff.core.tasks``."""

    APPROVAL = "approval"
    REVIEW = "review"
    CONFIRMATION = "confirmation"
    ASSIGNMENT = "assignment"
    FORM = "form"
    CLARIFICATION = "clarification"
    MANUAL_ACTION = "manual_action"
    OVERRIDE = "override"


class TaskState(StrEnum):
    """Where a task is in its life. The first two are live, the others terminal."""

    OPEN = "open"
    CLAIMED = "claimed"
    CONCLUDED = "concluded"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OVERRIDDEN = "overridden"


class Demand(StrEnum):
    """Whether a part of an answer must be there."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class Risk(StrEnum):
    """How much harm a wrong decision can do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ActorKind(StrEnum):
    """Who can cause an event; an auditor only facts, such as that the log was read."""

    AGENT = "agent"
    PERSON = "person"
    ADMIN = "admin"
    AUDITOR = "auditor"
    LADDER = "ladder"
    CLOCK = "clock"


class OutageRule(StrEnum):
    """What an outage of the server means for a task that missed a rung meanwhile."""

    FAIR = "fair"
    STRICT = "strict"


class Pick(StrEnum):
    """Whom a stage asks among those it names."""

    EVERYBODY = "everybody"
    LEAST_LOADED = "least_loaded"


class StandInReason(StrEnum):
    """Why somebody answers in the place of another."""

    ABSENT = "absent"
    DELEGATED = "delegated"
