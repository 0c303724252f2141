"""http-api.md: every operation of the API, from the OpenAPI document the server publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any

from generating.markdown import Undocumented, code, document, table
from signoff.server import openapi
from signoff.server.reference import kind_of

Schema = Mapping[str, Any]

_INTRO = """A server publishes this as an OpenAPI 3.1 document at `/openapi.json`, and as a page at
`/docs`. JSON in, JSON out. Times are RFC 3339 in UTC.

- **Keys.** `Authorization: Bearer signoff_...` on everything under `/v1`.
- **Refusals** are problem documents with a stable code: [errors](errors.md).
- **Sending again.** A write takes an `Idempotency-Key`. The same key with the same request gives
  the same answer, marked `Idempotency-Replayed: true`; with another request it is refused.
- **Deciding on what was seen.** Put the task's `view_digest` in `If-Match`, in quotes. If the task
  has changed since, the answer is refused as `stale_view`.
- **Lists** come newest first, `limit` at a time. `next` is the `before` of the next page, or null.
- **Waiting.** `wait=SECONDS` holds a read until there is news. Events can also be streamed: ask
  with `Accept: text/event-stream`."""

_NO_NOUN = "Without a key"


def page() -> str:
    """The page, with every operation and every document."""
    found = openapi.document()
    groups: dict[str, list[str]] = {}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            noun = next(iter(operation.get("tags") or ()), _NO_NOUN)
            groups.setdefault(noun, []).append(_operation(method.upper(), path, operation))
    says = {tag["name"]: tag["description"] for tag in found["tags"]}
    parts = [
        "\n\n".join([f"## {noun}", *filter(None, [says.get(noun)]), *operations])
        for noun, operations in groups.items()
    ]
    return document("HTTP API", _INTRO, [*parts, "## Documents", *_documents(found)])


def _operation(method: str, path: str, operation: Schema) -> str:
    if not operation.get("summary"):
        raise Undocumented(f"{method} {path} has no summary")
    parts = [f"### {code(f'{method} {path}')}", f"{operation['summary']}."]
    if operation.get("description"):
        parts[-1] += f" {operation['description'].strip()}"
    if rows := [_parameter(each) for each in operation.get("parameters") or ()]:
        parts.append(table(("parameter", "in", "type", "meaning"), rows))
    parts.append(". ".join(_says(operation)) + ".")
    return "\n\n".join(parts)


def _parameter(each: Schema) -> tuple[str, str, str, str]:
    schema = each["schema"]
    default = f" Default: {code(schema['default'])}." if "default" in schema else ""
    return code(each["name"]), each["in"], code(kind_of(schema)), f"{each['description']}{default}"


def _says(operation: Schema) -> Iterator[str]:
    if body := operation.get("requestBody"):
        yield f"Body: {_content(body)}"
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield f"Answers {status}: {_content(response)}"
    refusals = [status for status in operation["responses"] if not status.startswith(("2", "5"))]
    if refusals:
        yield "Refused with " + ", ".join(refusals)


def _content(holder: Schema) -> str:
    kinds = (_linked(media["schema"]) for media in (holder.get("content") or {}).values())
    return " or ".join(dict.fromkeys(kinds)) or "nothing"


def _linked(schema: Schema) -> str:
    name = kind_of(schema)
    return f"[{name}](#{_anchor(name)})" if "$ref" in schema else code(name)


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", name.lower())


def _documents(found: Schema) -> Iterator[str]:
    for name, schema in sorted(found["components"]["schemas"].items()):
        yield f"### {name}"
        if schema.get("description"):
            yield cleandoc(schema["description"])
        if "enum" in schema:
            yield "One of " + ", ".join(code(each) for each in schema["enum"]) + "."
        if properties := schema.get("properties"):
            required = set(schema.get("required") or ())
            yield table(
                ("field", "type", "always there"),
                (
                    (code(field), code(kind_of(each)), "yes" if field in required else "")
                    for field, each in properties.items()
                ),
            )
