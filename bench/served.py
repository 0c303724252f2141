"""A Signoff server of its own process, made ready for a measurement."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.processes import Administrator, Server


@dataclass(slots=True)
class Served:
    """One running server, what it uses, and the keys that were made for it.

    :param ready_after: seconds from its start to its being ready.
    """

    url: str
    ready_after: float
    process: psutil.Process
    agent_key: str = ""
    person_key: str = ""

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return int(self.process.memory_info().rss)

    def cpu_seconds(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def enlist(self, admin_key: str) -> None:
        """Add one approver, and make the keys of an agent and of that person."""
        admin = Administrator(self.url, admin_key)
        self.person_key = admin.person("approver@bench.test", "approver")
        self.agent_key = admin.agent("bench")
        admin.close()


@contextmanager
def serving(database: str, folder: Path, *, module: tuple[str, ...] = ()) -> Iterator[Served]:
    """Serve the database while the block runs.

    :param module: the module that serves, where it is another than ``signoff serve``.
    """
    server = Server(database=database, log=folder / "server.log")
    if module:
        server.program = (sys.executable, "-m", *module)
    try:
        ready_after = server.start()
        yield Served(server.url, ready_after, psutil.Process(server.pid))
    finally:
        server.stop()
