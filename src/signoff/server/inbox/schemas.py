"""One place of a JSON Schema, read for display: references followed, null and choices taken apart.

Pure. It understands what people and Pydantic write: ``$ref`` into ``$defs``, ``allOf``, ``anyOf``
with null, ``oneOf`` of titled constants and of shapes, ``if`` and ``dependentSchemas``. What it
does not understand it says so about, by returning None; the caller then asks for JSON. The judge
of an answer is always the whole schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signoff.core.words import JSON
from signoff.server.inbox.merging import Schema, Sometimes, flat, merge, names

__all__ = ["MAX_DEPTH", "Node", "Schema", "captions", "infer", "names", "read_node"]

MAX_DEPTH = 10
MAX_BRANCHES = 30
_ABOUT = ("title", "description", "default", "examples")
_DEFINITIONS = ("$defs", "definitions", "$schema", "$id", "$comment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """``schema`` has one ``type`` or ``options`` or ``branches``; ``refs`` led here.

    :param branches: the shapes a value may have, each a schema of its own.
    :param sometimes: what holds of it too where something else does.
    """

    schema: Schema
    type: str
    nullable: bool
    options: tuple[tuple[str | None, JSON], ...] = ()
    refs: tuple[str, ...] = ()
    branches: tuple[Schema, ...] = ()
    sometimes: tuple[Sometimes, ...] = ()


def read_node(schema: object, root: Schema, refs: tuple[str, ...] = ()) -> Node | None:
    """Read one place of a schema, or None where only JSON can be asked for.

    :param root: the document that ``$ref`` points into.
    :param refs: references already followed above here; meeting one again is a recursion.
    """
    if not isinstance(schema, Mapping):
        return None
    found = flat(schema, root, refs)
    if found is None:
        return None
    said = found.schema
    alternatives = [
        said[key] for key in ("anyOf", "oneOf") if isinstance(said.get(key), list | tuple)
    ]
    if alternatives and not _only_say_what_is_needed(alternatives):
        if len(alternatives) > 1 or not 0 < len(alternatives[0]) <= MAX_BRANCHES:
            return None
        return _alternatives(said, alternatives[0], root, found.refs)
    return _plain(said, found.refs, found.sometimes)


def captions(schema: object, root: Schema) -> Schema:
    """Title, description and default, even of a schema that is asked for as JSON."""
    if not isinstance(schema, Mapping):
        return {}
    found = flat(schema, root, ())
    return found.schema if found else schema


def infer(value: JSON, *, title: str | None = None) -> Schema:
    """A schema for editing a value that came without one: same shape, same kinds of values."""
    named: dict[str, Any] = {} if title is None else {"title": title}
    match value:
        case bool():
            return {**named, "type": "boolean"}
        case int() | float():
            return {**named, "type": "number"}
        case str():
            return {**named, "type": "string", "minLength": 0}
        case Mapping() if value:
            properties = {key: infer(inner, title=key) for key, inner in value.items()}
            return {
                **named,
                "type": "object",
                "properties": properties,
                "required": list(properties),
            }
        case list() | tuple() if value:
            return {**named, "type": "array", "items": _common_item(value)}
        case _:
            return named


def _common_item(values: Sequence[JSON]) -> Schema:
    if all(isinstance(value, str) for value in values):
        return {"type": "string"}
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return {"type": "number"}
    rows = [value for value in values if isinstance(value, Mapping)]
    if len(rows) < len(values):
        return {}
    merged: dict[str, JSON] = {}
    for row in rows:
        merged = {**row, **merged}
    everywhere = [key for key in merged if all(key in row for row in rows)]
    return {**infer(merged), "required": everywhere}


def _only_say_what_is_needed(alternatives: Sequence[Sequence[object]]) -> bool:
    """Whether they choose only between which properties must be there, which needs no fields."""
    every = [branch for branches in alternatives for branch in branches]
    return bool(every) and all(
        isinstance(branch, Mapping) and set(branch) <= {"required", "not", "title", "description"}
        for branch in every
    )


def _alternatives(
    said: Schema, branches: Sequence[object], root: Schema, refs: tuple[str, ...]
) -> Node | None:
    """``X or null`` is a nullable X; constants alone are a choice; the rest are shapes."""
    rest = {key: value for key, value in said.items() if key not in ("anyOf", "oneOf")}
    if "properties" in rest:
        return _shapes(rest, branches, root, refs, nullable=False)
    nodes = [read_node(branch, root, refs) for branch in branches]
    known = [node for node in nodes if node is not None]
    nullable = any(node.nullable or node.type == "null" for node in known)
    real = [node for node in known if node.type != "null"]
    if len(known) == len(nodes) and len(real) == 1:
        (only,) = real
        merged = merge(rest, only.schema)
        if merged is None:
            return None
        return Node(
            schema=merged,
            type=only.type,
            nullable=nullable,
            options=only.options,
            refs=(*refs, *(ref for ref in only.refs if ref not in refs)),
            branches=only.branches,
            sometimes=only.sometimes,
        )
    if len(known) == len(nodes) and real and all(node.options for node in real):
        options = tuple(option for node in real for option in node.options)
        return Node(schema=rest, type="choice", nullable=nullable, options=options, refs=refs)
    shapes = [
        branch
        for branch, node in zip(branches, nodes, strict=True)
        if node is None or node.type != "null"
    ]
    return _shapes(rest, shapes, root, refs, nullable=nullable) if shapes else None


def _shapes(
    rest: Schema,
    branches: Sequence[object],
    root: Schema,
    refs: tuple[str, ...],
    *,
    nullable: bool,
) -> Node:
    """One of several shapes, with what is said of all of them in each."""
    common = {key: each for key, each in rest.items() if key not in (*_ABOUT, *_DEFINITIONS)}
    found: list[Schema] = []
    for branch in branches:
        schema = branch if isinstance(branch, Mapping) else {}
        found.append({"allOf": [schema, common]} if common else schema)
    return Node(schema=rest, type="variant", nullable=nullable, branches=tuple(found), refs=refs)


def _plain(said: Schema, refs: tuple[str, ...], sometimes: tuple[Sometimes, ...]) -> Node | None:
    types = _types(said)
    nullable = "null" in types
    if "const" in said:
        if said["const"] is None:
            return Node(schema=said, type="null", nullable=True, refs=refs)
        options: tuple[tuple[str | None, JSON], ...] = ((said.get("title"), said["const"]),)
        return Node(schema=said, type="choice", nullable=False, options=options, refs=refs)
    if isinstance(said.get("enum"), Sequence):
        return _enumerated(said, refs, types)
    real = [name for name in types if name != "null"]
    if not real and nullable:
        return Node(schema=said, type="null", nullable=True, refs=refs)
    if len(real) > 1:
        branches = [{"type": name} for name in real]
        rest = {key: value for key, value in said.items() if key != "type"}
        return _shapes(rest, branches, said, refs, nullable=nullable)
    if not real:
        return None
    return Node(schema=said, type=real[0], nullable=nullable, refs=refs, sometimes=sometimes)


def _enumerated(said: Schema, refs: tuple[str, ...], types: Sequence[str]) -> Node:
    """A choice; ``enumNames`` is how some form builders write its titles."""
    titles = names(said.get("enumNames"))
    if len(titles) != len(said["enum"]):
        titles = []
    options = tuple(
        (titles[at] if titles else None, value)
        for at, value in enumerate(said["enum"])
        if value is not None
    )
    nullable = None in said["enum"] and (not types or "null" in types)
    kind = "choice" if options else "null"
    return Node(schema=said, type=kind, nullable=nullable, options=options, refs=refs)


def _types(said: Schema) -> list[str]:
    kind = said.get("type")
    if isinstance(kind, str):
        return [kind]
    if isinstance(kind, Sequence):
        return list(dict.fromkeys(str(name) for name in kind))
    if "properties" in said:
        return ["object"]
    return ["array"] if "items" in said or "prefixItems" in said else []
