"""The reference page: the OpenAPI document as one page of plain HTML, made once at start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from signoff.errors import by_code
from signoff.server import problems

STYLE_PATH = "/docs/reference.css"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
}

Schema = Mapping[str, Any]


def page(html: str) -> Response:
    """The page with the headers a page needs beyond those of every answer."""
    return HTMLResponse(html, headers=dict(HEADERS))


@cache
def style() -> bytes:
    return (files(__package__) / "static" / "reference.css").read_bytes()


def render(document: Schema) -> str:
    """Render the page."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"kind": kind_of, "prose": prose}
    template = environment.get_template("reference.html")
    return template.render(
        info=document["info"],
        nouns=list(_nouns(document)),
        schemas=document["components"]["schemas"],
        problems=sorted(_problems(), key=lambda row: (row["status"], row["code"])),
        style=STYLE_PATH,
    )


def _nouns(document: Schema) -> Iterator[dict[str, Any]]:
    """The operations noun by noun, each with its method and path."""
    for tag in document["tags"]:
        rows = [
            {"method": method.upper(), "path": path, **operation}
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        yield {"name": tag["name"], "says": tag["description"], "operations": rows}


def _problems() -> Iterator[dict[str, Any]]:
    for code, kind in by_code().items():
        yield {"code": code, "status": problems.status_of(kind), "title": kind.title}


def prose(text: str) -> Markup:
    """A description as HTML: what stands between backticks is code, the rest plain text."""
    parts = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def kind_of(schema: Schema) -> str:
    """What a value is, in a few words: ``string``, ``Task or null``, ``list of string``."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(kind_of(each) for each in schema[union]))
    if "enum" in schema:
        return " | ".join("null" if each is None else str(each) for each in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {kind_of(schema.get('items') or {})}"
        case str() as named:
            return named
        case _:
            return "any JSON"
