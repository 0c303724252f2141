"""Approval: yes or no to an action. Where the ask allows it, the arguments may be edited first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signoff.core.schema import errors_in, require_schema
from signoff.core.task import RawAnswer, same_json
from signoff.core.words import JSON, JSONObject
from signoff.errors import FieldError, InvalidAnswer, InvalidTask

OUTCOMES = ("approved", "rejected")
FAVOURABLE = frozenset({"approved"})
NEEDS_COMMENT: frozenset[str] = frozenset()
RESERVED = frozenset({"arguments", "edited", "original"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``action`` is ``{name, arguments, schema?}``; ``schema`` judges edited arguments."""

    action: JSONObject | None = None
    editable: bool = False

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        spec = cls(action=fields.get("action"), editable=bool(fields.get("editable")))
        if spec.editable and spec.action is None:
            message = "an editable approval needs the action whose arguments may be edited"
            raise InvalidTask(message, errors=[FieldError("action", message)])
        if spec.action and spec.action.get("schema") is not None:
            require_schema(spec.action["schema"], field="action.schema")  # type: ignore[arg-type]
        return spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``arguments`` are the edited ones, or None where the action is approved as asked."""

    data: JSON
    arguments: JSONObject | None


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the answer; edited arguments must be allowed and fit the action's own schema.

    :raises InvalidAnswer: editing is not allowed here, or the arguments do not fit.
    """
    data = raw.data if isinstance(raw.data, Mapping) else {}
    if raw.outcome not in FAVOURABLE or RESERVED.isdisjoint(data):
        return Answer(data=raw.data, arguments=None)
    if forged := sorted(RESERVED & set(data) - {"arguments"}):
        raise _refused("the server says this, not the answer", field=f"data.{forged[0]}")
    if spec.action is None:
        raise _refused("this approval shows no action whose arguments could be given")
    edited, asked = data["arguments"], spec.action.get("arguments", {})
    if same_json(edited, asked):
        return Answer(data={**data, "arguments": asked}, arguments=None)
    if not spec.editable:
        raise _refused("this action's arguments may not be edited; approve or reject it as it is")
    if not isinstance(edited, Mapping):
        raise _refused("arguments must be an object")
    schema = spec.action.get("schema")
    if isinstance(schema, Mapping) and (wrong := errors_in(edited, schema, field="data.arguments")):
        raise InvalidAnswer("the edited arguments do not fit the action", errors=wrong)
    return Answer(data=raw.data, arguments=edited)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: what was said, and for an edit both the old and the new arguments."""
    if answer.arguments is None or spec.action is None:
        return answer.data
    said = answer.data if isinstance(answer.data, Mapping) else {}
    original = spec.action.get("arguments", {})
    return {**said, "arguments": answer.arguments, "edited": True, "original": original}


def _refused(message: str, *, field: str = "data.arguments") -> InvalidAnswer:
    return InvalidAnswer(message, errors=[FieldError(field, message)])
