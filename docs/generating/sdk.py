"""sdk.md: every public name of the SDK with its signature and its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import signoff
from generating.markdown import code, described, doc_of, document, table
from signoff.client import _questions as questions

_INTRO = """What `import signoff` has. Importing it is light: one HTTP client, nothing of the
server.

The eight ways to ask take what is listed under [What a question takes](#what-a-question-takes).
`SyncClient` and `SyncRun` have the same names as `Client` and `Run`, without `await`."""

_TWINS = {"SyncClient": "Client", "SyncRun": "Run"}


def page() -> str:
    """The page, with every public name."""
    named = {name: getattr(signoff, name) for name in sorted(signoff.__all__)}
    errors = {name: each for name, each in named.items() if _is_error(each)}
    results = {name: each for name, each in named.items() if _is_result(each)}
    rest = {name: each for name, each in named.items() if name not in {**errors, **results}}
    functions = {name: each for name, each in rest.items() if not inspect.isclass(each)}
    classes = {name: each for name, each in rest.items() if inspect.isclass(each)}
    parts = [
        _section("Functions", functions),
        _section("Clients, runs and documents", classes),
        _section("Decisions", results),
        "## What a question takes",
        *(_fields(each) for each in (questions.AskFields, *questions.FIELDS.values())),
        "## Errors",
        "All of them are in `signoff.errors`, and these in `signoff` too. See [errors](errors.md).",
        table(
            ("class", "code", "meaning"),
            ((code(n), code(e.code), described(doc_or_title(e))) for n, e in errors.items()),
        ),
    ]
    return document("SDK", _INTRO, parts)


def doc_or_title(error: type[signoff.SignoffError]) -> str:
    """What an error means: its title says it in a few words."""
    return error.title


def _is_error(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, signoff.SignoffError)


def _is_result(thing: object) -> bool:
    result = (signoff.Decision, signoff.Evidence)
    return inspect.isclass(thing) and issubclass(thing, result)


def _section(title: str, named: dict[str, Any]) -> str:
    return "\n\n".join([f"## {title}", *(_thing(name, each) for name, each in named.items())])


def _thing(name: str, thing: Any) -> str:
    head = f"### {name}"
    if name in _TWINS:
        twin = _TWINS[name]
        _require_documented(thing, name)
        return f"{head}\n\nThe twin of [{twin}](#{twin.lower()}). {_says(thing, name)}"
    doc = _says(thing, name)
    if not inspect.isclass(thing):
        return f"{head}\n\n{code(_signature(name, thing))}\n\n{doc}"
    made = [] if _is_result(thing) or _is_document(thing) else [code(_signature(name, thing))]
    members = [_member(name, *each) for each in _members(thing)]
    listed = [_listed(thing)] if _is_document(thing) else []
    return "\n\n".join([head, *made, doc, *listed, *members])


def _says(thing: object, name: str) -> str:
    return described(doc_of(thing, name=name))


def _is_document(thing: type) -> bool:
    return hasattr(thing, "__required_keys__")


def _listed(document_type: type) -> str:
    names = document_type.__annotations__
    return "Keys: " + ", ".join(code(name) for name in names) + "."


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties, those of the class first, in the order they are written."""
    seen: set[str] = set()
    for each in cls.__mro__[:-1]:
        if not each.__module__.startswith("signoff"):
            continue
        for name, member in vars(each).items():
            if name.startswith("_") or name in seen:
                continue
            if inspect.isfunction(member) or isinstance(member, property):
                seen.add(name)
                yield name, member


def _member(owner: str, name: str, member: Any) -> str:
    where = f"{owner}.{name}"
    if isinstance(member, property):
        says = described(doc_of(member.fget, name=where)) if _has_doc(member) else ""
        return f"- {code(where)}{': ' + says if says else ''}"
    return f"#### {code(_signature(where, member))}\n\n{described(doc_of(member, name=where))}"


def _has_doc(member: property) -> bool:
    return bool(member.fget and member.fget.__doc__)


def _require_documented(cls: type, owner: str) -> None:
    for name, member in _members(cls):
        if not isinstance(member, property):
            doc_of(member, name=f"{owner}.{name}")


def _signature(name: str, thing: Callable[..., Any]) -> str:
    found = inspect.signature(thing)
    kept = [each for each in found.parameters.values() if each.name != "self"]
    text = str(found.replace(parameters=kept, return_annotation=inspect.Signature.empty))
    returns = found.return_annotation
    told = "" if returns is inspect.Signature.empty or inspect.isclass(thing) else f" -> {returns}"
    awaited = "await " if inspect.iscoroutinefunction(thing) else ""
    return f"{awaited}{name}{text.replace(chr(39), '')}{told}"


def _fields(fields: type) -> str:
    own = set(fields.__annotations__)
    if fields is not questions.AskFields:
        own -= set(questions.AskFields.__annotations__)
    doc = described(doc_of(fields, name=fields.__name__))
    names = ", ".join(code(name) for name in fields.__annotations__ if name in own)
    return f"### {fields.__name__}\n\n{doc}\n\nNames: {names}."
