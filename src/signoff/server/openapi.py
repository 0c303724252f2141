"""The OpenAPI 3.1 document, made from the table of routes. Nothing in it is written twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from signoff import errors as e
from signoff.engine.ports import KeyKind
from signoff.errors import SignoffError, by_code
from signoff.server import documents as d
from signoff.server import ids, problems
from signoff.server.api import bodies as b
from signoff.server.api.operation import NoQuery, Operation
from signoff.server.api.table import OPERATIONS

Schema = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_ALWAYS: tuple[type[SignoffError], ...] = (e.Unauthenticated, e.Forbidden, e.InvalidInput, e.Broken)
_WITH_BODY: tuple[type[SignoffError], ...] = (e.InvalidJson, e.TooLarge, e.WrongMediaType)
_IN_PATH: Mapping[str, tuple[str, str]] = {
    "intent_id": ("The id of an intent.", ids.INTENT_ID),
    "task_id": ("The id of a task.", ids.TASK_ID),
    "key_id": ("The id of a key, not the key.", ids.KEY_ID),
    "passkey_id": ("The credential id of a passkey, in base64url.", r"^[A-Za-z0-9_-]{1,1400}$"),
    "name": ("The name of a calendar.", r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"),
    "webhook_id": ("The id of a webhook.", r"^whk_[0-9a-f]{32}$"),
    "delivery_id": ("The id of a delivery.", r"^msg_[0-9a-f]{32}$"),
    "hold_id": ("The id of a hold.", r"^hold_[0-9a-f]{32}$"),
    "generation": ("Which key, counted from 1.", r"^[0-9]{1,5}$"),
    "tile": ("Level and number, as C2SP tlog-tiles writes them.", r"^[0-9x/.p]{5,60}$"),
    "person": ("A person's id or mail address.", f"{ids.PERSON_ID}|{ids.EMAIL}"),
}
_NOUNS: Mapping[str, str] = {
    "intents": "The durable unit of an agent's work.",
    "webhooks": "Other systems that are told what happens.",
    "events": "What happened to an intent, in order and without gaps.",
    "steps": "What an agent has done, journalled once.",
    "tasks": "Requests to people inside an intent.",
    "people": "Who can be asked, and when they are away.",
    "settings": "What holds for every task of a workspace, unless it says otherwise.",
    "calendars": "When work is done, by name.",
    "audit": "The tamper-evident log: checkpoints, exports, receipts, erasure.",
    "keys": "API keys.",
    "me": "Whose key this is.",
    "passkeys": "What a person signs answers with.",
}
_ABOUT = """\
Durable, auditable human tasks inside an AI agent's run.

Send a key with every request: `Authorization: Bearer signoff_...`. Refusals are RFC 9457 problem
documents with a stable `code`. Writes take an `Idempotency-Key`; sending the same request with the
same key again answers the same, with `Idempotency-Replayed: true`. Unknown ids and those of other
workspaces answer the same 404.
"""


@cache
def document() -> Schema:
    """The whole document. Callers must not change it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Signoff",
            "version": version("signoff"),
            "summary": "Human tasks for AI agents",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": says} for name, says in _NOUNS.items()],
        "paths": _paths(),
        "components": {
            "schemas": _components(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of kind agent, person, admin or auditor.",
                }
            },
        },
    }


def codes_of(operation: Operation) -> dict[int, list[type[SignoffError]]]:
    """Every refusal an operation may give, by status."""
    found: dict[int, list[type[SignoffError]]] = {}
    for kind in _refusals(operation):
        found.setdefault(problems.status_of(kind), []).append(kind)
    return dict(sorted(found.items()))


def _refusals(operation: Operation) -> Iterator[type[SignoffError]]:
    yield from _ALWAYS
    yield e.SignoffError
    if operation.body is not None:
        yield from _WITH_BODY
    if "{" in operation.path:
        yield e.NotFound
    if operation.keyed:
        yield e.KeyReused
    if KeyKind.AGENT not in operation.who and operation.method != "GET":
        yield e.AgentMayNotDecide
    yield from operation.refusals


def _paths() -> Schema:
    paths: Schema = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.template, {})[operation.method.lower()] = _operation(operation)
    return paths | _operators()


def _operation(operation: Operation) -> Schema:
    found: Schema = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Takes a key of kind {', '.join(sorted(operation.who))}.",
        "tags": [operation.noun],
        "parameters": [*_in_path(operation), *_in_query(operation), *_in_headers(operation)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        found["requestBody"] = {
            "required": _must_say_something(operation.body),
            "content": {"application/json": {"schema": _reference(operation.body)}},
        }
    return found


def _must_say_something(body: type[msgspec.Struct]) -> bool:
    return body is b.OpenTask or any(each.required for each in msgspec.structs.fields(body))


def _in_path(operation: Operation) -> Iterator[Schema]:
    for name in _PATH_PARAMETER.findall(operation.template):
        says, _ = _IN_PATH[name]
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": says,
            "schema": {"type": "string"},
        }


def _in_query(operation: Operation) -> Iterator[Schema]:
    if operation.query is NoQuery:
        return
    schema = msgspec.json.schema(operation.query)
    fields = schema["$defs"][operation.query.__name__]["properties"]
    for name, given in fields.items():
        field = _without_null(_inlined(given, schema["$defs"]))
        yield {
            "name": name,
            "in": "query",
            "required": False,
            "description": field.pop("description", ""),
            "schema": field,
        }


def _in_headers(operation: Operation) -> Iterator[Schema]:
    if operation.keyed:
        yield _header(
            "Idempotency-Key",
            "Makes sending this again harmless.",
            {"type": "string", "pattern": "^[!-~]{1,255}$"},
        )
    if operation.viewed:
        yield _header(
            "If-Match",
            "The view_digest of what was shown, in quotes; answers 409 if it is no longer so.",
            {"type": "string", "pattern": '^"sha256:[0-9a-f]{64}"$'},
        )
    if operation.streams:
        yield _header(
            "Last-Event-ID",
            "Where a stream goes on: the number of the last event received.",
            {"type": "string", "pattern": "^[0-9]{0,15}$"},
        )


def _header(name: str, says: str, schema: Schema) -> Schema:
    return {"name": name, "in": "header", "required": False, "description": says, "schema": schema}


def _responses(operation: Operation) -> Schema:
    content: Schema = {each: {"schema": _TEXT} for each in operation.media}
    if operation.answers is not None:
        content["application/json"] = {"schema": _reference(operation.answers)}
    if operation.streams:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    good: Schema = {"description": operation.summary, "content": content}
    if operation.keyed:
        replayed = {"description": "`true` where this had been done before.", "schema": _TEXT}
        good["headers"] = {"Idempotency-Replayed": replayed}
    found: Schema = {"201" if operation.created else "200": good}
    for status, kinds in codes_of(operation).items():
        found[str(status)] = _problem(status, kinds)
    return found


_TEXT: Schema = {"type": "string"}


def _problem(status: int, kinds: list[type[SignoffError]]) -> Schema:
    those = {kind for each in kinds for kind in _with_codes(each)}
    codes = sorted(kind.code for kind in those)
    found: Schema = {
        "description": f"{problems.reason(status)}. Codes: {', '.join(codes)}.",
        "content": {problems.MEDIA_TYPE: {"schema": _reference(d.Problem)}},
    }
    if again := sorted(kind.code for kind in those if issubclass(kind, problems.WORTH_RETRYING)):
        says = f"With {', '.join(again)}: after how many seconds to try again."
        found["headers"] = {"Retry-After": {"description": says, "schema": {"type": "integer"}}}
    return found


def _with_codes(kind: type[SignoffError]) -> Iterator[type[SignoffError]]:
    """The kind and its descendants of the same status, so far as they have a code of their own."""
    if kind is SignoffError:
        yield kind
        return
    status = problems.status_of(kind)
    for each in by_code().values():
        if issubclass(each, kind) and problems.status_of(each) == status:
            yield each


def _operators() -> Schema:
    """What needs no key."""

    def get(name: str, summary: str, media: str, schema: Schema, **more: Schema) -> Schema:
        good = {"description": summary, "content": {media: {"schema": schema}}}
        return {
            "get": {
                "operationId": name,
                "summary": summary,
                "security": [],
                "tags": ["operation"],
                "responses": {"200": good, **more},
            }
        }

    text: Schema = {"type": "string"}
    broken = _problem(503, [e.Broken])
    health = _reference(d.Health)
    return {
        "/health/live": get("live", "The process lives", "application/json", health),
        "/health/ready": get(
            "ready", "The server can work", "application/json", health, **{"503": broken}
        ),
        "/metrics": get("metrics", "Metrics in Prometheus' format", "text/plain", text),
        "/openapi.json": get("openapi", "This document", "application/json", {"type": "object"}),
        "/docs": get("docs", "This document as a page", "text/html", text),
    }


# Schemas


def _components() -> Schema:
    _, found = msgspec.json.schema_components(_structs(), ref_template=_REFERENCE)
    found[b.OpenTask.__name__] = {
        "oneOf": [_reference(b.TaskFields), _reference(b.WrappedTask)],
        "description": "A task, bare or inside `task`.",
    }
    return {name: _tidied(schema) for name, schema in sorted(found.items())}


def _structs() -> list[type[msgspec.Struct]]:
    found: list[type[msgspec.Struct]] = [d.Problem, d.Health, b.TaskFields, b.WrappedTask]
    for operation in OPERATIONS:
        if operation.answers is not None:
            found.append(operation.answers)
        if operation.body is not None:
            found.append(operation.body)
    return list(dict.fromkeys(found))


def _reference(struct: type[msgspec.Struct]) -> Schema:
    return {"$ref": _REFERENCE.format(name=struct.__name__)}


def _tidied(schema: Schema) -> Schema:
    """Without the titles that only repeat a name."""
    return {name: value for name, value in schema.items() if name != "title"}


def _inlined(field: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The schema of a query parameter with what it refers to put in its place."""
    if "$ref" in field:
        return _tidied(dict(definitions[field["$ref"].rpartition("/")[2]]))
    found = dict(field)
    if "anyOf" in found:
        found["anyOf"] = [_inlined(each, definitions) for each in found["anyOf"]]
    return found


def _without_null(field: Schema) -> Schema:
    """A query parameter is left out rather than null."""
    found = {name: value for name, value in field.items() if value is not None}
    if "anyOf" in found:
        kinds = [each for each in found.pop("anyOf") if each != {"type": "null"}]
        found |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if isinstance(found.get("enum"), list):
        found["enum"] = [each for each in found["enum"] if each is not None]
    return found
