"""The documents of the server as they are: plain dictionaries, typed. Times are RFC 3339 text.

Fields that a newer server adds are there too; nothing is dropped on the way. Free JSON (payloads,
contents, results) is ``Any``.
"""

from __future__ import annotations

from typing import Any, TypedDict


class EvidenceDocument(TypedDict):
    kind: str
    value: str


class DecisionDocument(TypedDict):
    """What a task concluded with; ``by`` is a mail address, or ``ladder``."""

    outcome: str
    by: str
    at: str
    comment: str | None
    data: Any
    evidence: list[EvidenceDocument]


class StageDocument(TypedDict):
    who: list[str]
    exclude: list[str]


class RoundDocument(TypedDict):
    """One request for changes, and the ``content`` it was about."""

    comment: str
    by: str
    at: str
    content: Any


class TaskDocument(TypedDict):
    """One request to people. ``spec`` is what only its type has; ``content`` a review's draft."""

    id: str
    intent_id: str
    intent_title: str
    intent_status: str
    agent: str
    type: str
    title: str
    description: str | None
    state: str
    outcomes: list[str]
    assignees: list[str]
    stage: int
    chain: list[StageDocument]
    risk: str
    comment: str
    evidence: str
    schema: dict[str, Any] | None
    spec: dict[str, Any]
    content: Any
    rounds: list[RoundDocument]
    awaiting_revision: bool
    claimed_by: str | None
    key: str | None
    opened_at: str
    due_at: str
    next_rung_at: str | None
    closed_at: str | None
    closed_because: str | None
    view_digest: str
    decision: DecisionDocument | None


class IntentDocument(TypedDict):
    """The durable unit of agent work."""

    id: str
    workspace: str
    type: str
    title: str
    agent: str
    status: str
    waiting_reason: str | None
    seq: int
    handled: bool
    payload: Any
    result: Any
    ended_because: str | None
    on_behalf_of: str | None
    deadline: str | None
    submitted_by: str
    submitted_at: str
    updated_at: str


class EventDocument(TypedDict):
    """One thing that happened to an intent: ``seq`` counts from 1 without gaps."""

    seq: int
    type: str
    at: str
    actor: str
    data: dict[str, Any]


class StepDocument(TypedDict):
    """One journalled piece of a run."""

    name: str
    kind: str
    seq: int
    at: str
    output: Any


class Me(TypedDict):
    """Whose key this is: ``kind`` is agent, person, admin or auditor."""

    kind: str
    workspace: str
    agent: str | None
    person: dict[str, Any] | None
