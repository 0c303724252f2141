"""`signoff audit witness serve` as a process: its key, its memory, and how it says what it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from signoff.audit import note, witness
from tests.anchors.logs import WrittenLog
from tests.processes import environment

COMMAND = (sys.executable, "-m", "signoff.cli", "audit", "witness", "serve", "--json")

pytestmark = pytest.mark.slow


@contextmanager
def serving(folder: Path, log: WrittenLog) -> Iterator[dict[str, Any]]:
    """A witness process, and what it said about itself. It ends well when it is told to."""
    options = ("--name", "w.test/1", "--state", str(folder), "--log", log.vkeys[0], "--port", "0")
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            assert process.wait(30) == 0


def asked(url: str, log: WrittenLog, old: int) -> httpx2.Response:
    body = witness.AddCheckpoint(old=old, proof=(), note=log.checkpoint).encode()
    return httpx2.post(f"{url}/add-checkpoint", content=body)


def test_it_keeps_its_key_and_its_memory(tmp_path: Path) -> None:
    log, state = WrittenLog(5), tmp_path / "state"
    with serving(state, log) as said:
        answer = asked(said["url"], log, 0)
        assert answer.status_code == 200
        assert note.opened(log.checkpoint + answer.text, [said["vkey"]])
    with serving(state, log) as again:
        assert again["vkey"] == said["vkey"]
        forked = asked(again["url"], WrittenLog(5, salt="another"), 5)
        assert (forked.status_code, forked.text) == (409, "5\n")
