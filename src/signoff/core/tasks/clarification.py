"""Clarification: the agent asks in words, a person answers in words or picks a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON
from signoff.errors import FieldError, InvalidAnswer

OUTCOMES = ("answered", "declined")
FAVOURABLE = frozenset({"answered"})
NEEDS_COMMENT: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``choices`` narrow the answer; ``follows`` is the clarification this one comes back to."""

    question: str
    choices: tuple[str, ...] = ()
    follows: str | None = None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        return cls(
            question=fields.get("question") or fields["title"],
            choices=tuple(fields.get("choices") or ()),
            follows=fields.get("follows"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``answer`` is the text or the choice, or None where the person declined."""

    data: JSON
    answer: str | None


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the answer from ``data.answer``, from ``data`` as plain text, or from the comment.

    :raises InvalidAnswer: there is no answer, or it is none of the choices.
    """
    if raw.outcome not in FAVOURABLE:
        return Answer(data=raw.data, answer=None)
    said = raw.data.get("answer") if isinstance(raw.data, Mapping) else raw.data
    said = said if said is not None else raw.comment
    if not isinstance(said, str) or not said.strip():
        raise _refused("an answer is needed, as text in data.answer")
    if spec.choices and said not in spec.choices:
        raise _refused(f"{said!r} is no choice; choose one of {', '.join(spec.choices)}")
    return Answer(data=raw.data, answer=said)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: always an object that holds the answer, where one was given."""
    if answer.answer is None:
        return answer.data
    said = answer.data if isinstance(answer.data, Mapping) else {}
    return {**said, "answer": answer.answer}


def _refused(message: str) -> InvalidAnswer:
    return InvalidAnswer(message, errors=[FieldError("data.answer", message)])
