"""One place of a JSON Schema, read for display: references followed, null and choices taken apart.

Pure. It understands what people and Pydantic write (``$ref`` into ``$defs``, ``anyOf`` with null,
``allOf`` of one, ``oneOf`` of titled constants). What it does not understand it says so about, by
returning None; the caller then asks for JSON. The judge of an answer is always the whole schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from signoff.core.words import JSON

Schema: TypeAlias = Mapping[str, Any]

MAX_DEPTH = 6
_TITLED = ("title", "description", "default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """``schema`` has one ``type`` or ``options``; ``refs`` are the references that led here."""

    schema: Schema
    type: str
    nullable: bool
    options: tuple[tuple[str | None, JSON], ...] = ()
    refs: tuple[str, ...] = ()


def read_node(schema: object, root: Schema, refs: tuple[str, ...] = ()) -> Node | None:
    """Read one place of a schema, or None where only JSON can be asked for.

    :param root: the document that ``$ref`` points into.
    :param refs: references already followed above here; meeting one again is a recursion.
    """
    if not isinstance(schema, Mapping):
        return None
    followed = _followed(schema, root, refs)
    if followed is None:
        return None
    flat, refs = followed
    branches = flat.get("anyOf") or flat.get("oneOf")
    if isinstance(branches, Sequence) and "properties" not in flat:
        return _alternatives(flat, branches, root, refs)
    return _plain(flat, refs)


def captions(schema: object, root: Schema) -> Schema:
    """Title, description and default, even of a schema that is asked for as JSON."""
    if not isinstance(schema, Mapping):
        return {}
    followed = _followed(schema, root, ())
    return followed[0] if followed else schema


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


def _followed(
    schema: Schema, root: Schema, refs: tuple[str, ...]
) -> tuple[Schema, tuple[str, ...]] | None:
    """The schema with ``$ref`` and a single ``allOf`` replaced by what they stand for."""
    while True:
        every = schema.get("allOf")
        if isinstance(every, Sequence) and len(every) == 1 and isinstance(every[0], Mapping):
            schema = {**every[0], **{k: v for k, v in schema.items() if k != "allOf"}}
            continue
        if "$dynamicRef" in schema:
            return None
        ref = schema.get("$ref")
        if ref is None:
            return schema, refs
        target = _pointed_at(ref, root)
        if ref in refs or target is None:
            return None
        refs = (*refs, ref)
        schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}


def _pointed_at(ref: object, root: Schema) -> Schema | None:
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    found: Any = root
    for part in ref[1:].split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found if isinstance(found, Mapping) else None


def _alternatives(
    flat: Schema, branches: Sequence[object], root: Schema, refs: tuple[str, ...]
) -> Node | None:
    """``X or null`` is a nullable X; constants alone are a choice; the rest is JSON."""
    rest = {k: v for k, v in flat.items() if k not in ("anyOf", "oneOf")}
    nodes = [read_node(branch, root, refs) for branch in branches]
    known = [node for node in nodes if node is not None]
    if len(known) < len(nodes):
        return None
    nullable = any(node.nullable or node.type == "null" for node in known)
    real = [node for node in known if node.type != "null"]
    if len(real) == 1:
        (only,) = real
        merged = {**only.schema, **rest}
        return Node(
            schema=merged,
            type=only.type,
            nullable=nullable,
            options=only.options,
            refs=(*refs, *(ref for ref in only.refs if ref not in refs)),
        )
    if real and all(node.options for node in real):
        options = tuple(option for node in real for option in node.options)
        return Node(schema=rest, type="choice", nullable=nullable, options=options, refs=refs)
    return None


def _plain(flat: Schema, refs: tuple[str, ...]) -> Node | None:
    types = _types(flat)
    nullable = "null" in types
    if "const" in flat:
        if flat["const"] is None:
            return Node(schema=flat, type="null", nullable=True, refs=refs)
        options: tuple[tuple[str | None, JSON], ...] = ((flat.get("title"), flat["const"]),)
        return Node(schema=flat, type="choice", nullable=False, options=options, refs=refs)
    if isinstance(flat.get("enum"), Sequence):
        values = [value for value in flat["enum"] if value is not None]
        nullable = None in flat["enum"] and (not types or nullable)
        options = tuple((None, value) for value in values)
        kind = "choice" if values else "null"
        return Node(schema=flat, type=kind, nullable=nullable, options=options, refs=refs)
    real = [name for name in types if name != "null"]
    if not real and nullable:
        return Node(schema=flat, type="null", nullable=True, refs=refs)
    if len(real) != 1:
        return None
    return Node(schema=flat, type=real[0], nullable=nullable, refs=refs)


def _types(flat: Schema) -> list[str]:
    said = flat.get("type")
    if isinstance(said, str):
        return [said]
    if isinstance(said, Sequence):
        return [str(name) for name in said]
    if "properties" in flat:
        return ["object"]
    return ["array"] if "items" in flat else []
