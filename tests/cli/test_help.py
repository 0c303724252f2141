"""Every command, argument and option says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

import pytest
import typer.main

from signoff.cli.failures import OK, USAGE
from signoff.cli.program import app, run


def commands(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    yield " ".join(path), node
    for name, child in getattr(node, "commands", {}).items():
        yield from commands(child, (*path, name))


EVERYTHING = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_command_says_what_it_does(name: str) -> None:
    assert EVERYTHING[name].help


@pytest.mark.parametrize("name", EVERYTHING)
def test_an_option_says_what_it_is_for(name: str) -> None:
    silent = [
        parameter.name
        for parameter in EVERYTHING[name].params
        if getattr(parameter, "opts", None)
        and parameter.opts[0].startswith("--")
        and not getattr(parameter, "help", None)
        and not getattr(parameter, "hidden", False)
    ]

    assert silent == []


def test_whatever_prints_facts_prints_them_as_json_too() -> None:
    without = {
        name
        for name, command in EVERYTHING.items()
        if not getattr(command, "commands", None)
        and "as_json" not in [parameter.name for parameter in command.params]
    }

    assert without == {"serve", VERIFIER}


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == OK

    assert capsys.readouterr().out == f"signoff {metadata.version('signoff')}\n"


VERIFIER = "audit verify"
"""It runs by itself, without any of this, and its own tests say what it does."""
LEAVES = [
    name
    for name, node in EVERYTHING.items()
    if not getattr(node, "commands", None) and name != VERIFIER
]


@pytest.mark.parametrize("name", LEAVES)
def test_an_option_nobody_knows_is_wrong_usage(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*name.split(), "--nonsense"]) == USAGE

    out, err = capsys.readouterr()
    assert out == ""
    assert "--nonsense" in err
    assert "next: add --help" in err


@pytest.mark.parametrize("name", LEAVES)
def test_what_a_command_must_be_told_is_asked_for(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIGNOFF_KEY", raising=False)
    if name in ("serve", "init", "demo", "db migrate", "db check", "db scrub", "audit fsck"):
        return  # everything they need has a default

    assert run(name.split()) == USAGE

    out, err = capsys.readouterr()
    assert out == ""
    assert "Missing" in err or "no key: set SIGNOFF_KEY" in err
