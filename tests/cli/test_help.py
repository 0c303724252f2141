"""Every command, argument and option says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from signoff.cli.program import app


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

    assert without == {"serve"}
