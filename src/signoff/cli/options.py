"""The options that many commands share, spelled once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON document per line.")]
Url = Annotated[
    str,
    typer.Option("--url", envvar="SIGNOFF_URL", help="Where the server is.", metavar="URL"),
]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="SIGNOFF_KEY", help="The API key to use.", show_envvar=True),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many rows.")]

DEFAULT_URL = "http://127.0.0.1:8600"


def read_json(text: str | None, *, option: str) -> Any:
    """Read a JSON value, or the file named by ``@file`` (``@-`` is standard input).

    :raises typer.BadParameter: no such file, or no JSON.
    """
    if text is None:
        return None
    if text.startswith("@"):
        text = _contents(text[1:], option=option)
    try:
        return json.loads(text)
    except ValueError as error:
        hint = f'{option} must be JSON, such as \'{{"answer": "yes"}}\', or @FILE: {error}'
        raise typer.BadParameter(hint) from None


def _contents(name: str, *, option: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise typer.BadParameter(f"{option}: cannot read {name}: {reason}") from None
