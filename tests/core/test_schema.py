"""JSON Schemas from outside: self-contained, bounded, and precise about what is wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest

from signoff.core.schema import MAX_ERRORS, errors_in, require_schema
from signoff.errors import InvalidTask

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["name", "tags"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        "born": {"type": "string", "format": "date"},
    },
    "$defs": {"tag": {"type": "string", "pattern": "^[a-z]+$"}},
}


def where(value: Any, schema: dict[str, Any] = PERSON) -> list[str]:
    return [wrong.field for wrong in errors_in(value, schema, field="data")]


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({"name": "M", "tags": ["a"], "born": "2000-01-31"}, []),
        (None, ["data"]),
        ({}, ["data.name", "data.tags"]),
        ({"name": "", "tags": []}, ["data.name"]),
        ({"name": "M", "tags": ["a", "B", 3]}, ["data.tags.1", "data.tags.2"]),
        ({"name": "M", "tags": [], "x": 1}, ["data.x"]),
        ({"name": "M", "tags": [], "born": "31.1.2000"}, ["data.born"]),
    ],
    ids=str,
)
def test_every_error_says_where_it_is(value: Any, fields: list[str]) -> None:
    assert sorted(where(value)) == fields


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:1/schema.json"},
        {"$ref": "https://acme.test/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "other.json"},
        {"properties": {"a": {"items": {"$ref": "http://127.0.0.1:1/x#/$defs/a"}}}},
        {"$ref": "#/$defs/nowhere"},
        {"$id": "http://127.0.0.1:1/a", "$ref": "b"},
    ],
    ids=str,
)
def test_a_schema_that_refers_outside_of_itself_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidTask) as refused:
        require_schema(schema, field="task.schema")
    assert refused.value.errors[0].field == "task.schema"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"type": 3},
        {"required": "name"},
        {"minLength": -1},
        {"pattern": "("},
        {"pattern": "^(?=a)b"},
        {"pattern": "(a)\\1"},
        {"pattern": "((a{1000}){1000}){1000}"},
    ],
    ids=str,
)
def test_what_is_no_usable_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidTask):
        require_schema(schema, field="task.schema")


def test_a_pattern_matches_in_linear_time() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$"}
    began = time.perf_counter()
    assert where("a" * 50_000 + "!", schema) == ["data"]
    assert time.perf_counter() - began < 1


def test_a_schema_may_refer_to_itself() -> None:
    tree: dict[str, Any] = {
        "type": "object",
        "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}},
    }
    require_schema(tree, field="task.schema")
    assert where({"left": {"right": 3}}, tree) == ["data.left.right"]


def test_a_schema_that_refers_in_a_circle_does_no_harm() -> None:
    circle: dict[str, Any] = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    require_schema(circle, field="task.schema")
    assert where(1, circle) == []


def test_errors_are_counted_up_to_a_limit() -> None:
    assert len(where({"name": "M", "tags": [1] * 500})) == MAX_ERRORS


def test_a_dialect_named_in_the_schema_changes_nothing() -> None:
    old = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}
    require_schema(old, field="task.schema")
    assert where("x", old) == ["data"]
