"""Commits the file of checkpoints in a git work tree, and pushes where there is a remote.

A remote that the operator cannot rewrite holds them to it: nothing here ever forces a push, and a
push that is refused is a failure on record. Git runs as a program of its own, without a shell,
without questions, in bounded time.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from signoff.anchors.file import FileAnchor
from signoff.engine.log.anchoring import Point
from signoff.errors import Broken

_SECONDS = 30.0
_LAST_WORDS_SECONDS = 2.0
_MOST_OUTPUT = 64 * 1024
_FILE = "file "
_AUTHOR = ("-c", "user.name=Signoff", "-c", "user.email=signoff@localhost")


class GitAnchor:
    """A file of checkpoints in a git work tree.

    :param seconds: how long one run of git may take.
    """

    kind = "git"
    every_seconds: float | None = None

    def __init__(self, path: Path, *, seconds: float = _SECONDS) -> None:
        self.name = str(path)
        self._path = path
        self._file = FileAnchor(path)
        self._git = _Git(folder=path.parent, seconds=seconds)
        self._turn = asyncio.Lock()

    async def anchor(self, point: Point) -> str:
        """The evidence is the commit, the branch, where it was pushed to, and that of the file."""
        async with self._turn:
            branch = await self._branch()
            if await self._git.answer("check-ignore", "--quiet", "--", self._path.name):
                raise Broken("the file is ignored by git")
            # One that died after it had written: what it wrote is committed with this.
            held = await self._file.anchor(_of_the_file(point))
            await self._commit(point)
            commit = await self._git.run("log", "-1", "--format=%H", "--", self._path.name)
            remote = await self._push(branch)
        where = f"pushed to {remote}" if remote else "not pushed: there is no remote"
        return f"commit {commit}\nbranch {branch}\n{where}\n{_FILE}{held}\n"

    async def _branch(self) -> str:
        branch = await self._git.run("branch", "--show-current")
        if not branch:
            raise Broken("no branch is checked out in the work tree")
        return branch

    async def _commit(self, point: Point) -> None:
        name = self._path.name
        if not await self._git.run("status", "--porcelain", "--", name):
            return
        known = await self._git.answer("config", "user.email")
        await self._git.run("add", "--", name)
        message = f"Checkpoint {point.size} of {point.origin}"
        await self._git.run(
            *(() if known else _AUTHOR), "commit", "--quiet", "-m", message, "--", name
        )

    async def _push(self, branch: str) -> str | None:
        """The remote of the branch, else ``origin``, else the only one there is."""
        remotes = (await self._git.run("remote")).split()
        if not remotes:
            return None
        chosen = await self._git.run("config", "--default", "", f"branch.{branch}.remote")
        if chosen not in remotes:
            chosen = "origin" if "origin" in remotes else remotes[0]
        await self._git.run("push", "--quiet", "--porcelain", chosen, f"HEAD:refs/heads/{branch}")
        return chosen


def _of_the_file(point: Point) -> Point:
    """The point with the evidence of the file alone, against which the file is held."""
    if point.last is None or point.last.evidence is None:
        return point
    held = point.last.evidence.partition(_FILE)[2]
    return replace(point, last=replace(point.last, evidence=held))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Git:
    """The git executable, run in one folder."""

    folder: Path
    seconds: float

    async def run(self, *arguments: str) -> str:
        """What it printed.

        :raises Broken: it failed, or took too long. What git says is not repeated, for an address
            of a remote may hold a password.
        """
        code, printed = await self._ended(*arguments)
        if code != 0:
            verb = next(word for word in arguments if word not in _AUTHOR)
            raise Broken(f"git {verb} failed with exit code {code} in {self.folder}")
        return printed

    async def answer(self, *arguments: str) -> bool:
        """Whether it ended well, where both are an answer."""
        code, _ = await self._ended(*arguments)
        return code == 0

    async def _ended(self, *arguments: str) -> tuple[int, str]:
        process = await self._started(*arguments)
        try:
            async with asyncio.timeout(self.seconds):
                printed = await _printed(process)
                code = await process.wait()
        except TimeoutError:
            raise Broken(f"git took longer than {self.seconds:g} seconds") from None
        finally:
            await _end(process)
        return code, printed.decode(errors="replace").strip()

    async def _started(self, *arguments: str) -> asyncio.subprocess.Process:
        """Whoever gives up while it starts still ends it, with what it has started by then."""
        starting = asyncio.create_task(self._start(*arguments))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await _end(await starting)
            raise

    async def _start(self, *arguments: str) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                "git",
                "-C",
                str(self.folder),
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        except FileNotFoundError:
            raise Broken("git is not installed") from None
        except OSError as error:
            raise Broken(f"git cannot be run: {error.strerror or error}") from None


async def _printed(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    read = bytearray()
    while chunk := await process.stdout.read(_MOST_OUTPUT):
        read += chunk
        if len(read) > _MOST_OUTPUT:
            raise Broken(f"git printed more than {_MOST_OUTPUT} bytes")
    return bytes(read)


async def _end(process: asyncio.subprocess.Process) -> None:
    """With what it has started itself: ``ssh``, a hook."""
    for deadly in (signal.SIGTERM, signal.SIGKILL):  # at the first one git removes its locks
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, deadly)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await process.wait()


def _environment() -> dict[str, str]:
    """Without what would make git ask, or work elsewhere; a repository around this is not meant."""
    inherited = {name: at for name, at in os.environ.items() if not name.startswith("GIT_DIR")}
    for name in ("GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_ASKPASS", "SSH_ASKPASS"):
        inherited.pop(name, None)
    quiet = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return inherited | quiet | {"GIT_SSH_COMMAND": inherited.get("GIT_SSH_COMMAND", _SSH)}


_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=10"
