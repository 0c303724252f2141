"""What every part of the embedded store has: its file, its clock, its threads once it is open."""

from __future__ import annotations

from pathlib import Path

from signoff.engine.clock import SystemClock
from signoff.engine.ports import Clock
from signoff.errors import StoreUnavailable
from signoff.storage.migrate import require_current
from signoff.storage.remembered import Remembered
from signoff.storage.sqlite.connection import mapped
from signoff.storage.sqlite.schema import MIGRATIONS, version_of
from signoff.storage.sqlite.threads import Readers, Writer

_READERS = 3


class Threaded:
    """One file, not opened yet. Whatever writes goes to the one writer, whatever reads to a reader.

    :param clock: where the time comes from; the machine's where there is none.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._remembered = Remembered()
        self._threads: tuple[Writer, Readers] | None = None

    def _start(self) -> tuple[Writer, Readers]:
        require_current(version_of(self._path), MIGRATIONS)
        with mapped():
            writing = Writer(self._path, undone=self._remembered.forget)
            return writing, Readers(self._path, count=_READERS)

    @property
    def _writer(self) -> Writer:
        return self._open[0]

    @property
    def _readers(self) -> Readers:
        return self._open[1]

    @property
    def _open(self) -> tuple[Writer, Readers]:
        if self._threads is None:
            raise StoreUnavailable("the store is not open")
        return self._threads
