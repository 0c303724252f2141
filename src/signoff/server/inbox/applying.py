"""When the parts of a form apply that apply only sometimes: in words, for a script, and by law.

Pure. The schema is the judge; what a script can see of a condition is worked out from it, and where
it can see nothing the part is always shown, with what it depends on beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain

from signoff.core.schema import errors_in
from signoff.core.words import JSON
from signoff.language import _
from signoff.server.inbox.fields import (
    Choice,
    Condition,
    Field,
    Fixed,
    Flag,
    Money,
    Number,
    Option,
    Test,
    Text,
)
from signoff.server.inbox.merging import Schema, Sometimes, names, wrapped

_SILENT = frozenset({"type", "title", "description", "$comment"})


def condition(part: Sometimes, fields: Mapping[str, Field], root: Schema) -> Condition:
    """When a part applies.

    :param fields: what else the object has, by property.
    """
    tests = tests_of(part.when, fields)
    return Condition(
        schema=wrapped(part.when, root),
        negated=part.negated,
        says=_in_words(part, fields),
        tests=tests,
    )


def judgeable(condition: Condition) -> bool:
    """Whether anything can be judged by its schema at all."""
    try:
        errors_in({}, condition.schema, field="")
    except ValueError:
        return False
    return True


def applies(condition: Condition, value: Mapping[str, JSON]) -> bool:
    """Whether what depends on the condition applies to an object that holds this."""
    return (not errors_in(value, condition.schema, field="")) is not condition.negated


def fits(value: JSON, schema: Schema, root: Schema) -> bool:
    """Whether a value is one of the schema's; not where nothing can be judged by it."""
    try:
        return not errors_in(value, wrapped(schema, root), field="")
    except ValueError:
        return False


def tests_of(when: Schema, fields: Mapping[str, Field]) -> tuple[Test, ...] | None:
    """What a script can see of a condition, all of which has to be so; None where it cannot."""
    if not set(when) <= {"properties", "required", *_SILENT}:
        return None
    properties = when.get("properties", {})
    if not isinstance(properties, Mapping):
        return None
    needed = names(when.get("required"))
    found: list[Test] = []
    for key in dict.fromkeys(chain(properties, needed)):
        field = fields.get(key)
        test = _test(field, properties.get(key), needed=key in needed) if field else None
        if test is None:
            return None
        found.append(test)
    return tuple(found) or None


def as_data(condition: Condition) -> str:
    """The tests of a condition as JSON, for a script."""
    tests = [
        {"name": test.name, "keys": test.keys, "empty": test.empty}
        for test in condition.tests or ()
    ]
    return json.dumps({"not": condition.negated, "all": tests})


def _test(field: Field, schema: object, *, needed: bool) -> Test | None:
    if schema is None:
        return Test(name=field.name, keys=None)
    wanted = _wanted(schema)
    if wanted is None:
        return None
    match field:
        case Choice(options=options):
            keys = tuple(each.key for each in options if _among(each.value, wanted))
            return Test(name=field.name, keys=keys, empty=not needed)
        case Flag():
            ticked = ("yes",) if _among(True, wanted) else ()
            return Test(name=field.name, keys=ticked, empty=_among(False, wanted))
        case Text() | Money():
            texts = tuple(each for each in wanted if isinstance(each, str))
            return Test(name=field.name, keys=texts, empty=not needed)
        case _:
            return None


def _wanted(schema: object) -> list[JSON] | None:
    """The values that a condition wants of a property, where it lists them."""
    if not isinstance(schema, Mapping) or not set(schema) <= {"const", "enum", *_SILENT}:
        return None
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if isinstance(schema.get("enum"), list | tuple) else None


def _among(value: JSON, wanted: list[JSON]) -> bool:
    return any(
        each == value and isinstance(each, bool) is isinstance(value, bool) for each in wanted
    )


def _in_words(part: Sometimes, fields: Mapping[str, Field]) -> str:
    """What a part depends on, as a sentence."""
    said = list(_clauses(part.when, fields))
    if not said or None in said:
        return _("Only where what you enter above calls for it.")
    clauses = _(" and ").join(each for each in said if each)
    if part.negated:
        return _("Only where this is not so: %(what)s.", what=clauses)
    return _("Only where %(what)s.", what=clauses)


def _clauses(when: Schema, fields: Mapping[str, Field]) -> Iterator[str | None]:
    properties = when.get("properties", {})
    if not isinstance(properties, Mapping) or not set(when) <= {"properties", "required", *_SILENT}:
        yield None
        return
    for key in dict.fromkeys(chain(properties, names(when.get("required")))):
        field = fields.get(key)
        if field is None:
            yield None
        elif key not in properties:
            yield _("“%(field)s” is filled in", field=field.label)
        elif (wanted := _wanted(properties[key])) is None:
            yield None
        else:
            values = _(" or ").join(_named(field, each) for each in wanted)
            yield _("“%(field)s” is %(value)s", field=field.label, value=values)


def _named(field: Field, value: JSON) -> str:
    """A value as the form shows it."""
    options: tuple[Option, ...] = field.options if isinstance(field, Choice) else ()
    for option in options:
        if _among(option.value, [value]):
            return f"“{option.label}”"
    if isinstance(field, Flag | Fixed | Number) or not isinstance(value, str):
        spoken = {True: _("yes"), False: _("no")}
        return spoken[value] if isinstance(value, bool) else json.dumps(value)
    return f"“{value}”"
