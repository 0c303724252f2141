"""The demo does its main job with real processes, scripted and before a visitor's eyes."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time

import httpx2
import psutil
import pytest

from tests.processes import SIGNOFF, bearer, environment

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 300

_MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|refund requests ━.*?\d:\d\d:\d\d")
"""What moves the cursor, and the line of progress that is drawn over itself."""


def test_scripted_it_survives_both_kills_and_every_invariant_holds() -> None:
    done = subprocess.run(
        [*SIGNOFF, "demo", "--scripted", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
        env=environment(),
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["held"] is True
    assert all(finding["held"] for finding in told["findings"])
    sentences = [finding["sentence"] for finding in told["findings"]]
    assert "the server survived kill -9 x1" in sentences
    assert "the agent survived kill -9 x1" in sentences
    for kind in ("approval", "review", "confirmation", "assignment", "form", "override"):
        assert kind in done.stderr


def test_a_visitor_kills_answers_and_leaves_the_rest_to_the_staff() -> None:
    with Visit("--quiet", "6") as visit:
        _visit(visit)


def _visit(visit: Visit) -> None:
    pids = visit.found(r"the server is pid (\d+), the agent is pid (\d+)\n")
    (url,) = visit.found(r"SIGNOFF_URL=(\S+)\n")
    (key,) = visit.found(r"SIGNOFF_KEY=(\S+)\n")
    with httpx2.Client(base_url=url, headers=bearer(key), timeout=5) as http:
        for pid in pids:
            task = _waiting(http)
            os.kill(int(pid), signal.SIGKILL)
            _answer(http, task)

    code = visit.end()

    assert code == 0, visit.screen
    assert "scripted people take over" in visit.screen
    assert "You: rejected: " in visit.screen
    for killed in ("the server survived kill -9", "the agent survived kill -9"):
        assert killed in visit.screen
    assert "All of it held" in visit.screen


def test_interrupted_it_leaves_no_process_behind() -> None:
    with Visit() as visit:
        visit.found(r"the server is pid (\d+)")
        children = psutil.Process(visit.pid).children(recursive=True)
        assert len(children) == 2

        os.kill(visit.pid, signal.SIGINT)
        code = visit.end()

    assert code == 130, visit.screen
    assert not [child for child in children if child.is_running()]


class Visit:
    """The demo on a terminal of its own, which is read as it is written."""

    def __init__(self, *options: str) -> None:
        ours, its = pty.openpty()
        self._terminal = ours
        self._process = subprocess.Popen(
            [*SIGNOFF, "demo", *options],
            stdin=its,
            stdout=its,
            stderr=its,
            env=environment() | {"COLUMNS": "200", "TERM": "xterm"},
        )
        os.close(its)
        self._until = time.monotonic() + LIMIT_SECONDS
        self.pid = self._process.pid
        self.screen = ""

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave nothing running, whatever happened."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(30)
        os.close(self._terminal)

    def found(self, pattern: str) -> tuple[str, ...]:
        """Read until the pattern has been seen, and return its groups."""
        while not (seen := re.search(pattern, self.screen)):
            assert self._read(), self.screen
        return tuple(str(group) for group in seen.groups())

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        return self._process.wait(20)

    def _read(self) -> bool:
        assert time.monotonic() < self._until, self.screen
        try:
            read = os.read(self._terminal, 65536)
        except OSError:
            return False
        text = read.decode("utf-8", errors="replace")
        self.screen = _MOVES.sub("", self.screen + text)
        return bool(read)


def _waiting(http: httpx2.Client) -> str:
    """An approval that waits for the visitor, as soon as there is one."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            tasks = http.get("/v1/tasks", params={"mine": "true"}).raise_for_status().json()
        except httpx2.TransportError:
            tasks = {"tasks": []}
        for task in tasks["tasks"]:
            if task["type"] == "approval":
                return str(task["id"])
        time.sleep(0.05)
    raise AssertionError("nobody asks the visitor")


def _answer(http: httpx2.Client, task: str) -> None:
    """Reject it, through however many restarts of the server."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            answer = http.post(f"/v1/tasks/{task}/answer", json={"outcome": "rejected"})
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            assert answer.status_code == 200, answer.text
            return
    raise AssertionError("the server did not come back")
