"""The processes of the demo: started, watched, started again when somebody kills them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_CRASHES = 5
_GRACE_SECONDS = 10.0
_LOG_TAIL = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """One end of a child: the pid it had, and the signal or the exit code it ended with."""

    pid: int
    signal: str | None
    code: int


class Child:
    """One process and its successors. Its output goes to a log that only failures show.

    A child killed by a signal may be started again any number of times; one that gives up by
    itself only ``MAX_CRASHES`` times.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.deaths: list[Death] = []
        self._command = list(command)
        self._env = dict(env)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._buried = True

    @property
    def started(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def finished(self) -> bool:
        """Whether the last process of this child did what it was started for."""
        return self._process is not None and self._process.poll() == 0

    @property
    def hopeless(self) -> bool:
        return sum(death.signal is None for death in self.deaths) > MAX_CRASHES

    def start(self) -> None:
        """Start it. A session of its own keeps the terminal's Ctrl-C away from it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._buried = False

    def died(self) -> Death | None:
        """The end of the process, once, where it ended otherwise than by finishing its work."""
        code = self._process.poll() if self._process else None
        if self._process is None or code is None or code == 0 or self._buried:
            return None
        self._buried = True
        name = signal.Signals(-code).name if code < 0 else None
        death = Death(pid=self._process.pid, signal=name, code=code)
        self.deaths.append(death)
        return death

    def kill(self) -> None:
        """As ``kill -9`` would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end; insist after a while."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        """The end of its log."""
        if not self._log.exists():
            return ""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL:])
