"""People who answer while a block of a page runs, as the page's ``person`` directives say."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.docs.fences import BadPage, Block

_SAYS = re.compile(r"(?P<email>\S+@\S+) (?P<outcome>[a-z_]+)(?: (?P<more>\{.*\}))?")
_BEAT_SECONDS = 0.05
_LONGEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one person says next."""

    email: str
    outcome: str
    more: dict[str, Any] = field(default_factory=dict)


def lines_of(block: Block) -> tuple[Line, ...]:
    """The answers a block's directives ask for, in order.

    :raises BadPage: a directive does not read ``EMAIL OUTCOME {JSON}``.
    """
    said = [each for each in block.directives if each.word == "person"]
    return tuple(_line(each.rest, each.line) for each in said)


def _line(text: str, number: int) -> Line:
    found = _SAYS.fullmatch(text)
    if found is None:
        raise BadPage(f"line {number}: a person directive reads EMAIL OUTCOME {{JSON}}")
    more = json.loads(found["more"]) if found["more"] else {}
    return Line(email=found["email"], outcome=found["outcome"], more=more)


@contextmanager
def answering(
    lines: Sequence[Line], *, url: str, admin_key: str, before: frozenset[str]
) -> Iterator[None]:
    """Give the answers in order while the block runs; each of them must have been asked for.

    :param before: tasks that another page left open; they are nobody's business here.
    """
    over = threading.Event()
    failures: list[str] = []
    work = (lines, url, admin_key, before, over, failures)
    worker = threading.Thread(target=_work, args=work)
    worker.start()
    try:
        yield
    except BaseException:
        over.set()
        worker.join()
        raise
    else:
        over.set()
        worker.join()
    if failures:
        raise AssertionError("; ".join(failures))


def _work(
    lines: Sequence[Line],
    url: str,
    admin_key: str,
    before: frozenset[str],
    over: threading.Event,
    failures: list[str],
) -> None:
    try:
        for line in lines:
            with httpx2.Client(base_url=url, headers=_bearer(admin_key)) as admin:
                key = _checked(
                    admin.post("/v1/keys", json={"kind": "person", "person": line.email})
                )["key"]
            with httpx2.Client(base_url=url, headers=_bearer(key)) as person:
                if not _answered(person, line, before, over):
                    failures.append(f"nothing asked {line.email}, who should say {line.outcome}")
                    return
    except Exception as error:
        failures.append(f"{error!r}")


def _answered(
    person: httpx2.Client, line: Line, before: frozenset[str], over: threading.Event
) -> bool:
    until = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < until:
        last_look = over.is_set()
        fresh = [task for task in _live(person, mine="true") if task["id"] not in before]
        waiting = [task for task in fresh if not task["awaiting_revision"]]
        if waiting:
            body = {"outcome": line.outcome, **line.more}
            _checked(person.post(f"/v1/tasks/{waiting[-1]['id']}/answer", json=body))
            return True
        if last_look:
            return False
        time.sleep(_BEAT_SECONDS)
    return False


def _live(server: httpx2.Client, **query: str) -> list[dict[str, Any]]:
    found = _checked(server.get("/v1/tasks", params={"state": "live", "limit": "200", **query}))
    tasks: list[dict[str, Any]] = found["tasks"]
    return tasks


def _checked(response: httpx2.Response) -> dict[str, Any]:
    assert response.is_success, f"{response.request.url}: {response.text}"
    found: dict[str, Any] = response.json()
    return found


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
