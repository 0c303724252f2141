"""Review: a person reads a draft and approves it, asks for changes, or rejects it.

Where the ask allows ``revisions``, *changes requested* does not conclude the task: the agent
revises and the same task is asked again. Otherwise it is an outcome like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON

CHANGES_REQUESTED = "changes_requested"
OUTCOMES = ("approved", CHANGES_REQUESTED, "rejected")
FAVOURABLE = frozenset({"approved"})
NEEDS_COMMENT = frozenset({CHANGES_REQUESTED, "rejected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``content`` is the draft; ``revisions`` is how often the agent may hand in a new one."""

    content: JSON = None
    revisions: int = 0

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        return cls(content=fields.get("content"), revisions=fields.get("revisions") or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``data`` is kept as said; the words are in the comment."""

    data: JSON


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the answer; that a comment is there has been judged already."""
    return Answer(data=raw.data)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: what was said."""
    return answer.data


def asks_again(spec: Spec, outcome: str, *, rounds: int) -> bool:
    """Whether this outcome opens a new round instead of concluding the task."""
    return outcome == CHANGES_REQUESTED and rounds < spec.revisions
