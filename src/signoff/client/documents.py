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
    strength: str | None


class QuotaDocument(TypedDict):
    """So many of this role or group."""

    of: str
    need: int


class StageDocument(TypedDict):
    """One link of the chain; ``applies``: what its condition ``when`` came to at the opening."""

    who: list[str]
    exclude: list[str]
    need: int
    quotas: list[QuotaDocument]
    veto: list[str] | None
    distinct: bool
    when: str | None
    applies: bool
    pick: str


class QuorumDocument(TypedDict):
    """How far the open stage has come; ``missing`` says in words who is still needed."""

    need: int
    have: int
    missing: list[str]


# ``for`` is a word of Python, so these are spelled as calls.
AnswerDocument = TypedDict(
    "AnswerDocument",
    {"by": str, "for": str | None, "outcome": str, "stage": int, "at": str, "strength": str},
)
"""What one person said; ``for`` is in whose place, where not in their own."""

MayAnswerDocument = TypedDict(
    "MayAnswerDocument",
    {"person": str, "why": str, "for": str | None, "until": str | None},
)
"""Somebody who may answer now; ``for`` and ``until``: in whose place, and until when."""


class StandInDocument(TypedDict):
    """``deputy`` may answer in the place of ``owner``: ``absent`` until then, or ``delegated``."""

    owner: str
    deputy: str
    why: str
    until: str | None
    note: str | None


class FiringDocument(TypedDict):
    """When a rung of the ladder fires; ``nth`` counts a reminder's repeats."""

    at: str
    do: str
    rung: int | None
    nth: int


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
    credential: str
    comment: str
    evidence: str
    schema: dict[str, Any] | None
    spec: dict[str, Any]
    content: Any
    rounds: list[RoundDocument]
    awaiting_revision: bool
    quorum: QuorumDocument
    answers: list[AnswerDocument]
    stand_ins: list[StandInDocument]
    watchers: list[str]
    comments: int
    claimed_by: str | None
    key: str | None
    opened_at: str
    due_at: str
    next_rung_at: str | None
    schedule: list[FiringDocument]
    paused_at: str | None
    pause_ends: str | None
    snoozed_until: str | None
    closed_at: str | None
    closed_because: str | None
    view_digest: str
    decision: DecisionDocument | None


class CommentDocument(TypedDict):
    """What somebody said on a task, beside the answers."""

    by: str
    at: str
    text: str


class MayNotDocument(TypedDict):
    person: str
    why: str


class ExplainedStageDocument(TypedDict):
    """One stage and how far it has come, in words."""

    stage: int
    who: list[str]
    need: int
    applies: bool
    when: str | None
    state: str
    answers: list[AnswerDocument]


class ExplainedRungDocument(TypedDict):
    """One firing of the ladder: ``text`` says what happens, ``why`` how its moment came about."""

    at: str
    do: str
    to: list[str]
    text: str
    why: list[str]
    state: str


class ExplanationDocument(TypedDict):
    """Who may answer and who may not, and what happens next and when."""

    task_id: str | None
    at: str
    state: str
    stage: int
    chain: list[ExplainedStageDocument]
    may_answer: list[MayAnswerDocument]
    may_not: list[MayNotDocument]
    quorum: QuorumDocument
    ladder: list[ExplainedRungDocument]
    notes: list[str]


class ProvenanceDocument(TypedDict):
    """What produced an intent, as it said of itself."""

    agent_version: str | None
    agent_class: str | None
    framework: str | None
    model_provider: str | None
    model_name: str | None
    model_version: str | None
    prompt_digest: str | None
    trace_id: str | None
    purpose: str | None


class CustodyDocument(TypedDict):
    """How the data of an intent is kept."""

    subject: str | None
    categories: list[str]
    retention_class: str | None


class IntentDocument(TypedDict):
    """The durable unit of agent work; ``provenance`` and ``custody`` not for whom it only asks."""

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
    provenance: ProvenanceDocument | None
    custody: CustodyDocument | None
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
