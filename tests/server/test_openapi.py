"""The OpenAPI document is valid, complete, and true: what it does not say cannot be answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from signoff.server import openapi, problems
from signoff.server.api.table import OPERATIONS
from signoff.server.reference import prose
from tests.server.world import World, asking


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(openapi.document()))).validate()


def test_every_operation_of_the_table_is_described() -> None:
    paths = openapi.document()["paths"]

    names = [paths[each.template][each.method.lower()]["operationId"] for each in OPERATIONS]

    assert names == [each.name for each in OPERATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_refusal_of_an_operation_has_a_described_status(operation: Any) -> None:
    described = openapi.document()["paths"][operation.template][operation.method.lower()][
        "responses"
    ]

    for status, kinds in openapi.codes_of(operation).items():
        assert str(status) in described
        assert {problems.status_of(kind) for kind in kinds} == {status}


def test_a_refusal_that_is_worth_retrying_says_so_and_no_other_does() -> None:
    """As the answers do: by the code, not by the status."""
    for path in openapi.document()["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                said = answer.get("headers", {}).get("Retry-After", {}).get("description", "")
                for code in ("not_logged_yet", "store_unavailable", "already_concluded"):
                    if f" {code}" in answer["description"]:
                        assert (code in said) == (code != "already_concluded"), (status, said)


async def test_the_document_is_served_as_it_is(world: World) -> None:
    assert (await world.get(None, "/openapi.json")).json() == openapi.document()


async def test_answers_are_as_the_document_describes_them(world: World) -> None:
    submitted = await world.submitted(
        deadline="3d",
        on_behalf_of="cus@acme.test",
        handled=True,
        task=asking(type="review", content={"a": 1}, revisions=1),
    )
    intent, task = submitted["intent"]["id"], submitted["task"]["id"]
    answer = {"outcome": "changes_requested", "comment": "shorter"}
    await world.post("manager", f"/v1/tasks/{task}/answer", answer)
    step = await world.post("agent", f"/v1/intents/{intent}/steps", {"name": "a", "output": None})

    assert list(wrong("SubmittedIntent", submitted)) == []
    assert list(wrong("RecordedStep", step.json())) == []
    for name, who, path in (
        ("Me", "manager", "/v1/me"),
        ("Intents", "admin", "/v1/intents"),
        ("IntentAndTasks", "admin", f"/v1/intents/{intent}"),
        ("Events", "admin", f"/v1/intents/{intent}/events"),
        ("Steps", "admin", f"/v1/intents/{intent}/steps"),
        ("Tasks", "admin", "/v1/tasks"),
        ("OneTask", "admin", f"/v1/tasks/{task}"),
        ("People", "admin", "/v1/people"),
        ("Keys", "admin", "/v1/keys"),
        ("Problem", "admin", "/v1/intents/int_1"),
    ):
        assert list(wrong(name, (await world.get(who, path)).json())) == [], path


def wrong(name: str, value: Any) -> Iterator[str]:
    """What the named schema finds wrong, as what it says; unknown fields are wrong too."""
    schemas = {
        each: {**schema, "additionalProperties": False} if schema.get("properties") else schema
        for each, schema in openapi.document()["components"]["schemas"].items()
    }
    document = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    for error in Draft202012Validator(document).iter_errors(value):
        yield error.message


@pytest.mark.slow
def test_reading_every_kind_of_body_leaves_the_memory_sound() -> None:
    """msgspec 0.22 frees the wrong memory for some unions; the interpreter then dies at exit."""
    program = (
        "from signoff.server import edge, openapi\n"
        "from signoff.server.api.table import OPERATIONS\n"
        "openapi.document()\n"
        "for each in OPERATIONS:\n"
        "    for shape in filter(None, (each.body, each.query)):\n"
        "        try:\n"
        "            edge.shaped({'nothing': 1}, shape)\n"
        "        except Exception:\n"
        "            pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONMALLOC": "debug"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_what_stands_between_backticks_is_code_on_the_page_and_nothing_is_markup() -> None:
    assert prose("a `b < c` & <d>") == "a <code>b &lt; c</code> &amp; &lt;d&gt;"
