"""A real server on a temporary SQLite file, for commands to talk to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import SIGNOFF, Server, environment, initialise


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where the server is, and the key of its administrator."""

    url: str
    admin_key: str
    database: str


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Initialise a database in the folder and serve it until the block ends."""
    database = f"sqlite:///{folder / 'signoff.db'}"
    admin_key = initialise(database)
    with process(database, log=folder / "server.log") as url:
        yield Served(url=url, admin_key=admin_key, database=database)


@contextmanager
def process(database: str, *, log: Path) -> Iterator[str]:
    """``signoff serve`` on a free port, answering; its output goes to ``log``."""
    server = Server(database=database, log=log)
    try:
        server.start()
        yield server.url
    finally:
        assert server.stop() == 0, log.read_text()


def signoff(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run one command line as a process of its own; ``given`` are settings of the environment."""
    return subprocess.run(
        [*SIGNOFF, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment() | given,
    )
