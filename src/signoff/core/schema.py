"""JSON Schema 2020-12: accept a schema once, then judge values against it, all errors at once.

The engine behind it is jsonschema-rs, held to regular expressions that match in linear time, so one
with a look-around or a back-reference is refused. A ``$ref`` that leaves the document is refused
when the schema arrives: nothing is ever fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from signoff.core.words import JSON, JSONObject
from signoff.errors import FieldError, InvalidTask

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

MAX_ERRORS = 50


def require_schema(schema: JSONObject, *, field: str) -> None:
    """Refuse a schema that no value could be judged by.

    :raises InvalidTask: not valid JSON Schema 2020-12, or it refers outside of itself.
    """
    try:
        _validator(_text(schema))
    except ValueError as error:
        message = f"this is no usable JSON Schema 2020-12: {_first_line(error)}"
        raise InvalidTask(message, errors=[FieldError(field, message)]) from None


def errors_in(value: JSON, schema: JSONObject, *, field: str) -> list[FieldError]:
    """Everything the schema finds wrong with the value, as dotted paths below ``field``."""
    return list(islice(_named(value, schema, field), MAX_ERRORS))


def _named(value: JSON, schema: JSONObject, field: str) -> Iterator[FieldError]:
    for error in _validator(_text(schema)).iter_errors(value):
        path = ".".join([field, *(str(part) for part in error.instance_path), *_about(error)])
        yield FieldError(path, _first_line(error))


def _about(error: ValidationError) -> list[str]:
    """The property itself, where the engine blames the object that lacks it, or has it."""
    match error.kind.as_dict():
        case {"property": str(name)} | {"unexpected": [str(name), *_]}:
            return [name]
        case _:
            return []


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        json.loads(schema),
        retriever=_refuse,
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _refuse(uri: str, /) -> dict[str, Any]:
    raise ValueError(f"$ref to {uri} is refused; a task's schema must be self-contained")


def _text(schema: JSONObject) -> str:
    return json.dumps(schema, sort_keys=True)


def _first_line(error: Exception) -> str:
    message = getattr(error, "message", None) or str(error)
    return str(message).splitlines()[0][:500]
