"""Commands run in this process, against a server that is a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from signoff.cli.program import run
from tests.cli.served import Served, serving

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def problem(self) -> Any:
        """The one problem on stderr."""
        assert self.out == ""
        return json.loads(self.err)


class Terminal:
    """Runs command lines with one key."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        server: Served,
    ) -> None:
        self.server = server
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, key: str | None = None) -> Ran:
        self._monkeypatch.setenv("SIGNOFF_URL", self.server.url)
        self._monkeypatch.setenv("SIGNOFF_KEY", key or self.server.admin_key)
        self._capsys.readouterr()
        code = run(arguments)
        out, err = self._capsys.readouterr()
        return Ran(code=code, out=out, err=err)

    def person(self, *roles: str) -> tuple[str, str]:
        """Somebody new: their mail address and a key of theirs."""
        email = f"person{next(_numbers)}@acme.test"
        options = [word for role in roles for word in ("--role", role)]
        assert self("people", "add", "--email", email, *options).code == 0
        made = self("keys", "create", "--kind", "person", "--person", email, "--json").json
        return email, made["key"]

    def agent(self) -> str:
        """The key of a new agent."""
        address = f"agent://default/main/agent{next(_numbers)}"
        made = self("keys", "create", "--kind", "agent", "--agent", address, "--json").json
        return str(made["key"])


class Here:
    """Runs command lines without a server or a key; ``given`` are settings of the environment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in environment_settings():
            monkeypatch.delenv(name)

    def __call__(self, *arguments: str, **given: str) -> Ran:
        self._capsys.readouterr()
        with self._monkeypatch.context() as patched:
            for name, value in given.items():
                patched.setenv(name, value)
            code = run(arguments)
        out, err = self._capsys.readouterr()
        return Ran(code=code, out=out, err=err)


def environment_settings() -> list[str]:
    return [name for name in os.environ if name.startswith("SIGNOFF_")]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(monkeypatch, capsys)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture
def signoff(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: Served
) -> Terminal:
    return Terminal(monkeypatch, capsys, server)
