"""From a JSON Schema, and the values to start from, to a tree of fields.

Pure. Every schema gives a form: what no ordinary field can hold, or a starting value that would
not survive one, is asked for as JSON, so nothing is lost on the way through a browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from signoff.core.words import JSON
from signoff.server.inbox import leaves
from signoff.server.inbox.applying import condition, fits, judgeable
from signoff.server.inbox.fields import (
    ABSENT,
    Branch,
    Field,
    Fixed,
    Group,
    Maybe,
    Part,
    Posted,
    Rows,
    Variant,
)
from signoff.server.inbox.merging import wrapped
from signoff.server.inbox.money import is_money, money
from signoff.server.inbox.schemas import (
    MAX_DEPTH,
    Node,
    Schema,
    captions,
    infer,
    names,
    read_node,
)

MAX_FIELDS = 600
MAX_ROWS = 200
BLANK_ROWS = 3
_LEFT_OUT = ("Left out as a whole unless you change something in it.",)


def build(
    schema: Schema,
    *,
    name: str,
    path: str | None = None,
    initial: Maybe = ABSENT,
    fill: bool = True,
    posted: Posted | None = None,
    label: str = "",
    required: bool = True,
) -> Field:
    """Build the form of one schema.

    :param name: the first part of every posted name, e.g. ``data``.
    :param path: where the value stands in the answer; the name where that says it.
    :param fill: start from the schema's defaults where there is no initial value.
    :param posted: what was posted, which may hold more rows than are offered at first.
    """
    builder = _Builder(schema, fill=fill, posted=posted or {})
    return builder.field(
        schema,
        name=name,
        path=path or name,
        label=label,
        required=required,
        initial=initial,
        refs=(),
        depth=0,
    )


class _Builder:
    """Builds one tree; ``_left`` bounds how many fields a hostile schema can make."""

    def __init__(self, root: Schema, *, fill: bool, posted: Posted) -> None:
        self._root = root
        self._fill = fill
        self._posted = posted
        self._left = MAX_FIELDS

    def field(
        self,
        schema: object,
        *,
        name: str,
        path: str,
        label: str,
        required: bool,
        initial: Maybe,
        refs: tuple[str, ...],
        depth: int,
    ) -> Field:
        self._left -= 1
        said = captions(schema, self._root)
        if initial is ABSENT and self._fill and said.get("default") is not None:
            initial = said["default"]
        common = {
            "name": name,
            "path": path,
            "label": _sentence(said.get("title")) or label,
            "help": _sentence(said.get("description")),
            "required": required,
            "initial": initial,
        }
        node = read_node(schema, self._root, refs)
        if node is not None and depth <= MAX_DEPTH and self._left > 0:
            common["nullable"] = node.nullable
            if found := self._widget(node, common, depth):
                return found
        return leaves.raw(common)

    def _widget(self, node: Node, common: dict[str, Any], depth: int) -> Field | None:
        initial: Maybe = common["initial"]
        if initial is None and not node.nullable:
            return None
        match node.type:
            case "choice":
                return leaves.choice(node, common)
            case "boolean":
                return leaves.boolean(common)
            case "string" | "number" | "integer" as kind if is_money(node.schema, kind):
                return money(node.schema, kind, common)
            case "string":
                return leaves.text(node.schema, common)
            case "integer" | "number":
                return leaves.number(node, common)
            case "array":
                return self._array(node, common, depth)
            case "object":
                return self._group(node, common, depth)
            case "variant":
                return self._variant(node, common, depth)
            case "null":
                return Fixed(**common, value=None)
            case _:
                return None

    def _group(self, node: Node, common: dict[str, Any], depth: int) -> Group | None:
        initial = common["initial"]
        properties = node.schema.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return None
        extra = {
            key: schema
            for part in node.sometimes
            for key, schema in (part.schema.get("properties") or {}).items()
            if key not in properties
        }
        if not (isinstance(initial, Mapping) or initial is ABSENT or initial is None):
            return None
        values: Mapping[str, JSON] = initial if isinstance(initial, Mapping) else {}
        strays = {key: infer(value) for key, value in values.items()}
        strays = {key: each for key, each in strays.items() if key not in {**properties, **extra}}
        if len(properties) + len(strays) + len(extra) > self._left:
            return None
        needed = [*names(node.schema.get("required")), *strays]

        def child(key: str, schema: object, needed: Sequence[str], prefix: str = "") -> Field:
            return self.field(
                schema,
                name=f"{common['name']}.{prefix}{_name_part(key)}",
                path=f"{common['path']}.{prefix}{key}",
                label=_label(key),
                required=key in needed,
                initial=values.get(key, ABSENT),
                refs=node.refs,
                depth=depth + 1,
            )

        children = {
            key: child(key, schema, needed) for key, schema in {**properties, **strays}.items()
        }
        parts = []
        for number, part in enumerate(node.sometimes):
            when = condition(part, children, self._root)
            wanted = part.schema.get("properties")
            if not isinstance(wanted, Mapping) or not judgeable(when):
                continue
            own = {
                key: child(key, schema, names(part.schema.get("required")), f"~{number}~")
                for key, schema in wanted.items()
                if key not in properties
            }
            if own:
                parts.append(Part(when=when, keys=tuple(own), children=tuple(own.values())))
        return Group(
            **common,
            hints=_LEFT_OUT if initial is ABSENT and not common["required"] else (),
            keys=tuple(children),
            children=tuple(children.values()),
            parts=tuple(parts),
        )

    def _variant(self, node: Node, common: dict[str, Any], depth: int) -> Variant | None:
        initial = common["initial"]
        shown = ""
        if initial is not ABSENT and initial is not None:
            keys = (
                str(number)
                for number, branch in enumerate(node.branches)
                if fits(initial, branch, self._root)
            )
            shown = next(keys, "")
            if not shown:
                return None
        branches = []
        for number, branch in enumerate(node.branches):
            key = str(number)
            label = _branch_label(branch, self._root, number)
            made = self.field(
                branch,
                name=f"{common['name']}~{key}",
                path=f"{common['path']}~{key}",
                label=label,
                required=True,
                initial=initial if key == shown else ABSENT,
                refs=node.refs,
                depth=depth + 1,
            )
            judge = wrapped(branch, self._root)
            branches.append(
                Branch(key=key, label=label, field=replace(made, label=label), schema=judge)
            )
        return Variant(**common, branches=tuple(branches), shown=shown)

    def _array(self, node: Node, common: dict[str, Any], depth: int) -> Field | None:
        initial = common["initial"]
        if not (initial is ABSENT or initial is None or isinstance(initial, list | tuple)):
            return None
        item = read_node(node.schema.get("items"), self._root, node.refs)
        if item is None or item.nullable or "prefixItems" in node.schema:
            return None
        values: Sequence[JSON] = initial if isinstance(initial, list | tuple) else ()
        match item.type:
            case "choice":
                return leaves.choices(item, values, common)
            case "string" | "integer" | "number":
                return leaves.lines(item, values, common)
            case "object" if item.schema.get("properties"):
                return self._rows(node, item, values, common, depth)
            case _:
                return None

    def _rows(
        self, node: Node, item: Node, values: Sequence[JSON], common: dict[str, Any], depth: int
    ) -> Rows | None:
        if len(values) > MAX_ROWS or not all(isinstance(value, Mapping) for value in values):
            return None
        most = node.schema.get("maxItems")
        offered = len(values) + BLANK_ROWS
        if isinstance(most, int):
            offered = max(min(offered, most), len(values))
        count = min(max(offered, _rows_posted(common["name"], self._posted)), MAX_ROWS)
        rows: list[Group] = []
        for index in range(count):
            there = index < len(values)
            row = self.field(
                node.schema["items"],
                name=f"{common['name']}.{index}",
                path=f"{common['path']}.{index}",
                label="",
                required=there,
                initial=values[index] if there else ABSENT,
                refs=node.refs,
                depth=depth + 1,
            )
            if not isinstance(row, Group):
                return None
            rows.append(replace(row, label="", hints=()))
        return Rows(**common, rows=tuple(rows), hints=leaves.item_hints(node.schema))


def _rows_posted(name: str, posted: Posted) -> int:
    """How many rows of this list the posted names speak of, blank ones asked for included."""
    indices = (
        int(index)
        for key in posted
        if key.startswith(f"{name}.")
        and (index := key[len(name) + 1 :].partition(".")[0]).isdecimal()
        and len(index) < 5
    )
    more = BLANK_ROWS if name in posted.get("more", ()) else 0
    return max(indices, default=-1) + 1 + more


_KINDS = {
    "string": "Text",
    "integer": "A whole number",
    "number": "A number",
    "boolean": "Yes or no",
    "array": "A list",
    "object": "Several fields",
}


def _branch_label(schema: Schema, root: Schema, number: int) -> str:
    """What a shape is called: its title, the constant that marks it, or its kind of value."""
    said = captions(schema, root)
    if title := _sentence(said.get("title")):
        return title
    properties = said.get("properties")
    if isinstance(properties, Mapping):
        for each in properties.values():
            constant = captions(each, root).get("const")
            if isinstance(constant, str) and constant:
                return _label(constant)
    kind = said.get("type")
    return (
        _KINDS.get(kind, f"Choice {number + 1}")
        if isinstance(kind, str)
        else f"Choice {number + 1}"
    )


def _sentence(said: object) -> str | None:
    return said.strip() or None if isinstance(said, str) else None


def _name_part(key: str) -> str:
    """A property's name as one part of a dotted name; browsers rewrite line ends in names."""
    return key.translate(_NAME_PARTS)


_NAME_PARTS = str.maketrans({"~": "~0", ".": "~1", "\r": "~2", "\n": "~3"})


def _label(key: str) -> str:
    words = re.sub(r"[_\-]+", " ", key).strip()
    return words[:1].upper() + words[1:] if words else f"“{key}”"
