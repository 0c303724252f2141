"""JSON Schemas taken together: references followed, ``allOf`` made one, conditions set apart.

Pure, and for display: where two schemas say different things of one keyword, the first is shown.
The judge of an answer is always the whole schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

Schema: TypeAlias = Mapping[str, Any]

_APART = ("if", "then", "else", "allOf", "$ref")
_DEFINITIONS = ("$defs", "definitions")
_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sometimes:
    """``schema`` holds too wherever ``when`` does, or, ``negated``, where it does not."""

    when: Schema
    schema: Schema
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """One schema without references on its outside. ``refs`` were followed to come here."""

    schema: Schema
    refs: tuple[str, ...]
    sometimes: tuple[Sometimes, ...] = ()


def flat(schema: Schema, root: Schema, refs: tuple[str, ...]) -> Flat | None:
    """Bring a schema, what it refers to and all of its ``allOf`` together.

    :return: None where it goes round in circles, or says what cannot be brought together.
    """
    return _flat(schema, root, refs, set())


def _flat(schema: Schema, root: Schema, refs: tuple[str, ...], done: set[str]) -> Flat | None:
    """``done`` are references that were taken in already: twice says no more than once."""
    if "$dynamicRef" in schema:
        return None
    own = {key: value for key, value in schema.items() if key not in _APART}
    sometimes = list(_sometimes(schema))
    outside = refs
    for inner in _inner(schema, root, outside, done):
        found = _flat(inner.schema, root, inner.refs, done) if inner else None
        merged = merge(own, found.schema) if found else None
        if found is None or merged is None or len(sometimes) > _MOST:
            return None
        own, refs = merged, _together(refs, found.refs)
        sometimes += found.sometimes
    return Flat(schema=own, refs=refs, sometimes=tuple(sometimes))


def merge(one: Schema, other: Schema) -> dict[str, Any] | None:
    """Both schemas as one; None where no value could satisfy both, or it cannot be said in one."""
    found = dict(one)
    for key, value in other.items():
        if key not in found or found[key] == value:
            found[key] = value
            continue
        mine = found[key]
        match key:
            case "type":
                kinds = _kinds(mine, value)
                if not kinds:
                    return None
                found[key] = kinds[0] if len(kinds) == 1 else kinds
            case "properties" if isinstance(mine, Mapping) and isinstance(value, Mapping):
                found[key] = _properties(mine, value)
            case "required":
                found[key] = list(dict.fromkeys([*names(mine), *names(value)]))
            case "enum" if isinstance(mine, list | tuple) and isinstance(value, list | tuple):
                found[key] = [each for each in mine if each in value]
            case "anyOf" | "oneOf":
                return None
            case _:
                pass
    return found


def wrapped(schema: Schema, root: Schema) -> Schema:
    """The schema as one that stands alone, with the definitions its references point into."""
    definitions = {key: root[key] for key in _DEFINITIONS if isinstance(root.get(key), Mapping)}
    return {**definitions, "allOf": [schema]} if definitions else schema


def names(value: object) -> list[str]:
    """The names in a list of them; nothing where it is none."""
    if not isinstance(value, list | tuple):
        return []
    return [each for each in value if isinstance(each, str)]


def pointed_at(ref: object, root: Schema) -> Schema | None:
    """What a reference inside of the document points at."""
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    found: Any = root
    for part in ref[1:].split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found if isinstance(found, Mapping) else None


def _inner(
    schema: Schema, root: Schema, refs: tuple[str, ...], done: set[str]
) -> Iterator[Flat | None]:
    """What a schema takes in: what it refers to, and each of its ``allOf``."""
    ref = schema.get("$ref")
    if isinstance(ref, str) and ref in done and ref not in refs:
        ref = None
    if ref is not None:
        target = pointed_at(ref, root)
        if target is None or ref in refs:
            yield None
            return
        done.add(ref)
        yield Flat(schema=target, refs=(*refs, ref))
    every = schema.get("allOf")
    if every is None:
        return
    if not isinstance(every, list | tuple) or len(every) > _MOST:
        yield None
        return
    for each in every:
        yield Flat(schema=each, refs=refs) if isinstance(each, Mapping) else None


def _sometimes(schema: Schema) -> Iterator[Sometimes]:
    when = schema.get("if")
    for key, negated in (("then", False), ("else", True)):
        if isinstance(when, Mapping) and isinstance(schema.get(key), Mapping):
            yield Sometimes(when=when, schema=schema[key], negated=negated)
    dependent = schema.get("dependentSchemas")
    if isinstance(dependent, Mapping):
        for name, inner in dependent.items():
            if isinstance(inner, Mapping):
                yield Sometimes(when={"required": [name]}, schema=inner)
    needed = schema.get("dependentRequired")
    if isinstance(needed, Mapping):
        for name, others in needed.items():
            yield Sometimes(when={"required": [name]}, schema={"required": names(others)})


def _properties(one: Schema, other: Schema) -> dict[str, Any]:
    both = {key: {"allOf": [one[key], other[key]]} for key in one if key in other}
    return {**one, **other, **both}


def _kinds(one: object, other: object) -> list[str]:
    """The types that both allow; an integer is a number."""
    mine, theirs = ([kind] if isinstance(kind, str) else names(kind) for kind in (one, other))
    found = [kind for kind in mine if kind in theirs]
    if "integer" not in found and "integer" in mine + theirs and "number" in mine + theirs:
        found.append("integer")
    return found


def _together(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return (*one, *(ref for ref in other if ref not in one))
