"""The edge refuses everything that is not strict JSON, quickly, and without recursing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from signoff.errors import InvalidInput, InvalidJson, TooLarge, WrongMediaType
from signoff.server import edge
from signoff.server.api import bodies

HOSTILE: dict[str, bytes] = {
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, deep inside": b'{"a": [{"b": {"c": 1, "c": 1}}]}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "half a surrogate pair in a name": b'{"\\udfff": 1}',
    "a surrogate as raw bytes": b'{"a": "\xed\xa0\x80"}',
    "an escaped NUL": b'{"a": "\\u0000"}',
    "an escaped NUL in a list": b'{"a": ["\\u0000"]}',
    "a raw NUL": b'{"a": "\x00"}',
    "a raw control character": b'{"a": "\x01"}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "an integer beyond 2^53": b'{"a": 9007199254740993}',
    "a negative integer beyond 2^53": b'{"a": -9007199254740993}',
    "an integer of 100000 digits": b'{"a": ' + b"9" * 100_000 + b"}",
    "a float beyond all floats": b'{"a": 1e999}',
    "a negative float beyond all floats": b'{"a": -1e999}',
    "lists 65 deep": b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
    "lists 100000 deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects 40000 deep": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "open lists without an end": b"[" * 200_000,
    "something after the end": b'{"a": 1} x',
    "two documents": b'{"a": 1}{"a": 1}',
    "no end": b'{"a": 1',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "an overlong encoding": b'{"a": "\xc0\x80"}',
    "a trailing comma": b'{"a": 1,}',
    "a comment": b'{"a": 1} // x',
    "single quotes": b"{'a': 1}",
    "a leading zero": b'{"a": 01}',
    "nothing but blanks": b"   ",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_refused_in_milliseconds(body: bytes) -> None:
    began = time.perf_counter()

    with pytest.raises(InvalidJson) as refusal:
        edge.read_json(body)

    assert time.perf_counter() - began < 0.25
    assert refusal.value.code == "invalid_json"
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 9007199254740992}', {"a": 2**53}),
        (b'{"a": -9007199254740992}', {"a": -(2**53)}),
        (b'{"a": 1e308}', {"a": 1e308}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"a": "\\\\ud800"}', {"a": "\\ud800"}),
        (b'{"a":' + b"[" * 63 + b"]" * 63 + b"}", None),
        (b'{"a": "' + b"[" * 1000 + b'"}', {"a": "[" * 1000}),
        (b'{"a": "\\"' + b"[" * 1000 + b'"}', {"a": '"' + "[" * 1000}),
        (b'{"a": [' + b"[]," * 1000 + b"[]]}", None),
        (b' {"": null} ', {"": None}),
    ],
)
def test_unusual_but_strict_json_is_read(body: bytes, value: Any) -> None:
    found = edge.read_json(body)

    assert value is None or found == value


async def test_a_body_over_the_limit_is_refused_before_it_is_read() -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("the body must not be read")

    with pytest.raises(TooLarge):
        await edge.read_body({b"content-length": b"262145"}, receive)


async def test_a_body_that_lies_about_its_length_is_cut_off_at_the_limit() -> None:
    parts = 0

    async def receive() -> dict[str, Any]:
        nonlocal parts
        parts += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    with pytest.raises(TooLarge):
        await edge.read_body({b"content-length": b"10"}, receive)

    assert parts == 5


async def test_a_body_that_breaks_off_is_refused() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(InvalidInput, match="did not arrive"):
        await edge.read_body({}, receive)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"content-type": b"text/plain"},
        {b"content-type": b"application/x-www-form-urlencoded"},
        {b"content-type": b"application/json; charset=utf-16"},
        {b"content-type": b"application/json", b"content-encoding": b"gzip"},
    ],
)
def test_only_plain_json_is_taken(headers: dict[bytes, bytes]) -> None:
    with pytest.raises(WrongMediaType):
        edge.require_json(headers)


@pytest.mark.parametrize(
    "media", [b"application/json", b"Application/JSON", b'application/json; charset="utf-8"']
)
def test_json_may_name_its_only_possible_charset(media: bytes) -> None:
    edge.require_json({b"content-type": media})


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ({"typ": "x"}, "typ", "is no field here"),
        ({}, "type", "is missing"),
        ({"type": 5}, "type", "expected string, got int"),
        ({"type": " "}, "type", "must not be blank"),
        ({"type": "x" * 201}, "type", "expected string of length <= 200"),
        ({"type": "x", "task": {"type": "approval", "foo": 1}}, "task.foo", "is no field here"),
        ({"type": "x", "task": {"type": "vote"}}, "task.type", "invalid enum value 'vote'"),
        (
            {"type": "x", "task": {"type": "approval", "chain": [{"who": 5}]}},
            "task.chain.0.who",
            "expected string | array | null, got int",
        ),
    ],
)
def test_a_malformed_field_is_named(value: Any, field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        edge.shaped(value, bodies.Submission)

    [error] = refusal.value.errors
    assert (error.field, error.message) == (field, message)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (b"limit=0", "limit"),
        (b"limit=201", "limit"),
        (b"limit=ten", "limit"),
        (b"limit=1&limit=2", "limit"),
        (b"status=SLEEPY", "status"),
        (b"status=null", "status"),
        (b"before=Null", "before"),
        (b"before=int_1", "before"),
        (b"colour=red", "colour"),
        (b"agent=bot", "agent"),
    ],
)
def test_a_query_that_makes_no_sense_names_the_parameter(query: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        edge.read_query(query, bodies.IntentsQuery)

    assert [error.field for error in refusal.value.errors] == [field]


@pytest.mark.parametrize("query", [b"before=%00", b"before=%ff", b"%00=1", b"limit=1&" * 60])
def test_a_query_that_cannot_be_read_is_refused(query: bytes) -> None:
    with pytest.raises(InvalidInput):
        edge.read_query(query, bodies.IntentsQuery)


@pytest.mark.parametrize("wait", [b"nan", b"inf", b"-1", b"61", b"soon"])
def test_nobody_waits_for_no_number_of_seconds(wait: bytes) -> None:
    with pytest.raises(InvalidInput):
        edge.read_query(b"wait=" + wait, bodies.TaskQuery)


@pytest.mark.parametrize("value", [b"", b"two words", b"x" * 256, "schlüssel".encode(), b"a\tb"])
def test_an_idempotency_key_is_visible_ascii(value: bytes) -> None:
    with pytest.raises(InvalidInput):
        edge.idempotency_key({b"idempotency-key": value})


@pytest.mark.parametrize("value", [b"sha256:abc", b'"abc"', b'W/"sha256:' + b"0" * 64 + b'"'])
def test_a_view_is_named_by_its_quoted_digest(value: bytes) -> None:
    with pytest.raises(InvalidInput):
        edge.shown_view({b"if-match": value})
