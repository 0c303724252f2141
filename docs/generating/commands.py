"""cli.md: every command of the `signoff` program, from the program itself."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import typer

from generating.markdown import Undocumented, code, document, plain, table
from signoff.cli.program import app

_INTRO = """`signoff --help` and `signoff COMMAND --help` say the same at the terminal. With
`--json` a command prints one JSON document on standard output; errors go to standard error with the
next step to take. The exit codes are listed under [Errors](errors.md)."""

_SHARED = ("url", "key", "as_json")


def page() -> str:
    """The page, with every command."""
    root = typer.main.get_command(app)
    parts = [_shared(root), *(_command(path, found) for path, found in _walk(root, "signoff"))]
    return document("The signoff command", _INTRO, parts)


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _walk(child, f"{path} {name}")


def _command(path: str, command: Any) -> str:
    if not command.help:
        raise Undocumented(f"`{path}` has no help")
    own = [each for each in command.params if each.name not in _SHARED and not _hidden(each)]
    arguments = " ".join(_place(each) for each in own if _is_argument(each))
    shared = [each for each in command.params if each.name in _SHARED]
    parts = [f"## {code(f'{path} {arguments}'.strip())}", plain(command.help)]
    rows = [_row(path, each) for each in own]
    if rows:
        parts.append(table(("argument or option", "meaning", "default"), rows))
    if shared:
        parts.append("Also " + ", ".join(code(each.opts[0]) for each in shared) + ".")
    return "\n\n".join(parts)


def _row(path: str, param: Any) -> tuple[str, str, str]:
    if not param.help:
        raise Undocumented(f"`{path}` does not say what {param.name} is")
    name = _place(param) if _is_argument(param) else _names(param)
    default = getattr(param.default, "value", param.default)
    shown = "" if default in (None, False, [], ()) or callable(default) else code(default)
    return code(name), plain(param.help), "required" if param.required else shown


def _names(param: Any) -> str:
    spelled = "/".join([*param.opts, *param.secondary_opts])
    if getattr(param, "is_flag", False):
        return spelled
    return f"{spelled} {_metavar(param)}"


def _metavar(param: Any) -> str:
    if param.metavar:
        return str(param.metavar)
    kind = param.type_descriptor.annotation
    kind = next(iter(get_args(kind)), kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(member.value) for member in kind)
    return {int: "NUMBER", float: "SECONDS"}.get(kind, "TEXT")


def _place(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _hidden(param: Any) -> bool:
    return bool(getattr(param, "hidden", False)) or param.name == "help"


def _shared(root: Any) -> str:
    seen: dict[str, tuple[str, str, str]] = {}
    for path, command in _walk(root, "signoff"):
        for param in command.params:
            if param.name in _SHARED and param.name not in seen:
                variable = code(param.envvar) if param.envvar else ""
                seen[param.name] = (code(_names(param)), plain(param.help or path), variable)
    rows = [seen[name] for name in _SHARED]
    return f"## Options of many commands\n\n{table(('option', 'meaning', 'variable'), rows)}"
