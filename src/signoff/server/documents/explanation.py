"""Why a task stands where it stands."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from signoff.server.documents.tasks import AnswerGiven, Quorum
from signoff.server.documents.values import Document, Time


class ExplainedStage(Document):
    """One stage of the chain, and how far it is."""

    stage: int
    who: list[str]
    need: int
    applies: bool
    when: str | None
    state: Annotated[str, Meta(examples=["done", "asked", "to come", "skipped", "never asked"])]
    answers: list[AnswerGiven]


class MayAnswer(Document, rename={"for_": "for"}):
    """Somebody who may answer now, and why."""

    person: str
    why: str
    for_: Annotated[str | None, Meta(description="In whose place, where not in their own.")]
    until: Annotated[Time | None, Meta(description="Until when that one is away.")]


class MayNot(Document):
    """Somebody one might think may answer, and why they may not."""

    person: str
    why: str


class ExplainedRung(Document):
    """One thing the ladder does, or has done, and how its moment comes about."""

    at: Time
    do: str
    to: list[str]
    text: str
    why: Annotated[list[str], Meta(description="What the calendar has to do with it.")]
    state: str


class Explanation(Document):
    """Who may answer a task, who may not, and what happens when."""

    task_id: Annotated[str | None, Meta(description="Null for a task that is not asked yet.")]
    at: Annotated[Time, Meta(description="The moment it is explained as of.")]
    state: str
    stage: int
    chain: list[ExplainedStage]
    may_answer: list[MayAnswer]
    may_not: list[MayNot]
    quorum: Quorum
    ladder: list[ExplainedRung]
    notes: list[str]
