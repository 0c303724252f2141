"""HTML as the tests read it: a strict little tree, and which controls of a form are sent.

Strict, because a page that only a forgiving parser understands is a page that two browsers show
differently: every element must be closed where it was opened, and ids must be unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})
CONTROLS = frozenset({"input", "textarea", "select", "button"})
_BLOCKS = (
    "p div dl dt dd ul ol li section article form fieldset details pre table "
    "h1 h2 h3 nav main aside header footer label legend button"
)
_SPACED = frozenset(_BLOCKS.split())
_NOT_IN_P = _SPACED - {"label", "legend", "button", "dt", "dd", "li"}


@dataclass(eq=False)
class Node:
    """One element: its attributes, and its children, elements and texts in order."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    parent: Node | None = None

    def all(
        self, tag: str | None = None, when: Callable[[Node], bool] | None = None, **attrs: str
    ) -> list[Node]:
        """Every element below this one, in document order, that fits."""
        return [
            node
            for node in self._below()
            if (tag is None or node.tag == tag)
            and all(node.attrs.get(key.rstrip("_")) == value for key, value in attrs.items())
            and (when is None or when(node))
        ]

    def one(
        self, tag: str | None = None, when: Callable[[Node], bool] | None = None, **attrs: str
    ) -> Node:
        (found,) = self.all(tag, when, **attrs)
        return found

    def by_id(self, name: str) -> Node:
        return self.one(id=name)

    def classed(self, name: str) -> list[Node]:
        return self.all(when=lambda node: name in node.classes)

    @property
    def classes(self) -> list[str]:
        return self.attrs.get("class", "").split()

    @property
    def text(self) -> str:
        """The text as a reader gets it, white space folded."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        parts = (c if isinstance(c, str) else c.raw for c in self.children)
        inner = "".join(parts)
        return f"\n{inner}\n" if self.tag in _SPACED else inner

    def up(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def within(self, tag: str) -> Node | None:
        return next((node for node in self.up() if node.tag == tag), None)

    def _below(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child._below()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("#root")
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> names an attribute twice: {names}"
        if tag in _NOT_IN_P:
            assert self._open.tag != "p", f"<{tag}> inside <p>: a browser would close the <p>"
        node = Node(tag, {name: value or "" for name, value in attrs}, parent=self._open)
        self._open.children.append(node)
        if tag not in VOID:
            self._open = node

    def handle_endtag(self, tag: str) -> None:
        assert self._open.tag == tag, f"</{tag}> closes <{self._open.tag}>"
        assert self._open.parent is not None
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


def parse(html: str) -> Node:
    """Parse a page, or fail on anything a browser would have to guess about."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.root is builder._open, f"<{builder._open.tag}> is never closed"
    ids = [node.attrs["id"] for node in builder.root.all() if "id" in node.attrs]
    assert len(ids) == len(set(ids)), f"an id stands twice in {ids}"
    return builder.root


def successful(form: Node, button: Node | None, typed: dict[int, str]) -> list[tuple[str, str]]:
    """The pairs a browser sends for a form: successful controls only, line ends as CRLF.

    :param button: the button pressed; no other one is sent.
    :param typed: what a person put into a control, by ``id(node)``; ``on``/``off`` for boxes.
    """
    sent: list[tuple[str, str]] = []
    for node in form.all(when=lambda each: each.tag in CONTROLS):
        name = node.attrs.get("name", "")
        if not name or "disabled" in node.attrs:
            continue
        value = _value(node, button, typed.get(id(node)))
        if value is not None:
            sent.append((_crlf(name), _crlf(value)))
    return sent


def _value(node: Node, button: Node | None, typed: str | None) -> str | None:
    kind = node.attrs.get("type", "text")
    match node.tag:
        case "button":
            return node.attrs.get("value", "") if node is button else None
        case "select":
            return typed if typed is not None else _selected(node)
        case "textarea":
            return typed if typed is not None else _unescaped_newline(node.raw)
        case _ if kind in ("checkbox", "radio"):
            on = typed == "on" if typed is not None else "checked" in node.attrs
            return node.attrs.get("value", "on") if on else None
        case _:
            return _sanitized(kind, typed if typed is not None else node.attrs.get("value", ""))


def _selected(node: Node) -> str:
    options = node.all("option")
    chosen = [option for option in options if "selected" in option.attrs] or options[:1]
    return chosen[-1].attrs["value"]


def _unescaped_newline(text: str) -> str:
    """A newline right after ``<textarea>`` is not part of its value."""
    return text.removeprefix("\n")


def _sanitized(kind: str, value: str) -> str:
    """What the value sanitization of HTML makes of the value of an input."""
    if kind == "hidden":
        return value
    value = value.replace("\r", "").replace("\n", "")
    if kind in ("email", "url"):
        return value.strip("\t\n\f\r ")
    if kind == "date":
        return value if len(value) == 10 else ""
    return value


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
