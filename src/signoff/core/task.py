"""A task: what people are asked, how far it has come, and the decision it concludes with.

An ``Ask`` never changes; a ``Task`` is an ask and its progress. A decision is written once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from signoff.core.ladder import Rung, schedule
from signoff.core.routing import Actor, Selector, Stage
from signoff.core.words import (
    JSON,
    Demand,
    IntentId,
    JSONObject,
    Risk,
    TaskId,
    TaskState,
    TaskType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of evidence: a link, or a reference number or note in another system."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What one person says, as it arrived: shaped, but not yet judged."""

    outcome: str
    data: JSON = None
    comment: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a task concluded with. Written once; every reader sees this one."""

    outcome: str
    by: Actor
    at: datetime
    comment: str | None = None
    data: JSON = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to people, parsed and resolved. ``spec`` holds what only its type knows."""

    id: TaskId
    type: TaskType
    title: str
    description: str | None
    stages: tuple[Stage, ...]
    outcomes: tuple[str, ...]
    ladder: tuple[Rung, ...]
    spec: JSONObject
    schema: JSONObject | None = None
    comment: Demand = Demand.OPTIONAL
    evidence: Demand = Demand.OPTIONAL
    risk: Risk = Risk.MEDIUM
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A reviewer's request for changes, and what the agent answered with."""

    comment: str
    by: Actor
    at: datetime
    content: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An ask and how far it has come."""

    intent_id: IntentId
    ask: Ask
    state: TaskState
    opened_at: datetime
    behind: int = 0
    stage: int = 0
    added: tuple[Selector, ...] = ()
    claimed_by: Actor | None = None
    awaiting_revision: bool = False
    content: JSON = None
    rounds: tuple[Round, ...] = ()
    decision: Decision | None = None
    closed_at: datetime | None = None
    closed_because: str | None = None

    @property
    def id(self) -> TaskId:
        return self.ask.id

    @property
    def live(self) -> bool:
        return self.state in (TaskState.OPEN, TaskState.CLAIMED)

    @property
    def next_rung_at(self) -> datetime | None:
        """When the ladder fires next; there is such a time exactly while the task waits."""
        if not self.live:
            return None
        return self.opened_at + schedule(self.ask.ladder)[self.behind].after

    @property
    def due_at(self) -> datetime:
        """When the ladder closes the task: no answer is accepted at or after this moment."""
        return self.opened_at + schedule(self.ask.ladder)[-1].after

    @property
    def asked(self) -> Stage:
        """The stage being asked now, with everybody the ladder has added to it."""
        stage = self.ask.stages[self.stage]
        return Stage(who=(*stage.who, *self.added), exclude=stage.exclude)

    @property
    def view_digest(self) -> str:
        """What a person is shown and therefore decides on, as ``sha256:<hex>``."""
        return digest(
            {
                "task": self.id,
                "type": self.ask.type,
                "title": self.ask.title,
                "description": self.ask.description,
                "outcomes": self.ask.outcomes,
                "spec": self.ask.spec,
                "schema": self.ask.schema,
                "risk": self.ask.risk,
                "stage": self.stage,
                "round": len(self.rounds),
                "content": self.content,
            }
        )


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 over the value's JSON with sorted keys, as ``sha256:<hex>``."""
    encoded = msgspec.json.encode(value, order="deterministic")
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def same_json(one: JSON, other: JSON) -> bool:
    """Whether two values are the same JSON: 1 is 1.0 there, but ``true`` is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other
