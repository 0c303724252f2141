"""Files that people write: YAML, or JSON, which is YAML too; and what an address answers.

Of YAML only what JSON has is read: text, numbers, truth, nothing, lists and objects. So a day is
text and not a date, ``09:00`` is no number, and ``no`` is the word.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import typer
import yaml

LARGEST = 256 * 1024
"""So many bytes of a file or an answer are read at most."""

PATIENCE = httpx2.Timeout(10.0)
_WEB = ("http", "https")


class _Loader(yaml.SafeLoader):
    """Reads what JSON has, and refuses a name that is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[str, Any] = {}
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a name must be text", name.start_mark
                )
            if name.value in found:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name.value!r} is there twice", name.start_mark
                )
            found[name.value] = self.construct_object(value, deep=True)
        return found


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|false|False", "tTfF"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
    ("null", r"~|null|Null|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


def read_document(name: str) -> dict[str, Any]:
    """Read the object in a file; ``-`` is standard input.

    :raises typer.BadParameter: no such file, or it holds no object.
    """
    found = parse(read_text(name), name=name)
    if not isinstance(found, dict):
        raise typer.BadParameter(f"{name} must hold an object, such as `zone: Europe/Berlin`")
    return found


def parse(text: str, *, name: str) -> Any:
    """The value that YAML or JSON text stands for.

    :param name: what the text is called where it cannot be read.
    :raises typer.BadParameter: it is neither.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506  (a safe loader, and less than that)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise typer.BadParameter(f"{name} is no YAML: {where}{error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{name} is no YAML: {error}") from None


def written(document: Any) -> str:
    """A document as YAML that reads back as the same."""
    plain = json.loads(json.dumps(document))
    return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=10_000))


def read_text(name: str) -> str:
    """The text of a file, ``-`` for standard input, with a limit to its size.

    :raises typer.BadParameter: no such file, too large, or no UTF-8 text.
    """
    try:
        if name == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as error:
        raise typer.BadParameter(f"cannot read {name}: {error.strerror}") from None
    return _text(content, name)


def fetch_text(address: str) -> str:
    """What an address answers, over http or https; ``webcal`` means https.

    :raises typer.BadParameter: it cannot be fetched, or is too large.
    """
    if address.startswith("webcal://"):
        address = f"https://{address.removeprefix('webcal://')}"
    try:
        with (
            httpx2.Client(timeout=PATIENCE, follow_redirects=True, max_redirects=5) as http,
            http.stream("GET", address) as response,
        ):
            if not response.is_success:
                raise typer.BadParameter(f"{address} answered {response.status_code}")
            return _text(_body(response), address)
    except httpx2.UnsupportedProtocol:
        raise typer.BadParameter(f"{address} leads to what is no web address") from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        reason = type(error).__name__
        raise typer.BadParameter(f"no answer from {address} ({reason})") from None


def is_address(name: str) -> bool:
    """Whether it is an address to fetch rather than the name of a file."""
    return urlsplit(name).scheme in (*_WEB, "webcal")


def _body(response: httpx2.Response) -> bytes:
    content = b""
    for piece in response.iter_bytes():
        content += piece
        if len(content) > LARGEST:
            break
    return content


def _text(content: bytes, name: str) -> str:
    if len(content) > LARGEST:
        raise typer.BadParameter(f"{name} is larger than {LARGEST // 1024} kB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{name} is not UTF-8 text") from None
