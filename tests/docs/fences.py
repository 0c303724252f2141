"""Reads the code blocks of a Markdown page, strictly: what cannot be run is refused, not skipped.

A block is a fence of three backticks at the left margin with a language this module knows. Tilde
fences, indented fences, indented code and HTML code would escape the runner, so they are errors.
Directives are HTML comments in front of a block; readers do not see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = frozenset({"console", "bash", "python", "http", "json", "text", "ini", "mermaid"})
DIRECTIVES = frozenset({"file", "person", "exit", "meanwhile", "kill", "postgres", "generated"})

_FENCE = re.compile(r"^```(?P<language>[a-z]*)$")
_DIRECTIVE = re.compile(r"^<!-- (?P<word>[a-z]+)(?:: (?P<rest>.*))? -->$")
_ESCAPES = re.compile(r"^\s*(~~~|`{4,})|^\s+```|<(pre|code)\b|^```")


class BadPage(Exception):
    """A page that cannot be run as a whole; the message says which line, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One instruction to the runner."""

    word: str
    rest: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fence with the directives in front of it. ``line`` is where its text begins."""

    language: str
    text: str
    line: int
    directives: tuple[Directive, ...]

    def directive(self, word: str) -> str | None:
        """What the directive says, an empty string where it only stands there, or None."""
        return next((each.rest for each in self.directives if each.word == word), None)


def blocks_of(page: Path) -> tuple[Block, ...]:
    """Every block of a page, in order.

    :raises BadPage: something on it would escape the runner.
    """
    return tuple(_blocks(page.read_text(encoding="utf-8"), page.name))


def _blocks(text: str, name: str) -> Iterator[Block]:
    lines = iter(enumerate(text.splitlines(), start=1))
    directives: list[Directive] = []
    before = ""
    for number, line in lines:
        where = f"{name}:{number}"
        if fence := _FENCE.fullmatch(line):
            language = fence["language"]
            if language not in LANGUAGES:
                raise BadPage(f"{where}: a block of {language or 'no language'} cannot be run")
            body = "\n".join(_until_closed(lines, where))
            yield Block(language=language, text=body, line=number + 1, directives=tuple(directives))
            directives = []
        elif line.startswith("<!--"):
            found = _directive(line, number, where)
            directives += [] if found.word == "generated" else [found]
        else:
            _require_prose(line, before, where)
            if line.strip() and directives:
                raise BadPage(f"{where}: the directive in front of this belongs to no block")
        before = line
    if directives:
        raise BadPage(f"{name}: the last directive belongs to no block")


def _until_closed(lines: Iterator[tuple[int, str]], where: str) -> Iterator[str]:
    for _, line in lines:
        if line == "```":
            return
        yield line
    raise BadPage(f"{where}: this block is never closed")


def _directive(line: str, number: int, where: str) -> Directive:
    found = _DIRECTIVE.fullmatch(line)
    if found is None or found["word"] not in DIRECTIVES:
        raise BadPage(f"{where}: {line} is no directive of the runner")
    return Directive(word=found["word"], rest=found["rest"] or "", line=number)


def _require_prose(line: str, before: str, where: str) -> None:
    if _ESCAPES.search(line):
        raise BadPage(f"{where}: {line.strip()!r} would escape the runner")
    if line.startswith(("    ", "\t")) and not before.strip():
        raise BadPage(f"{where}: indented code would escape the runner; use a fence")
