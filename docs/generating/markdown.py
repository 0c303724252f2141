"""The little Markdown the generated pages need."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

_PARAM = re.compile(r"^:(?P<word>param|ivar|raises|returns?)\b\s*(?P<name>[^:]*):\s*(?P<text>.*)$")
_LITERAL = re.compile(r"``([^`]+)``")


class Undocumented(Exception):
    """Something public has no description; say so to whoever added it."""


def document(title: str, intro: str, parts: Iterable[str]) -> str:
    """A whole page."""
    notice = "<!-- generated: by docs/generate.py; change the code, then run make docs -->"
    return "\n\n".join([f"# {title}", notice, intro, *parts]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are escaped."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(_cell(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def code(text: object) -> str:
    """Inline code."""
    return f"`{text}`"


def summary(thing: object, *, name: str) -> str:
    """The first paragraph of a docstring, as one line.

    :raises Undocumented: there is none.
    """
    paragraphs = doc_of(thing, name=name).split("\n\n")
    return plain(" ".join(paragraphs[0].split()))


def doc_of(thing: object, *, name: str) -> str:
    """The docstring of a class, function or module itself, not of its parents.

    :raises Undocumented: there is none.
    """
    text = getattr(thing, "__doc__", None)
    made_up = inspect.isclass(thing) and text and text.startswith(f"{thing.__name__}(")
    if not text or made_up:
        raise Undocumented(f"{name} has no docstring")
    return inspect.cleandoc(text)


def plain(text: str) -> str:
    """Docstring markup as Markdown."""
    return _LITERAL.sub(r"`\1`", text)


def described(text: str) -> str:
    """A docstring as Markdown: its prose, then its fields as a list."""
    prose: list[str] = []
    fields: list[str] = []
    for line in text.splitlines():
        if found := _PARAM.match(line):
            fields.append(_field(found["word"], found["name"].strip(), found["text"]))
        elif fields and line.startswith(" "):
            fields[-1] += f" {line.strip()}"
        else:
            prose.append(line)
    body = _reflowed("\n".join(prose))
    return plain("\n\n".join(part for part in (body, "\n".join(fields)) if part))


def _reflowed(text: str) -> str:
    """Paragraphs as lines; an indented example becomes inline code, a line each."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.splitlines()
        if lines and all(line.startswith("    ") for line in lines):
            parts.append("\n".join(f"- `{line.strip()}`" for line in lines))
        elif lines and lines[0].startswith("* "):
            parts.append("\n".join(_bullets(lines)))
        else:
            parts.append(" ".join(paragraph.split()).replace("::", ":"))
    return "\n\n".join(parts)


def _bullets(lines: Iterable[str]) -> Iterator[str]:
    item = ""
    for line in lines:
        if line.startswith("* "):
            if item:
                yield item
            item = f"- {line[2:].strip()}"
        else:
            item += f" {line.strip()}"
    yield item


def _field(word: str, name: str, text: str) -> str:
    if word in ("param", "ivar"):
        return f"- `{name}`: {text}"
    if word == "raises":
        return f"- raises `{name}`: {text}"
    return f"- returns {text}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
