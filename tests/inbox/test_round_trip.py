"""Posting a form as it is shown gives its initial value back, whatever its schema."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signoff.server.inbox.fields import ABSENT, Field, Posted, one_newline
from signoff.server.inbox.forms import build
from signoff.server.inbox.pages import _environment
from signoff.server.inbox.posted import read, touched
from tests.inbox.dom import parse, successful

FORM = (
    '{% from "_fields.html" import field with context %}<form>{{ field(form, posted, {}) }}</form>'
)


def as_posted(form: Field, posted: Posted | None = None) -> Posted:
    """Render the form, read the HTML as a browser does, and send it over the wire."""
    html = _environment().from_string(FORM).render(form=form, posted=posted)
    pairs = successful(parse(html).one("form"), None, {})
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(urlencode(pairs), keep_blank_values=True, strict_parsing=True):
        found.setdefault(one_newline(name), []).append(one_newline(value))
    return found


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
AWKWARD = st.sampled_from(["", " ", "\n", "\r\n", "\n\na", "a\r", "<b>&amp;", "0", "\u202e", "é"])
STRINGS = TEXT | AWKWARD
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | STRINGS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=8,
)
KEYS = TEXT | st.sampled_from(["a", "a.b", "a~b", "", " ", "more", "a\nb", "a\rb", "x~remove"])

Pair = tuple[dict[str, Any], Any]
"""A schema, and a value that is valid under it."""


@st.composite
def leaf(draw: st.DrawFn) -> Pair:
    kinds: list[st.SearchStrategy[Pair]] = [
        st.tuples(st.just({"type": "string"}), STRINGS),
        st.tuples(st.just({"type": "string", "format": "textarea"}), STRINGS),
        st.tuples(st.just({"type": "string", "format": "email"}), STRINGS),
        st.tuples(st.just({"type": "string", "format": "uri"}), STRINGS),
        st.dates().map(lambda d: ({"type": "string", "format": "date"}, d.isoformat())),
        st.datetimes().map(
            lambda d: (
                {"type": "string", "format": "date-time"},
                d.replace(tzinfo=UTC).isoformat(),
            )
        ),
        st.decimals(-9999, 9999, places=2).map(
            lambda d: ({"type": "string", "format": "money"}, str(d))
        ),
        st.tuples(st.just({"type": "number", "x-currency": "EUR"}), NUMBERS),
        st.tuples(st.just({"type": "integer"}), st.integers(-(2**53), 2**53)),
        st.tuples(st.just({"type": "number"}), NUMBERS),
        st.tuples(st.just({"type": "boolean"}), st.booleans()),
        st.tuples(st.just({}), VALUES),
        st.lists(SCALARS, min_size=1, max_size=9).flatmap(
            lambda options: st.tuples(st.just({"enum": options}), st.sampled_from(options))
        ),
        st.lists(SCALARS, min_size=1, max_size=4).flatmap(
            lambda values: st.tuples(
                st.just({"oneOf": [{"const": v, "title": f"<{v}>"} for v in values]}),
                st.sampled_from(values),
            )
        ),
    ]
    return draw(st.one_of(kinds))


@st.composite
def array(draw: st.DrawFn, items: st.SearchStrategy[Pair]) -> Pair:
    """Lists of one kind of item; the values differ, the schema is the first one's."""
    schema, first = draw(items)
    more = draw(st.lists(st.just(first), max_size=3))
    return {"type": "array", "items": schema}, more


@st.composite
def group(draw: st.DrawFn, items: st.SearchStrategy[Pair]) -> Pair:
    found = draw(st.dictionaries(KEYS, items, min_size=1, max_size=4))
    given_keys = [key for key in found if draw(st.booleans())]
    required = [key for key in given_keys if draw(st.booleans())]
    schema = {
        "type": "object",
        "properties": {key: schema for key, (schema, _) in found.items()},
        "required": required,
    }
    value = {key: found[key][1] for key in given_keys}
    if draw(st.booleans()):
        value |= draw(st.dictionaries(KEYS.filter(lambda k: k not in found), VALUES, max_size=1))
    return schema, value


@st.composite
def variant(draw: st.DrawFn, items: st.SearchStrategy[Pair]) -> Pair:
    """One of several shapes."""
    pairs = draw(st.lists(items, min_size=1, max_size=3))
    return {"oneOf": [schema for schema, _ in pairs]}, draw(st.sampled_from(pairs))[1]


@st.composite
def conditional(draw: st.DrawFn, items: st.SearchStrategy[Pair]) -> Pair:
    """An object of which one part is there only where another says so."""
    schema, value = draw(items)
    chosen = draw(st.sampled_from(["card", "wire"]))
    return {
        "type": "object",
        "properties": {"kind": {"enum": ["card", "wire"]}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "wire"}}},
        "then": {"properties": {"more": schema}, "required": ["more"]},
    }, {"kind": chosen} | ({"more": value} if chosen == "wire" else {})


@st.composite
def nullable(draw: st.DrawFn, items: st.SearchStrategy[Pair]) -> Pair:
    schema, value = draw(items)
    return {"anyOf": [schema, {"type": "null"}]}, draw(st.just(value) | st.none())


PAIRS = st.recursive(
    leaf(),
    lambda inner: (
        array(inner) | group(inner) | nullable(inner) | variant(inner) | conditional(inner)
    ),
    max_leaves=10,
)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON, so that 1 is not true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@settings(max_examples=400, deadline=None)
@given(PAIRS)
@example(({"type": "array", "items": {"type": "object", "properties": {"a": {}}}}, [{}]))
@example(({"type": "object", "properties": {"a": {"type": "string", "default": "x"}}}, {}))
def test_a_form_posted_as_shown_gives_its_initial_value_back(pair: Pair) -> None:
    schema, value = pair
    form = build(schema, name="data", initial=value, fill=False, label="Data")

    posted = as_posted(form)
    reading = read(form, posted)

    assert not reading.errors
    assert same(reading.value, value)
    assert not touched(form, posted)


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_a_form_shown_again_with_what_was_posted_is_the_same_form(pair: Pair) -> None:
    schema, value = pair
    first = build(schema, name="data", initial=value, label="Data")
    once = as_posted(first)

    again = as_posted(build(schema, name="data", initial=value, posted=once, label="Data"), once)

    assert again == once


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_an_optional_form_nobody_touched_says_nothing(pair: Pair) -> None:
    form = build(pair[0], name="data", initial=ABSENT, fill=False, label="Data", required=False)

    reading = read(form, as_posted(form))

    assert not reading.errors
    assert reading.value is ABSENT


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_hostile_json_in_the_place_of_a_schema_still_gives_a_form(schema: Any) -> None:
    mapping = schema if isinstance(schema, dict) else {"properties": {"a": schema}}
    form = build(mapping, name="data", initial=ABSENT, label="Data")

    read(form, as_posted(form))


def test_a_date_that_no_calendar_holds_still_comes_back() -> None:
    form = build({"type": "string", "format": "date"}, name="data", initial="2026-02-30")

    assert read(form, as_posted(form)).value == "2026-02-30"


@pytest.mark.parametrize(
    ("schema", "initial", "widget"),
    [
        ({"type": "string"}, "a", "text"),
        ({"type": "number"}, 1.5, "number"),
        ({"type": "boolean"}, True, "flag"),
        ({"type": "boolean"}, ABSENT, "choice"),
        ({"enum": ["a", "b"]}, "a", "choice"),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, 2, "choice"),
        ({"type": ["string", "null"]}, None, "text"),
        ({"const": "a"}, ABSENT, "fixed"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, ["b"], "choices"),
        ({"type": "array", "items": {"type": "string"}}, ["b"], "lines"),
        ({"type": "array", "items": {"type": "string"}}, [""], "raw"),
        ({"type": "array", "items": {"type": "object", "properties": {"a": {}}}}, [], "rows"),
        ({"type": "object", "properties": {"a": {}}}, {}, "group"),
        ({"type": "object"}, {"a": 1}, "raw"),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, 1, "variant"),
        ({"type": ["string", "integer"]}, "a", "variant"),
        ({"oneOf": [{"type": "string"}, {"type": "number"}]}, True, "raw"),
        ({"type": "string", "format": "money"}, "240.50", "money"),
        ({"type": "string", "format": "money"}, "a lot", "raw"),
        ({"type": "number", "x-currency": "EUR"}, 240.5, "money"),
        ({"$ref": "#"}, ABSENT, "raw"),
        (
            {"$defs": {"A": {"type": "integer"}}, "anyOf": [{"$ref": "#/$defs/A"}]},
            4,
            "number",
        ),
        ({"type": "string"}, 5, "raw"),
    ],
)
def test_each_schema_has_its_field_and_json_where_there_is_none(
    schema: dict[str, Any], initial: Any, widget: str
) -> None:
    assert build(schema, name="data", initial=initial).widget == widget


def test_a_schema_with_too_many_properties_is_asked_for_as_json() -> None:
    """A browser sends a bounded number of fields; a hostile schema does not make it more."""
    schema = {"type": "object", "properties": {f"p{n}": {} for n in range(5000)}}

    assert build(schema, name="data").widget == "raw"


def test_a_dot_in_a_name_is_never_taken_for_nesting() -> None:
    text = {"type": "string"}
    nested = {"type": "object", "properties": {"b": text, "b~1c": text}}
    schema = {"type": "object", "properties": {"a.b": text, "a": nested, "a.b.c": text}}
    value: dict[str, Any] = {"a.b": "one", "a": {"b": "two", "b~1c": "three"}, "a.b.c": "four"}

    form = build(schema, name="data", initial=value)

    posted = as_posted(form)
    assert all(len(values) == 1 for values in posted.values())
    assert read(form, posted).value == value
