"""A value has one canonical form, which is that of RFC 8785, and nothing else is read as one."""

from __future__ import annotations

import json

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signoff.audit import canonical
from signoff.audit.errors import Malformed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
BELOW = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))


@given(VALUES)
def test_it_is_what_rfc_8785_says(value: object) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(VALUES)
def test_what_was_written_is_read_again(value: object) -> None:
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert canonical.decode_canonical(data) == value


@given(st.dictionaries(BELOW, st.dictionaries(BELOW, WHOLE | TEXTS, max_size=4), max_size=6))
def test_it_is_what_the_scribe_writes(value: object) -> None:
    """Of keys up to U+FFFF; those of leaves are ours and ASCII."""
    assert canonical.encode(value) == msgspec.json.encode(value, order="deterministic")


def test_keys_are_in_the_order_of_utf_16() -> None:
    """The example of RFC 8785, section 3.2.3: an emoji stands before U+FB33."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = canonical.encode(dict.fromkeys(keys, 0)).decode()
    assert list(json.loads(found)) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        2**53,
        -(2**53),
        float("nan"),
        "\ud800",
        {"\udfff": 1},
        {1: 2},
        b"x",
        {"a": {1}},
        object(),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        canonical.encode(value)
    with pytest.raises(Malformed):
        canonical.encode({"x": [value]})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"9007199254740992",
        b"1" * 5000,
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        rb'"\ud800"',
        rb'{"\udc00":1}',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf1",
        b"1 2",
        b"[1,]",
        b"'a'",
        b'"\x01"',
        b"[" * 65 + b"]" * 65,
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_no_strict_json_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        canonical.decode(data)
    if len(data) != 130:  # so deep is not canonical's to say
        with pytest.raises(Malformed):
            canonical.decode_canonical(data)


@pytest.mark.parametrize(
    "data",
    [
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        rb'"\u0061"',
        rb'"\/"',
        rb'"\u000A"',
        b"-0",
        b'{"a":1,"a":1}',
        '{"\ufb33":1,"\U0001f600":1}'.encode(),
    ],
)
def test_another_form_of_a_value_is_not_canonical(data: bytes) -> None:
    with pytest.raises(Malformed):
        canonical.decode_canonical(data)


@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_what_is_canonical_is_written_like_that(data: bytes) -> None:
    try:
        value = canonical.decode_canonical(data)
    except Malformed:
        return
    assert rfc8785.dumps(value) == data
