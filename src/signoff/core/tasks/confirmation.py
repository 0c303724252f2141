"""Confirmation: a person states that a fact is so. High risk needs a phrase typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON, Risk
from signoff.errors import FieldError, InvalidAnswer

OUTCOMES = ("confirmed", "denied")
FAVOURABLE = frozenset({"confirmed"})
NEEDS_COMMENT: frozenset[str] = frozenset()
DEFAULT_PHRASE = "I confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``statement`` is the fact; ``phrase``, where there is one, must be typed to confirm it."""

    statement: str
    phrase: str | None = None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        phrase = fields.get("phrase") or None
        if phrase is None and fields.get("risk") == Risk.HIGH:
            phrase = DEFAULT_PHRASE
        return cls(statement=fields.get("statement") or fields["title"], phrase=phrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``data`` is kept as said."""

    data: JSON


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the answer.

    :raises InvalidAnswer: it confirms without the phrase the ask demands.
    """
    typed = raw.data.get("phrase") if isinstance(raw.data, Mapping) else None
    if spec.phrase and raw.outcome in FAVOURABLE and typed != spec.phrase:
        message = f"type {spec.phrase!r} exactly as it stands here to confirm"
        raise InvalidAnswer(message, errors=[FieldError("data.phrase", message)])
    return Answer(data=raw.data)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: what was said."""
    return answer.data
