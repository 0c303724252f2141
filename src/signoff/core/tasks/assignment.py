"""Assignment: a person picks the owner of a piece of work among candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON
from signoff.errors import FieldError, InvalidAnswer

OUTCOMES = ("assigned", "declined")
FAVOURABLE = frozenset({"assigned"})
NEEDS_COMMENT: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``candidates`` are people, groups or queues by name; empty means anybody may be named."""

    candidates: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        return cls(candidates=tuple(fields.get("candidates") or ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``assignee`` is the pick, or None where the person declined to make one."""

    data: JSON
    assignee: str | None


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the pick from ``data.assignee``, or from ``data`` where that is a plain string.

    :raises InvalidAnswer: nobody was picked, or somebody who is no candidate.
    """
    if raw.outcome not in FAVOURABLE:
        return Answer(data=raw.data, assignee=None)
    pick = raw.data.get("assignee") if isinstance(raw.data, Mapping) else raw.data
    if not isinstance(pick, str) or not pick.strip():
        raise _refused("name the owner, e.g. data.assignee = 'group:billing'")
    if spec.candidates and pick not in spec.candidates:
        raise _refused(f"{pick!r} is no candidate; choose one of {', '.join(spec.candidates)}")
    return Answer(data=raw.data, assignee=pick)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: always an object that names the assignee, where one was picked."""
    if answer.assignee is None:
        return answer.data
    said = answer.data if isinstance(answer.data, Mapping) else {}
    return {**said, "assignee": answer.assignee}


def _refused(message: str) -> InvalidAnswer:
    return InvalidAnswer(message, errors=[FieldError("data.assignee", message)])
