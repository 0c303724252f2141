"""Random values of any dataclass of the rules: text and numbers as the strict edge lets them in."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
INTEGERS = st.integers(-(2**53), 2**53)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIMPLE: Mapping[Any, st.SearchStrategy[Any]] = {
    Any: JSON,
    str: TEXT,
    bool: st.booleans(),
    int: INTEGERS,
    type(None): st.none(),
    datetime: st.timedeltas(timedelta(0), timedelta(days=2_900_000)).map(_EPOCH.__add__),
    timedelta: st.timedeltas(timedelta(microseconds=1), timedelta(days=3650)),
}


@cache
def values_of(kind: Any, *, whole: bool = False) -> st.SearchStrategy[Any]:
    """Values of a type as the rules annotate it: every field is drawn, none is left out.

    :param whole: with nothing absent or empty in them: no ``None`` where there can be more, and
        something in every text and container.
    """
    if kind in _SIMPLE:
        return _SIMPLE[kind].filter(_is_there) if whole else _SIMPLE[kind]
    if isinstance(kind, NewType):
        return values_of(kind.__supertype__, whole=whole)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(
            kind,
            **{field.name: values_of(hints[field.name], whole=whole) for field in fields(kind)},
        )
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _generic(get_origin(kind), get_args(kind), whole=whole)


def _is_there(value: object) -> bool:
    return value not in (None, "", [], {})


def _generic(origin: Any, args: tuple[Any, ...], *, whole: bool) -> st.SearchStrategy[Any]:
    if origin in (Union, types.UnionType):
        kept = [arg for arg in args if not (whole and arg is type(None))]
        return st.one_of(*(values_of(arg, whole=whole) for arg in kept))
    if origin is tuple and args[-1] is not Ellipsis:
        return st.tuples(*(values_of(arg, whole=whole) for arg in args))
    some = values_of(args[0], whole=whole)
    if origin is tuple:
        return st.lists(some, min_size=int(whole), max_size=3).map(tuple)
    if origin is Mapping:
        others = values_of(args[1], whole=whole)
        return st.dictionaries(some, others, min_size=int(whole), max_size=3)
    raise TypeError(f"no values are known for {origin}{args}")
