"""Tasks: what is asked, how far it has come, and what people said."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.core.credential import Strength
from signoff.core.words import Demand, IntentStatus, Pick, Risk, StandInReason, TaskState, TaskType
from signoff.server.documents.values import Document, Json, Time


class Evidence(Document):
    """A link, or a reference number or note in another system."""

    kind: str
    value: str


class Decision(Document):
    """What a task concluded with. Written once; every reader sees this one."""

    outcome: str
    by: Annotated[str, Meta(description="A mail address, or `ladder` where time ran out.")]
    at: Time
    comment: str | None
    data: Json
    evidence: list[Evidence]
    strength: Annotated[
        Strength | None,
        Meta(description="Of the credential its giver's answer came with; null for the ladder."),
    ]


class Quota(Document):
    """So many people of this role or group."""

    of: str
    need: int


class Stage(Document):
    """One link of a task's chain."""

    who: list[str]
    exclude: list[str]
    need: Annotated[int, Meta(description="How many must give the go-ahead.")]
    quotas: Annotated[list[Quota], Meta(description="How many of which; each counts for one.")]
    veto: Annotated[
        list[str] | None,
        Meta(description="Whose refusal ends the task at once; null is anybody's."),
    ]
    distinct: Annotated[
        bool, Meta(description="Whether whoever answered an earlier stage is out of this one.")
    ]
    when: Annotated[str | None, Meta(description="The condition under which it is asked.")]
    applies: Annotated[bool, Meta(description="What the condition came to at the opening.")]
    pick: Annotated[Pick, Meta(description="Whether all are asked, or those with least to do.")]


class Quorum(Document):
    """How far the stage being asked has come."""

    need: int
    have: int
    missing: Annotated[
        list[str], Meta(description="What is missing, in words, e.g. `1 more of role:engineer`.")
    ]


class AnswerGiven(Document, rename={"for_": "for"}):
    """One person's answer that counts in this round."""

    by: str
    for_: Annotated[str | None, Meta(description="In whose place, where not in their own.")]
    outcome: str
    stage: int
    at: Time
    strength: Annotated[Strength, Meta(description="Of the credential it came with.")]


class StandIn(Document):
    """Somebody who may answer in the place of another, who may answer too."""

    owner: str
    deputy: str
    why: StandInReason
    until: Annotated[Time | None, Meta(description="Until when the owner is away.")]
    note: str | None


class Firing(Document):
    """When a rung of the ladder fires."""

    at: Time
    do: str
    rung: Annotated[
        int | None, Meta(description="Its place in the ladder, from 0; null after a snooze.")
    ]
    nth: Annotated[int, Meta(description="Which repeat of a reminder it is, from 1.")]


class Round(Document):
    """A reviewer's request for changes, and the draft it was about."""

    comment: str
    by: str
    at: Time
    content: Json


class Task(Document):
    """One request to people, and how far it has come."""

    id: str
    intent_id: str
    intent_title: str
    intent_status: IntentStatus
    agent: str
    type: TaskType
    title: str
    description: str | None
    state: TaskState
    outcomes: list[str]
    assignees: Annotated[list[str], Meta(description="Who is asked now.")]
    stage: Annotated[int, Meta(description="Which link of the chain is asked, from 0.")]
    chain: list[Stage]
    risk: Risk
    credential: Annotated[Strength, Meta(description="The least that an answer has to come with.")]
    comment: Demand
    evidence: Demand
    schema: dict[str, Json] | None
    spec: Annotated[dict[str, Json], Meta(description="What only its type knows.")]
    content: Json
    rounds: list[Round]
    awaiting_revision: bool
    quorum: Quorum
    answers: Annotated[list[AnswerGiven], Meta(description="Those that count in this round.")]
    stand_ins: list[StandIn]
    watchers: list[str]
    comments: Annotated[int, Meta(description="How many there are.")]
    claimed_by: str | None
    key: str | None
    opened_at: Time
    due_at: Annotated[Time, Meta(description="No answer is accepted at or after this moment.")]
    next_rung_at: Time | None
    schedule: Annotated[list[Firing], Meta(description="What the ladder is still to do.")]
    paused_at: Annotated[Time | None, Meta(description="Since when its clock stands.")]
    pause_ends: Annotated[Time | None, Meta(description="When it goes on by itself.")]
    snoozed_until: Time | None
    closed_at: Time | None
    closed_because: str | None
    view_digest: Annotated[
        str, Meta(description="What is shown; send it as If-Match with a decision.")
    ]
    decision: Decision | None


class Comment(Document):
    """What somebody said about a task without answering it."""

    by: str
    at: Time
    text: str


class OneTask(Document):
    task: Task


class Tasks(Document):
    tasks: list[Task]
    next: str | None


class Comments(Document):
    """Oldest first."""

    comments: list[Comment]
