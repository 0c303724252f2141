"""A raw answer, judged: what every type demands first, then what its own type does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signoff.core.schema import errors_in
from signoff.core.task import Ask, RawAnswer, Task
from signoff.core.tasks import KINDS, review
from signoff.core.words import JSON, Demand, TaskType
from signoff.errors import FieldError, InvalidAnswer


def judge(ask: Ask, raw: RawAnswer) -> tuple[Any, JSON]:
    """Judge one raw answer: its type's ``Answer`` and the data a decision would hold.

    :raises InvalidAnswer: with every field that is wrong; nothing is recorded then.
    """
    kind = KINDS[ask.type]
    if wrong := list(_unmet(ask, raw)):
        raise InvalidAnswer(wrong[0].message, errors=wrong)
    spec = kind.Spec(**ask.spec)
    answer = kind.parse(spec, raw)
    return answer, kind.conclude(spec, answer)


def favourable(ask: Ask, outcome: str) -> bool:
    """Whether this outcome is the go-ahead of its type (approved, confirmed, submitted, ...)."""
    return outcome in KINDS[ask.type].FAVOURABLE


def asks_again(task: Task, outcome: str) -> bool:
    """Whether this outcome opens a new round of a review instead of concluding it."""
    if task.ask.type is not TaskType.REVIEW:
        return False
    spec = review.Spec(**task.ask.spec)  # type: ignore[arg-type]
    return review.asks_again(spec, outcome, rounds=len(task.rounds))


def _unmet(ask: Ask, raw: RawAnswer) -> Iterator[FieldError]:
    if raw.outcome not in ask.outcomes:
        choices = ", ".join(ask.outcomes)
        yield FieldError("outcome", f"{raw.outcome!r} is no outcome here; choose one of {choices}")
        return
    needs_comment = raw.outcome in KINDS[ask.type].NEEDS_COMMENT or ask.comment is Demand.REQUIRED
    if needs_comment and not (raw.comment or "").strip():
        yield FieldError("comment", f"a comment is required to answer {raw.outcome}")
    go_ahead = favourable(ask, raw.outcome)
    if ask.evidence is Demand.REQUIRED and go_ahead and not _evident(raw):
        yield FieldError("evidence", "evidence is required: a link or a reference number")
    if ask.schema is not None and go_ahead:
        yield from errors_in(raw.data, ask.schema, field="data")


def _evident(raw: RawAnswer) -> bool:
    return any(piece.value.strip() for piece in raw.evidence)
