"""task-types.md: the eight types, their outcomes, what they demand and what only they read."""

from __future__ import annotations

from dataclasses import MISSING, fields

from generating.markdown import code, described, doc_of, document, table
from signoff.core.tasks import KINDS
from signoff.core.words import TaskType

_INTRO = """A task is one request to people. Its type decides which outcomes it has, which of them
is the go-ahead, and what an answer must hold. A task may narrow this with `outcomes`,
`comment: "required"`, `evidence: "required"` and a JSON Schema in `schema`; it can never widen it.

An answer that does not satisfy its task is refused with every field that is wrong, and nothing is
recorded. Running out of time never counts as the go-ahead."""


def page() -> str:
    """The page, with every type."""
    return document("Task types", _INTRO, [_overview(), *(_type(each) for each in TaskType)])


def _overview() -> str:
    rows = (
        (
            f"[{code(name)}](#{name})",
            ", ".join(code(outcome) for outcome in kind.OUTCOMES),
            ", ".join(code(outcome) for outcome in sorted(kind.FAVOURABLE)),
            ", ".join(code(each) for each in kind.OUTCOMES if each in kind.NEEDS_COMMENT) or "none",
        )
        for name, kind in KINDS.items()
    )
    return table(("type", "outcomes", "go-ahead", "need a comment"), rows)


def _type(name: TaskType) -> str:
    kind = KINDS[name]
    spec, answer = kind.Spec, kind.__dict__["Answer"]
    rows = [
        (code(field.name), "yes" if _needed(field) else "no") for field in fields(spec)
    ]  # fmt: skip
    parts = [
        f"## {name}",
        described(doc_of(kind, name=f"signoff.core.tasks.{name}")),
        f"Fields only this type reads. {described(doc_of(spec, name=f'{name}.Spec'))}",
        table(("field", "taken from the title or the request when it is left out"), rows),
        f"The answer. {described(doc_of(answer, name=f'{name}.Answer'))}",
        f"{described(doc_of(kind.parse, name=f'{name}.parse'))}",
        f"{described(doc_of(kind.conclude, name=f'{name}.conclude'))}",
    ]
    return "\n\n".join(parts)


def _needed(field: object) -> bool:
    default = getattr(field, "default", MISSING)
    return default is MISSING
