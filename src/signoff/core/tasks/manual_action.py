"""Manual action: a person does something outside, ticks it off, and leaves evidence of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON
from signoff.errors import FieldError, InvalidAnswer

OUTCOMES = ("completed", "failed")
FAVOURABLE = frozenset({"completed"})
NEEDS_COMMENT: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``instructions`` say what to do; every item of the ``checklist`` must be ticked."""

    instructions: str
    checklist: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        return cls(
            instructions=fields.get("instructions") or fields["title"],
            checklist=tuple(fields.get("checklist") or ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``data`` is kept as said; its ``done`` lists the ticked items."""

    data: JSON


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the answer.

    :raises InvalidAnswer: it says completed while an item of the checklist is not ticked.
    """
    done = raw.data.get("done") if isinstance(raw.data, Mapping) else None
    ticked = done if isinstance(done, list | tuple) else ()
    left = [item for item in spec.checklist if item not in ticked]
    if raw.outcome in FAVOURABLE and left:
        message = f"not ticked yet: {', '.join(left)}"
        raise InvalidAnswer(message, errors=[FieldError("data.done", message)])
    return Answer(data=raw.data)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: what was said."""
    return answer.data
