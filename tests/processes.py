"""A real `signoff serve` as a process of its own: started, killed, started again."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

SIGNOFF = (sys.executable, "-m", "signoff.cli")
READY_SECONDS = 120.0


def environment() -> dict[str, str]:
    """The environment without anybody's own settings of Signoff."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}


_WORKERS = 16
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_PORTS = iter(random.sample(range(10_240 + _WORKER, 32_768, _WORKERS), 1_000))


def free_port() -> int:
    """A port nobody listens at, and hardly anybody will be given while its server is down.

    It is below the range that connections take their own ports from, and drawn, so that a server
    that is killed finds its port free when it starts again, whatever else runs on the machine. No
    two processes of one test run draw the same: a server that is down is not taken for another.
    """
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("all ports that were drawn have been given out")


def initialise(database: str) -> str:
    """Make the database ready and return its admin key."""
    done = subprocess.run(
        [*SIGNOFF, "init", "--database", database, "--json"],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    return str(json.loads(done.stdout)["admin_key"])


@dataclass(slots=True, kw_only=True)
class Server:
    """One server process and its successors, all on one port and one database."""

    database: str
    log: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (*SIGNOFF, "serve")
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start it and wait until it is ready. Returns the seconds that took."""
        began = time.monotonic()
        command = (*self.program, "--port", str(self.port), "--database", self.database)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                env=environment() | dict(self.settings),
            )
        while not self._ready():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < READY_SECONDS, self.log.read_text()
            time.sleep(0.01)
        return time.monotonic() - began

    def kill(self) -> None:
        """As ``kill -9`` would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does, as a paused machine would."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.terminate()
        return self._process.wait(20)

    def _ready(self) -> bool:
        try:
            return bool(httpx2.get(f"{self.url}/health/ready", timeout=5).is_success)
        except httpx2.TransportError:
            return False


class Administrator:
    """Makes people and keys through the API, as an administrator would."""

    def __init__(self, url: str, admin_key: str) -> None:
        self._http = httpx2.Client(base_url=url, headers=bearer(admin_key), timeout=30)

    def person(self, email: str, *roles: str) -> str:
        """Add somebody and return a key of theirs."""
        self.post("/v1/people", {"email": email, "name": email, "roles": list(roles)})
        return self._key({"kind": "person", "person": email})

    def agent(self, name: str) -> str:
        """Return the key of an agent of the first workspace."""
        return self._key({"kind": "agent", "agent": f"agent://default/main/{name}"})

    def close(self) -> None:
        self._http.close()

    def _key(self, body: dict[str, str]) -> str:
        return str(self.post("/v1/keys", body)["key"])

    def post(self, path: str, body: object) -> dict[str, object]:
        """Send a document, and return the one that comes back."""
        answer = self._http.post(path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, object] = answer.json()
        return found


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
