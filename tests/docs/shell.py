"""Runs one command line of a page in bash, as a reader would, and keeps what it exported."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.fences import BadPage, Block

LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """One command and the output shown below it, or None where the page shows none."""

    text: str
    shown: str | None


def commands_of(block: Block) -> Iterator[CommandLine]:
    """The commands of a ``console`` block (``$ command``, then output) or a ``bash`` block.

    A backslash at the end of a line continues the command.

    :raises BadPage: output stands before the first command.
    """
    lines = iter(block.text.splitlines())
    command: str | None = None
    shown: list[str] = []
    for line in lines:
        starts = line.startswith("$ ") if block.language == "console" else bool(line.strip())
        if not starts:
            if command is None and line.strip():
                raise BadPage(f"line {block.line}: a console block starts with `$ command`")
            shown.append(line)
            continue
        if command is not None:
            yield CommandLine(text=command, shown=_shown(shown))
        command, shown = line.removeprefix("$ "), []
        while command.endswith("\\"):
            command = command[:-1] + next(lines).lstrip()
    if command is not None:
        yield CommandLine(text=command, shown=_shown(shown))


def _shown(lines: list[str]) -> str | None:
    text = "\n".join(lines).strip("\n")
    return text or None


class Shell:
    """One reader's terminal: a folder and an environment that outlives each command."""

    def __init__(self, folder: Path, **given: str) -> None:
        self.folder = folder
        kept = {name: at for name, at in os.environ.items() if not name.startswith("SIGNOFF_")}
        programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
        self.env = {**kept, "PATH": programs, "PYTHONUNBUFFERED": "1", **given}
        self._exported = folder / ".exported"

    def run(self, command: str, *, code: int = 0) -> str:
        """Run it to its end and return what a terminal would show.

        :raises AssertionError: it ended with another exit code.
        """
        done = subprocess.run(
            ["bash", "-c", f"trap 'env -0 >{shlex.quote(str(self._exported))}' EXIT\n{command}"],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == code, f"`{command}` ended with {done.returncode}:\n{done.stdout}"
        entries = self._exported.read_text().rstrip("\0").split("\0")
        self.env = dict(entry.split("=", 1) for entry in entries if "=" in entry)
        return done.stdout

    def start(self, command: str) -> Background:
        """Start it as in a terminal of its own."""
        return Background(command, self.folder, self.env)


class Background:
    """A command that runs while the page goes on."""

    def __init__(self, command: str, folder: Path, env: dict[str, str]) -> None:
        self.command = command
        self._log = folder / f".output-{time.monotonic_ns()}"
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """As ``kill -9`` would."""
        self._process.kill()
        self._process.wait()

    def finish(self) -> str:
        """Wait until it has ended well, and return what it said."""
        code = self._process.wait(LONGEST_SECONDS)
        assert code == 0, f"`{self.command}` ended with {code}:\n{self.output}"
        return self.output

    def stop(self) -> None:
        """Ask it to end."""
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
