"""Runs the blocks of one page in order against a real `signoff serve`.

What a reader would do is done: commands run in bash, Python runs in one process, HTTP requests are
sent, outputs are compared. Four things differ from a reader's machine, and nothing else:

* Ports 8600 to 8699 stand for free ports, and ``SOME_POSTGRES`` for an empty database on a real
  server.
* ``signoff_agent_...``, ``task_...`` and the like stand for the key or id of that kind that was
  printed last on the page.
* ``pip install`` is held against the extras of pyproject.toml, and ``make VERB`` against the
  Makefile, instead of being run.
* People answer as the page's ``person`` directives say; the directives are listed in
  CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import re
import shlex
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.docs.expecting import require_json, require_text
from tests.docs.fences import Block
from tests.docs.notebook import Notebook
from tests.docs.shell import Background, CommandLine, Shell, commands_of
from tests.docs.staff import answering, lines_of
from tests.processes import free_port

ROOT = Path(__file__).parents[2]

SOME_POSTGRES = "postgresql://signoff:secret@127.0.0.1/signoff"

_PORT = re.compile(r"\b86\d\d\b")
_MINTED = re.compile(r"signoff_(?:agent|person|admin|auditor)_[A-Za-z0-9]+")
_ID = re.compile(r"\b(?:int|task|per|key)_[0-9a-f]{32}\b")
_ELIDED = re.compile(r"\b(signoff_(?:agent|person|admin|auditor)_|int_|task_|per_|key_)\.\.\.")
_SERVES = re.compile(r"^(?:[A-Z_]+=\S+ )*signoff (?:audit witness )?serve\b")
_READY_SECONDS = 60.0
_MOMENT_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the last block came to, for an output block below it to be compared with."""

    text: str
    response: httpx2.Response | None = None


class Stage:
    """One page being run: its folder, its terminal, its servers, and what was said last."""

    def __init__(self, folder: Path, *, postgres: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.postgres = postgres
        self.before: frozenset[str] = frozenset()
        self.ports: dict[str, str] = {}
        self.known: dict[str, str] = {}
        self.shell = Shell(folder, SIGNOFF_PORT=self.port("8600"))
        self.shell.env.setdefault("SIGNOFF_URL", f"http://127.0.0.1:{self.port('8600')}")
        self.servers: list[Background] = []
        self.meanwhile: list[tuple[Background, str | None]] = []
        self.last: Answered | None = None
        self._notebook: Notebook | None = None
        self._kinds: dict[str, Callable[[Block], None]] = {
            "console": self._commands,
            "bash": self._commands,
            "python": self._python,
            "http": self._http,
            "json": self._json,
            "text": self._text,
            "ini": _is_in_the_import_contract,
            "mermaid": lambda block: None,
        }

    @property
    def url(self) -> str:
        return self.shell.env["SIGNOFF_URL"]

    @property
    def settings(self) -> dict[str, str]:
        """What a reader has exported for Signoff."""
        return {name: at for name, at in self.shell.env.items() if name.startswith("SIGNOFF_")}

    @property
    def admin_key(self) -> str:
        return self.known["signoff_admin_"]

    def join(self, other: Stage) -> None:
        """Go on where another page ended: its server, its people, its keys."""
        self.known = dict(other.known)
        self.ports = dict(other.ports)
        self.shell.env |= other.settings
        self.before = self._live_tasks()

    def run(self, blocks: tuple[Block, ...]) -> None:
        """Run every block, then end what runs on and compare what it said."""
        for block in blocks:
            try:
                self._run(block)
            except Exception as error:
                raise AssertionError(f"line {block.line}: {error}") from error
        while self.meanwhile:
            process, shown = self.meanwhile.pop()
            said = process.finish()
            if shown is not None:
                require_text(shown, said)

    def close(self) -> None:
        """End every process of the page."""
        if self._notebook is not None:
            self._notebook.close()
        for process in [*(each for each, _ in self.meanwhile), *self.servers]:
            process.stop()

    def port(self, shown: str) -> str:
        """The free port that a port on the page stands for."""
        return self.ports.setdefault(shown, str(free_port()))

    def learn(self, text: str) -> None:
        """Remember the last key and id of each kind in what was printed."""
        for found in (*_MINTED.finditer(text), *_ID.finditer(text)):
            kind = found[0][: found[0].rindex("_") + 1]
            self.known[kind] = found[0]

    def _run(self, block: Block) -> None:
        if block.directive("kill") == "server":
            self.servers.pop().kill()
        lines = lines_of(block)
        if not lines:
            self._kinds[block.language](block)
            return
        with answering(lines, url=self.url, admin_key=self.admin_key, before=self.before):
            self._kinds[block.language](block)

    def _commands(self, block: Block) -> None:
        *before, last = commands_of(block)
        runs_on = block.directive("meanwhile") is not None or block.directive("kill") == "agent"
        for command in (*before, last):
            text = self._meant(command.text)
            if text.startswith(("pip install ", "make ")):
                _require_known(text)
            elif _SERVES.match(text):
                self._serve(text, command.shown)
            elif runs_on and command is last:
                self._leave_running(text, command, kill=block.directive("kill") == "agent")
            else:
                said = self.shell.run(text, code=int(block.directive("exit") or 0))
                self._said(said, command.shown)

    def _serve(self, command: str, shown: str | None) -> None:
        server = self.shell.start(command)
        self.servers.append(server)
        until = time.monotonic() + _READY_SECONDS
        while "Stop it with Ctrl-C" not in server.output:
            assert server.alive, f"`{command}` ended:\n{server.output}"
            assert time.monotonic() < until, f"`{command}` is not ready:\n{server.output}"
            time.sleep(0.02)
        self._said(server.output, shown)

    def _leave_running(self, text: str, command: CommandLine, *, kill: bool) -> None:
        before = self._live_tasks()
        process = self.shell.start(text)
        self._await_asked(process, before)
        if kill:
            process.kill()
            self._said(process.output, command.shown)
        else:
            self.meanwhile.append((process, command.shown))

    def _await_asked(self, process: Background, before: frozenset[str]) -> None:
        """Wait until it asks somebody. One that asked before it was killed asks nothing new."""
        until = time.monotonic() + (_MOMENT_SECONDS if before else _READY_SECONDS)
        while not self._live_tasks() - before:
            assert process.alive, f"`{process.command}` ended at once:\n{process.output}"
            if time.monotonic() > until:
                assert before, f"`{process.command}` asks nobody:\n{process.output}"
                return
            time.sleep(0.05)

    def _live_tasks(self) -> frozenset[str]:
        headers = {"Authorization": f"Bearer {self.admin_key}"}
        found = httpx2.get(f"{self.url}/v1/tasks", params={"state": "live"}, headers=headers).json()
        return frozenset(task["id"] for task in found["tasks"])

    def _python(self, block: Block) -> None:
        code = self._meant(block.text)
        if name := block.directive("file"):
            compile(code, name, "exec")
            (self.shell.folder / name).write_text(code + "\n")
            return
        if self._notebook is None:
            self._notebook = Notebook(self.shell.folder, self.shell.env)
        said = self._notebook.run(code, env=self.settings, name=f"line {block.line}")
        self._said(said, None)

    def _http(self, block: Block) -> None:
        first, *head = block.text.partition("\n\n")[0].splitlines()
        body = self._meant(block.text.partition("\n\n")[2])
        headers = dict(line.split(": ", 1) for line in map(self._meant, head))
        if first.startswith("HTTP/1.1 "):
            self._require_response(int(first.split()[1]), headers, body)
            return
        method, path = self._meant(first).split()
        response = httpx2.request(
            method,
            f"{self.url}{path}",
            headers=headers | ({"Content-Type": "application/json"} if body else {}),
            content=body or None,
            timeout=60,
        )
        self.learn(response.text)
        self.last = Answered(text=response.text, response=response)

    def _require_response(self, status: int, headers: dict[str, str], body: str) -> None:
        assert self.last, "no request stands before this response"
        response = self.last.response
        assert response is not None, "no request stands before this response"
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        for name, value in headers.items():
            require_text(value, response.headers[name])
        if body:
            require_json(json.loads(body), response.json())

    def _json(self, block: Block) -> None:
        if name := block.directive("file"):
            json.loads(block.text)
            (self.shell.folder / name).write_text(block.text + "\n")
            return
        assert self.last is not None, "nothing stands before this output"
        require_json(json.loads(block.text), json.loads(self.last.text))

    def _text(self, block: Block) -> None:
        assert self.last is not None, "nothing stands before this output"
        require_text(block.text, self.last.text)

    def _said(self, text: str, shown: str | None) -> None:
        self.learn(text)
        self.last = Answered(text=text)
        if shown is not None:
            require_text(self._with_ports(shown), text)

    def _meant(self, text: str) -> str:
        """What the page's text stands for here."""
        return _ELIDED.sub(lambda found: self.known[found[1]], self._with_ports(text))

    def _with_ports(self, text: str) -> str:
        if self.postgres is not None:
            text = text.replace(SOME_POSTGRES, self.postgres)
        return _PORT.sub(lambda found: self.port(found[0]), text)


def _require_known(command: str) -> None:
    """Hold ``make VERB`` against the Makefile, and ``pip install`` against pyproject.toml."""
    words = shlex.split(command)
    if words[0] == "make":
        verbs = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
        wanted = [word for word in words[1:] if "=" not in word]
        assert set(wanted) <= set(verbs), f"the Makefile has no {wanted}; it has {verbs}"
        return
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for word in words[2:]:
        name, _, extras = word.rstrip("]").partition("[")
        assert name == project["name"], f"{name} is not what this repository makes"
        for extra in filter(None, extras.split(",")):
            assert extra in project["optional-dependencies"], f"there is no extra {extra}"


def _is_in_the_import_contract(block: Block) -> None:
    """An ``ini`` block quotes the import contract, line by line."""
    contract = (ROOT / ".importlinter").read_text()
    assert block.text in contract, "these lines are not in .importlinter"
