"""From the task of a request to an ``AskRequest``, with the defaults that only the edge knows.

An approval that names no action asks about its intent's payload, so that people see what is asked.
Whoever the payload names is put in here, so that the rules are told of people alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any

from signoff.core.asking import AskRequest, expand, references
from signoff.core.references import FROM_PAYLOAD
from signoff.core.tasks import KINDS
from signoff.core.words import JSON, TaskType
from signoff.errors import FieldError, InvalidTask
from signoff.server import ids

_OF_SOME_TYPE = frozenset(field.name for kind in KINDS.values() for field in fields_of(kind.Spec))


def ask_request(
    given: Mapping[str, Any], *, key: str | None, title: str, type_: str, payload: JSON
) -> AskRequest:
    """Make the request for a task.

    :param given: the fields as parsed; their shapes have been judged.
    :param title: the intent's title, which a task without one takes.
    :param type_: the intent's type, which names the action an approval without one is about.
    :raises InvalidTask: a field belongs to another type of task, or the payload names nobody
        where it is to.
    """
    fields = {name: value for name, value in given.items() if value is not None}
    kind = TaskType(fields["type"])
    _require_own(kind, fields)
    fields.setdefault("title", title)
    if kind is TaskType.APPROVAL and "action" not in fields and isinstance(payload, Mapping):
        fields["action"] = {"name": type_, "arguments": payload}
    return AskRequest(id=ids.new_task_id(), fields=expand(fields, payload), key=key)


def needs_intent(given: Mapping[str, Any]) -> bool:
    """Whether something must be taken from the intent."""
    without_action = given["type"] == TaskType.APPROVAL and given.get("action") is None
    by_payload = any(each.startswith(FROM_PAYLOAD) for each in references(given))
    return without_action or by_payload or given.get("title") is None


def _require_own(kind: TaskType, fields: Mapping[str, JSON]) -> None:
    """Refuse what this type would ignore in silence."""
    own = {field.name for field in fields_of(KINDS[kind].Spec)}
    errors = [
        FieldError(f"task.{name}", f"a task of type {kind} has no {name}")
        for name in fields
        if name in _OF_SOME_TYPE and name not in own
    ]
    if errors:
        raise InvalidTask(errors[0].message, errors=errors)
