"""Thousands of requests made from the OpenAPI document: no answer that it does not describe.

The application runs in this process, on a loop of its own, since the generator is not async.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from signoff.server import openapi
from signoff.server.api.operation import NoQuery
from signoff.server.api.table import OPERATIONS
from tests.server.world import COLLEAGUE, World, world

pytestmark = pytest.mark.slow

EXAMPLES = 20
WHO = ("admin", "agent", "manager")
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[hypothesis.Phase.generate],
)


CAMPAIGNS = [
    pytest.param(operation, mode, id=f"{operation.name}-{mode.value}")
    for operation in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE
    or operation.body is not None
    or operation.query is not NoQuery
]


class Fuzzed:
    """A running server and a task in it, for a thread that is not its own."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._stack = AsyncExitStack()
        self._thread.start()
        self.world: World = self._run(self._stack.enter_async_context(world(folder)))
        self.submitted: dict[str, Any] = {}

    def renew(self) -> None:
        self.submitted = self._run(self.world.submitted(handled=True))

    def send(self, who: str, request: requests.PreparedRequest) -> httpx2.Response:
        headers = {str(name): str(value) for name, value in request.headers.items()}
        headers["Authorization"] = f"Bearer {self.world.keys[who]}"
        body = request.body.encode() if isinstance(request.body, str) else request.body
        assert body is None or isinstance(body, bytes)
        sent = self.world.http.request(
            str(request.method), str(request.url), headers=headers, content=body
        )
        response: httpx2.Response = self._run(sent)
        return response

    def close(self) -> None:
        self._run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, awaitable: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaitable, self._loop).result(timeout=30)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    made = Fuzzed(tmp_path_factory.mktemp("fuzzed"))
    yield made
    made.close()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("operation", "mode"), CAMPAIGNS)
def test_no_answer_is_one_that_the_document_does_not_describe(
    fuzzed: Fuzzed, operation: Any, mode: GenerationMode
) -> None:
    # Keys are put in below; the generator would only tear them out again.
    schema = schemathesis.openapi.from_dict({**openapi.document(), "security": []})
    described = schema[operation.template][operation.method]
    fuzzed.renew()

    @SETTINGS
    @hypothesis.given(
        case=described.as_strategy(generation_mode=mode),
        who=hypothesis.strategies.sampled_from(WHO),
        real=...,
    )
    def sends(case: schemathesis.Case[Any], who: str, real: bool) -> None:
        _point_at_something(case, fuzzed.submitted if real else {})
        arguments = case.as_transport_kwargs(base_url="http://signoff.test")
        request = requests.Request(**arguments).prepare()
        response = fuzzed.send(who, request)
        case.validate_response(response, checks=CHECKS)

    sends()


def _point_at_something(case: schemathesis.Case[Any], submitted: dict[str, Any]) -> None:
    """Let half of the requests be about what is there, and none of them wait for long."""
    if submitted:
        there = {
            "intent_id": submitted["intent"]["id"],
            "task_id": submitted["task"]["id"],
            "person": COLLEAGUE,
        }
        for name in case.path_parameters or {}:
            if name in there:
                case.path_parameters[name] = there[name]
    if isinstance((case.query or {}).get("wait"), int | float):
        case.query["wait"] = min(case.query["wait"], 0.01)
