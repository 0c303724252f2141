"""Form: a person fills in fields described by a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON
from signoff.errors import FieldError, InvalidAnswer

OUTCOMES = ("submitted", "declined")
FAVOURABLE = frozenset({"submitted"})
NEEDS_COMMENT: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``initial`` are values to start from; the schema itself is the ask's own ``schema``."""

    initial: JSON = None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        return cls(initial=fields.get("initial"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``data`` are the values, which the ask's schema has accepted."""

    data: JSON


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the values; the ask's schema has judged them already.

    :raises InvalidAnswer: the form is submitted without any values.
    """
    if raw.outcome in FAVOURABLE and raw.data is None:
        message = "fill in the form: data is missing"
        raise InvalidAnswer(message, errors=[FieldError("data", message)])
    return Answer(data=raw.data)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: the values."""
    return answer.data
