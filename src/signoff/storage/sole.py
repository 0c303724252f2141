"""One server to a database file: wake-ups stay inside a process, so a second one would be deaf."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signoff.errors import Broken

SQLITE = "sqlite:///"


@contextmanager
def sole_user(database: str) -> Iterator[None]:
    """Hold the file's lock while the block runs; the system drops it with the process.

    Does nothing for a database that serves several processes.

    :raises Broken: another process holds the lock, or the folder cannot be written.
    """
    if not database.startswith(SQLITE):
        yield
        return
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows has none; there the operator has to see to it
        yield
        return
    path = Path(f"{database.removeprefix(SQLITE)}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Broken(f"cannot write beside the database, at {path}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise Broken(
            f"another `signoff serve` has {path.with_suffix('')} open; one server serves a SQLite "
            "file. For several, use PostgreSQL"
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)
