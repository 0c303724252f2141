"""How each type of event and fact is read for its leaf: the table, worked out once.

On the path of every command: what has a path is read off a body at one go, and the bytes of what is
committed to are cut out of the stored text without reading the rest of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from signoff.core.moments import rfc3339
from signoff.engine.log.fields import LAYOUTS, Layout, Read, Source, Unless

_MICROSECOND = timedelta(microseconds=1)
_NOTHING = (b"null", b"[]", b'""', b"{}")
_MOST_OF_NOTHING = max(map(len, _NOTHING))
_NULL = msgspec.Raw(b"null")
_UNSAID = frozenset({type(None), tuple, dict})
"""What says nothing where it is false; no, nought and an empty text say something."""


def microseconds(length: timedelta) -> int:
    """A length of time as a leaf holds it."""
    return length // _MICROSECOND


@lru_cache(maxsize=64)
def moment_text(at: datetime) -> str:
    """A moment as a leaf holds it. What is written of one batch happened at one moment."""
    return rfc3339(at)


_SETTLED: Mapping[type, Callable[[Any], Any]] = {datetime: moment_text, timedelta: microseconds}
"""How a leaf holds what is no JSON."""


class Fields(NamedTuple):
    """Fields to read off a body: those that have a path at one go, the others one by one.

    :param usual: by the side of each name, the value that is not worth saying.
    """

    names: tuple[str, ...] = ()
    usual: tuple[object, ...] = ()
    read: Callable[[Any], tuple[Any, ...]] = lambda body: ()
    others: tuple[tuple[str, Read], ...] = ()


_NO_FIELDS = Fields()


def said(fields: Fields, body: Any) -> dict[str, Any]:
    """What the body says of them, as a leaf can hold it; what it does not say is left out."""
    if fields is _NO_FIELDS:
        return {}
    names, usual, read, others = fields
    found = {
        name: settle(value) if (settle := _SETTLED.get(value.__class__)) else value
        for name, value, idle in zip(names, read(body), usual, strict=True)
        if value is not idle and (value or value.__class__ not in _UNSAID)
    }
    for name, one in others:
        value = one(body)
        if value or value.__class__ not in _UNSAID:
            found[name] = settle(value) if (settle := _SETTLED.get(value.__class__)) else value
    return found


class Plan(NamedTuple):
    """What a leaf of one type takes from the body, and from its stored form.

    :param parts: of the stored form, or of an object in it: the names of what is committed to, and
        how it is had.
    """

    plain: Fields
    digests: Fields
    committed: msgspec.json.Decoder[Any] | None
    parts: tuple[tuple[str, tuple[str, ...], Callable[[Any], tuple[Any, ...]]], ...]


def slices(kind: str, data: str) -> dict[str, bytes]:
    """The exact bytes of what a body of this type commits to, by dotted name; empty ones left out.

    :param data: the body as it is stored.
    """
    plan = PLANS[kind]
    if plan.committed is None:
        return {}
    body = plan.committed.decode(data)
    values = {}
    for parent, names, read in plan.parts:
        part = getattr(body, parent) if parent else body
        if part is not None:
            for name, raw in zip(names, read(part), strict=True):
                value = bytes(raw)
                if len(value) > _MOST_OF_NOTHING or value not in _NOTHING:
                    values[name] = value
    return values


def _plan(layout: Layout) -> Plan:
    inside: dict[str, list[str]] = {}
    for path in layout.committed:
        parent, _, name = ".".join(path).rpartition(".")
        inside.setdefault(parent, []).append(name)
    fields: list[tuple[str, Any, Any]] = []
    parts = []
    for parent, names in inside.items():
        raws = [(name, msgspec.Raw, _NULL) for name in names]
        if parent:
            fields.append((parent, msgspec.defstruct(parent, raws) | None, None))
        else:
            fields += raws
        whole = tuple(f"{parent}.{name}" if parent else name for name in names)
        parts.append((parent, whole, _getter(tuple(names))))
    return Plan(
        plain=_fields(layout.plain),
        digests=_fields(layout.digests),
        committed=msgspec.json.Decoder(msgspec.defstruct("Body", fields)) if fields else None,
        parts=tuple(parts),
    )


def _fields(layout: Mapping[str, Source]) -> Fields:
    if not layout:
        return _NO_FIELDS
    straight = {
        name: Unless(source, None) if isinstance(source, str) else source
        for name, source in layout.items()
        if isinstance(source, str | Unless)
    }
    return Fields(
        names=tuple(straight),
        usual=tuple(each.usual for each in straight.values()),
        read=_getter(tuple(each.path for each in straight.values())),
        others=tuple((name, read) for name, read in layout.items() if callable(read)),
    )


def _getter(paths: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads all of them at one go."""
    if len(paths) > 1:
        return attrgetter(*paths)
    if not paths:
        return lambda holder: ()
    one = attrgetter(*paths)
    return lambda holder: (one(holder),)


PLANS = {kind: _plan(layout) for kind, layout in LAYOUTS.items()}
