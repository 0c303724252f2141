"""Conditions on a stage: written in the Common Expression Language, judged once, when a task opens.

A condition sees ``payload``, ``action`` (``name`` and ``arguments``), ``risk`` and ``task`` (its
type), and nothing else. The language has no loops but its macros over a list; one of these in a
condition, over a payload of bounded size, keeps its work bounded too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from signoff.core.words import JSON, JSONObject, Risk, TaskType
from signoff.errors import FieldError, InvalidTask

MAX_LENGTH = 1000
MAX_WEIGHT = 10_000
MAX_WEIGHT_OF_A_LIST_WALKED = 1_000

_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
_CHARACTERS_AS_ONE_VALUE = 64

Names = Mapping[str, Any]


def names_of(
    type: TaskType,  # noqa: A002
    *,
    payload: JSON,
    action: JSONObject | None,
    risk: Risk,
) -> Names:
    """What a condition may speak of."""
    shown = {} if action is None else {"name": action.get("name"), "arguments": {}, **action}
    return {"payload": payload, "action": shown, "risk": str(risk), "task": str(type)}


def holds(condition: str, names: Names, *, field: str) -> bool:
    """Whether the condition is true of what the names stand for.

    :param field: where it stands in the request, e.g. ``task.chain.1.when``.
    :raises InvalidTask: it cannot be read, speaks of what is not there, or is neither true nor
        false.
    """
    _require_bounded(condition, names, field)
    import cel  # only servers have it, and few requests need it

    try:
        found = cel.compile(condition).execute(dict(names))
    except KeyError as error:
        raise _refused(field, f"there is no {error.args[0]!r} where it looks for it") from None
    except (ValueError, RuntimeError, TypeError, LookupError, ArithmeticError) as error:
        raise _refused(field, _first_line(error)) from None
    if not isinstance(found, bool):
        raise _refused(field, "it must come to true or false, e.g. payload.amount > 10000")
    return found


def _require_bounded(condition: str, names: Names, field: str) -> None:
    if len(condition) > MAX_LENGTH:
        raise _refused(field, f"it may have at most {MAX_LENGTH} characters")
    macros = len(_MACRO.findall(condition))
    if macros > 1:
        raise _refused(field, "it may walk one list: one of all, exists, exists_one, map, filter")
    most = MAX_WEIGHT_OF_A_LIST_WALKED if macros else MAX_WEIGHT
    if _weight(dict(names), most) > most:
        raise _refused(field, f"the payload holds too much for it, more than {most} values")


def _weight(value: Any, most: int) -> int:
    """How many values there are, a long text counting as several; no further than ``most``."""
    found, left = 0, [value]
    while left and found <= most:
        each = left.pop()
        found += 1
        if isinstance(each, str):
            found += len(each) // _CHARACTERS_AS_ONE_VALUE
        elif isinstance(each, Mapping):
            found += sum(len(key) // _CHARACTERS_AS_ONE_VALUE for key in each)
            left.extend(each.values())
        elif isinstance(each, list | tuple):
            left.extend(each)
    return found


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]


def _refused(field: str, why: str) -> InvalidTask:
    message = f"the condition cannot be used: {why}"
    return InvalidTask(message, errors=[FieldError(field, message)])
