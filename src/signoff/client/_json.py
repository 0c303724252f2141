"""Between Python values and the JSON that the server keeps. Pydantic is used only where it came.

What goes out may be JSON itself, a dataclass, a Pydantic model, an enum, a date, a ``Decimal``, a
``UUID`` or a ``timedelta``, at any depth. Anything else is refused here, with its path, because
the server would only say so later.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeAlias, TypeVar, get_type_hints
from uuid import UUID

from signoff.errors import FieldError, InvalidInput

JSON: TypeAlias = "None | bool | int | float | str | list[JSON] | dict[str, JSON]"

T = TypeVar("T")

_PLAIN = (str, int, float, bool)


def to_json(value: object, *, field: str) -> JSON:
    """Return the value as JSON.

    :param field: where the value stands, for the message; a dotted path.
    :raises InvalidInput: something in it is no JSON and nothing that becomes JSON.
    """
    if isinstance(value, Enum):
        return to_json(value.value, field=field)
    if isinstance(value, float) and not math.isfinite(value):
        raise _no_json(field, f"{value} is no number that JSON has")
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {_name(key, field): to_json(v, field=f"{field}.{key}") for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, field=f"{field}.{i}") for i, item in enumerate(value)]
    return _from_rich(value, field)


def _from_rich(value: object, field: str) -> JSON:
    """JSON for the values that are no JSON themselves."""
    dump: Callable[..., object] | None = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        return to_json(dump(mode="json", by_alias=True), field=field)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return to_json(named, field=field)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, Decimal | UUID | PurePath):
        return str(value)
    raise _no_json(field, f"{type(value).__name__} does not become JSON")


def instant(value: datetime) -> str:
    """A moment as RFC 3339. It must know its zone: an hour wrong is a deadline wrong.

    :raises InvalidInput: the datetime is naive.
    """
    if value.tzinfo is None:
        raise InvalidInput(f"{value.isoformat()} has no time zone; use e.g. datetime.now(UTC)")
    return value.isoformat()


def duration(value: timedelta) -> str:
    """An elapsed duration as the server reads it: whole seconds, or milliseconds below that."""
    if value.microseconds:
        return f"{value / timedelta(milliseconds=1):.3f}ms"
    return f"{value // timedelta(seconds=1)}s"


def seconds(value: float | timedelta) -> float:
    """A length of time in seconds, however it was given."""
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def restore(value: object, wanted: type[T], *, field: str) -> T:
    """Make a typed value of JSON: a Pydantic model, a dataclass, or whatever Pydantic can read.

    :raises InvalidInput: the JSON does not fit the type, or Pydantic is needed and not installed.
    """
    validate: Callable[[object], T] | None = getattr(wanted, "model_validate", None)
    try:
        if validate is not None:
            return validate(value)
        return _adapted(value, wanted)
    except (TypeError, ValueError) as error:
        message = f"{field} is no {getattr(wanted, '__name__', wanted)}: {error}"
        raise InvalidInput(message, errors=[FieldError(field, str(error))]) from error


def _adapted(value: object, wanted: type[T]) -> T:
    try:
        from pydantic import TypeAdapter
    except ImportError:
        if dataclasses.is_dataclass(wanted) and isinstance(value, Mapping):
            return wanted(**value)
        raise TypeError("install pydantic to read values of this type") from None
    return TypeAdapter(wanted).validate_python(value)


def schema_of(model: type) -> dict[str, Any]:
    """The JSON Schema of a Pydantic model class.

    :raises TypeError: the class is no Pydantic v2 model.
    """
    make: Callable[[], dict[str, Any]] | None = getattr(model, "model_json_schema", None)
    if make is None:
        raise TypeError(f"answer= takes a Pydantic model class, not {model!r}")
    return make()


def promised(function: Callable[..., object]) -> type | None:
    """The model or dataclass a function's annotation says it returns, or None."""
    try:
        returned = get_type_hints(inspect.unwrap(function)).get("return")
    except (NameError, TypeError):
        return None
    typed = isinstance(returned, type) and (
        hasattr(returned, "model_validate") or dataclasses.is_dataclass(returned)
    )
    return returned if typed else None


def _name(key: object, field: str) -> str:
    if not isinstance(key, str):
        raise _no_json(field, f"the name {key!r} is no text; JSON objects have text as names")
    return key


def _no_json(field: str, message: str) -> InvalidInput:
    return InvalidInput(f"{field}: {message}", errors=[FieldError(field, message)])
